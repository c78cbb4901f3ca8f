import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pointedAt } from '../../src/update/durable.ts';
import { placesOf } from '../../src/update/places.ts';
import { debianArch } from '../../src/update/release.ts';
import { readReady } from '../../src/update/trial.ts';
import { signer } from '../support/minisign.ts';
import { startProgram, type Program } from './program.ts';
import type { World } from './world.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** What is wrong with a version: a text of a file of it, and what stands there instead. */
export type Change = readonly [file: string, text: string, instead: string];

/** It does all but to say that it works. */
export const NEVER_PROVES: Change = ['src/update/proving.ts', 'const LOOKS = 3', 'const LOOKS = 1e9'];
const END_OF_MIGRATIONS = '\n];\n\n/** What this program writes';

/** It changes how the database is made. */
export function migration(sql: string): Change {
  return ['src/store/migrations.ts', END_OF_MIGRATIONS, `\n  '${sql}',${END_OF_MIGRATIONS}`];
}

/** A hub that is installed in the folder of a world, as several versions of the real program. */
export class InstalledHub {
  readonly root: string;
  readonly #folder: string;
  readonly #signer = signer();

  /** Has the config of the world trust the updates of this hub. */
  constructor({ folder, configFile }: World, version: string) {
    this.#folder = folder;
    this.root = path.join(folder, 'opt');
    makeTree(placesOf(this.root).folderOf(version), version, []);
    for (const link of ['current', 'proven']) symlinkSync(`versions/${version}`, path.join(this.root, link));
    const config = JSON.parse(readFileSync(configFile, 'utf8')) as object;
    const update = { public_keys: [this.#signer.publicKey] };
    writeFileSync(configFile, JSON.stringify({ ...config, update }));
  }

  /** The version that would be started now. */
  get version(): string | null {
    return pointedAt(placesOf(this.root).current);
  }

  /** The version that is unpacked and waits. */
  get readyVersion(): string | undefined {
    return readReady(this.root)?.to;
  }

  /** An archive of a version that differs from this one in `changes`, with its signature beside it. */
  archive(version: string, changes: readonly Change[] = []): string {
    const tree = path.join(this.#folder, `tree-${version}`);
    const file = path.join(this.#folder, `lockhub_${version}.tar.gz`);
    makeTree(tree, version, changes);
    execFileSync('tar', ['-czf', file, '-C', tree, '.']);
    rmSync(tree, { recursive: true });
    const content = readFileSync(file);
    const comment = `version:${version} arch:${debianArch(process.arch)} bytes:${content.length}`;
    writeFileSync(`${file}.minisig`, this.#signer.sign(content, comment));
    return file;
  }

  /** Runs a command of the version that has proved itself. */
  lockhub(...args: readonly string[]): Program {
    return startProgram(path.join(placesOf(this.root).proven, 'scripts', 'lockhub'), args);
  }
}

function makeTree(folder: string, version: string, changes: readonly Change[]): void {
  mkdirSync(path.join(folder, 'scripts'), { recursive: true });
  for (const part of ['src', 'drivers', 'scripts/lockhub']) {
    cpSync(path.join(REPOSITORY, part), path.join(folder, part), { recursive: true });
  }
  symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ version, type: 'module' }));
  for (const [file, text, instead] of changes) {
    const before = readFileSync(path.join(folder, file), 'utf8');
    if (!before.includes(text)) throw new Error(`${file} lacks what is to be changed: ${text}`);
    writeFileSync(path.join(folder, file), before.replace(text, instead));
  }
}
