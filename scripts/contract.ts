import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { contractFiles, GENERATED } from '../src/cloud/contract/files.ts';

// Writes the contract as files, or with `--check` says which of those that are there differ from it.

const folder = path.join(import.meta.dirname, '../src/cloud/contract');
const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
const wanted = contractFiles();
const present = new Set(GENERATED.flatMap((name) => filesBelow(name)));
const stale = [
  ...[...wanted].filter(([name, text]) => !present.has(name) || textOf(name) !== text).map(([name]) => name),
  ...[...present].filter((name) => !wanted.has(name)),
].sort();

if (check) {
  for (const name of stale)
    process.stderr.write(`src/cloud/contract/${name} is not what scripts/contract makes.\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const name of stale) {
    const text = wanted.get(name);
    if (text === undefined) rmSync(path.join(folder, name));
    else write(path.join(folder, name), text);
  }
}
process.stdout.write(`${wanted.size} files, ${stale.length} ${check ? 'to be made anew' : 'made anew'}.\n`);

function filesBelow(name: string): readonly string[] {
  const stat = statSync(path.join(folder, name), { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (stat.isFile()) return [name];
  return readdirSync(path.join(folder, name)).map((file) => `${name}/${file}`);
}

function textOf(name: string): string {
  return readFileSync(path.join(folder, name), 'utf8');
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
