import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { compileShim, Power } from '../support/power/power.ts';
import { seededDraw } from '../support/seeded-draw.ts';

const CUTS = 40;

/** What the program does before its power is cut, line by line with `fs`; `old` is there and synced. */
const PROGRAM = `
const fs = require('node:fs');
const sync = (file) => { const fd = fs.openSync(file, 'r+'); fs.fsyncSync(fd); fs.closeSync(fd); };
const syncFolder = () => { const fd = fs.openSync('.', 'r'); fs.fsyncSync(fd); fs.closeSync(fd); };
for (const name of ['old', 'renamed', 'removed', 'appended', 'cut']) { fs.writeFileSync(name, 'a'.repeat(5000)); sync(name); }
syncFolder();
fs.writeFileSync('synced', 'b'.repeat(5000)); sync('synced'); syncFolder();
fs.writeFileSync('old', 'c'.repeat(5000));
fs.appendFileSync('appended', 'd'.repeat(5000));
fs.truncateSync('cut', 10);
fs.writeFileSync('made', 'e'.repeat(5000)); sync('made');
fs.renameSync('made', 'renamed');
fs.unlinkSync('removed');
`;

test('a power cut takes back what was not synced, in parts, and nothing else', () => {
  const draw = seededDraw(1);
  const tools = mkdtempSync(path.join(os.tmpdir(), 'lockhub-shim-'));
  const shim = compileShim(tools);
  const seen = new Map<string, Set<string>>();
  for (let cut = 0; cut < CUTS; cut += 1) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-cut-'));
    const power = new Power(folder, shim);
    execFileSync(process.execPath, ['-e', PROGRAM], { cwd: folder, env: { ...process.env, ...power.env } });
    power.cut(draw);
    for (const name of ['old', 'synced', 'appended', 'cut', 'made', 'renamed', 'removed']) {
      seen.set(name, (seen.get(name) ?? new Set()).add(look(path.join(folder, name))));
    }
    power.end();
    rmSync(folder, { recursive: true });
  }
  rmSync(tools, { recursive: true });
  const outcomes = Object.fromEntries([...seen].map(([name, looks]) => [name, [...looks].toSorted()]));
  expect(outcomes).toMatchObject({
    synced: ['5000 b'],
    removed: ['5000 a', 'none'],
    // One of the two is the file of that name before, the other what was synced under its first name.
    renamed: ['5000 a', '5000 e'],
    made: ['5000 e', 'none'],
    cut: ['10 a', '5000 a'],
  });
  expect(outcomes['old']).toEqual(expect.arrayContaining(['5000 a', '5000 c', '0 ']));
  expect(outcomes['old']?.length, 'parts of it').toBeGreaterThan(4);
  expect(outcomes['appended']).toEqual(expect.arrayContaining(['5000 a', '10000 ad']));
  expect(outcomes['appended']?.length, 'parts of it').toBeGreaterThan(4);
});

/** Its length and the letters in it, in order; a hole is a dot. */
function look(file: string): string {
  if (!existsSync(file)) return 'none';
  const text = readFileSync(file, 'latin1').replaceAll('\0', '.');
  return `${text.length} ${text.replaceAll(/(.)\1+/g, '$1')}`;
}
