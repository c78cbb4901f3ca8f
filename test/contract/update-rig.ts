import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { loadConfig, type Config } from '../../src/config.ts';
import { holdData, openData } from '../../src/data.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { pointedAt, writeJson } from '../../src/update/durable.ts';
import { makeInbox } from '../../src/update/offer.ts';
import { inboxOf, placesOf } from '../../src/update/places.ts';
import { debianArch } from '../../src/update/release.ts';
import { applyUpdate, guardStart, type Supervisor } from '../../src/update/supervise.ts';
import { readReady, readTrial, type UpdateRequest } from '../../src/update/trial.ts';
import { lockState, accessCode } from '../unit/store-rows.ts';
import { signer } from '../support/minisign.ts';

export const OLD = '1.0.0';
export const NEW = '1.1.0';
const FILES = 40;
const PROVE_WITHIN_MS = 1000;
const PROOF_AFTER_MS = 100;
const SCHEMA = MIGRATIONS.length;
const LOCK = '6aae9d08-fed6-4ca5-8328-e36849ab48fe';

/** What becomes of the new version. `migrates`: it changes how the database is made. */
export interface Fate {
  readonly works: boolean;
  readonly migrates: boolean;
}

/** A disk with an installed hub whose program is a stand-in, and the update that it is offered. */
export class UpdateDisk {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-updates-'));
  readonly #pristine = path.join(this.folder, 'pristine');
  /** All that a power cut may touch. */
  readonly disk = path.join(this.folder, 'disk');
  readonly root = path.join(this.disk, 'opt');
  readonly config: Config;
  readonly publicKey: string;

  constructor() {
    const { publicKey, sign } = signer();
    this.publicKey = publicKey;
    this.#tree(path.join(this.root, 'versions', OLD), OLD);
    for (const link of ['current', 'proven']) symlinkSync(`versions/${OLD}`, path.join(this.root, link));
    const dataDir = path.join(this.disk, 'data');
    this.config = this.#configFor(dataDir);
    holdData(this.config)();
    const store = openData(this.config, () => undefined);
    store.commit(undefined, lockState(LOCK, { codes: [accessCode('guest')] }), []);
    store.close();
    const draft = path.join(this.folder, 'new');
    this.#tree(draft, NEW);
    makeInbox(dataDir);
    const { archive } = inboxOf(dataDir);
    execFileSync('tar', ['-czf', archive, '-C', draft, '.']);
    const content = readFileSync(archive);
    const signature = sign(
      content,
      `version:${NEW} arch:${debianArch(process.arch)} bytes:${content.length}`,
    );
    writeFileSync(path.join(this.folder, 'signature'), signature);
    cpSync(this.disk, this.#pristine, { recursive: true, verbatimSymlinks: true });
  }

  /** As it was before anything was done. */
  reset(): void {
    rmSync(this.disk, { recursive: true, force: true });
    cpSync(this.#pristine, this.disk, { recursive: true, verbatimSymlinks: true });
  }

  /** The version that is started now, whose files are all there. */
  version(): string {
    const version = pointedAt(placesOf(this.root).current) ?? 'none';
    for (let file = 0; file < FILES; file += 1) {
      const text = readFileSync(path.join(this.root, 'current', 'src', `${file}.txt`), 'utf8');
      if (text !== textOf(version, file)) throw new Error(`${version} lacks part of file ${file}`);
    }
    return version;
  }

  /** The access codes that this version finds when it starts, and how its database is made. */
  start(): { readonly codes: readonly string[]; readonly isMigrated: boolean } {
    const release = holdData(this.config);
    try {
      const file = path.join(this.config.dataDir, 'lockhub.db');
      const database = new Database(file, { fileMustExist: true });
      const schema = Number(database.pragma('user_version', { simple: true }));
      const verdict = String(database.pragma('integrity_check(1)', { simple: true }));
      // The stand-in for the new version can read what it has changed; its columns are those of the old one.
      if (schema > SCHEMA && this.version() === NEW) database.pragma(`user_version = ${SCHEMA}`);
      database.close();
      if (verdict !== 'ok') throw new Error(verdict);
      const store = openData(this.config, () => undefined);
      const codes = store.lockState(LOCK)?.codes.map(({ accessCodeId }) => accessCodeId) ?? [];
      store.close();
      return { codes, isMigrated: schema > SCHEMA };
    } finally {
      release();
    }
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A folder of a version. */
  #tree(folder: string, version: string): void {
    mkdirSync(path.join(folder, 'scripts'), { recursive: true });
    mkdirSync(path.join(folder, 'src'));
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ version }));
    writeFileSync(path.join(folder, 'scripts', 'lockhub'), '#!/bin/sh\n', { mode: 0o755 });
    for (let file = 0; file < FILES; file += 1) {
      writeFileSync(path.join(folder, 'src', `${file}.txt`), textOf(version, file));
    }
  }

  #configFor(dataDir: string): Config {
    const file = path.join(this.folder, 'lockhub.yaml');
    const text = `hub_id: cut\nsite: { timezone: Europe/Berlin }\ndata_dir: ${dataDir}\nhttp: false\n`;
    writeFileSync(file, `${text}update: { public_keys: ["${this.publicKey}"] }\n`);
    const config = loadConfig(file);
    if (!config.ok) throw new Error(config.mistakes.join());
    return config.value;
  }
}

function textOf(version: string, file: number): string {
  return `${version} ${file} `.repeat(1000);
}

/** What the hub and systemd do about an update, with a stand-in for the hub. */
export function supervisorOf(root: string, config: Config, fate: Fate): Supervisor {
  return {
    root,
    config,
    present: { version: OLD, arch: debianArch(process.arch), publicKeys: config.updateKeys },
    say: () => undefined,
    proveWithinMs: PROVE_WITHIN_MS,
    service: {
      stop: async () => undefined,
      start: async () => {
        await guardStart(root);
        standIn(root, config, fate);
      },
    },
  };
}

/** The hub is started: what of it matters to an update. */
function standIn(root: string, config: Config, { works, migrates }: Fate): void {
  const isNew = pointedAt(placesOf(root).current) === NEW;
  const release = holdData(config);
  const database = new Database(path.join(config.dataDir, 'lockhub.db'), { fileMustExist: true });
  if (isNew && migrates) {
    database.pragma('synchronous = FULL');
    database.transaction(() => {
      database.exec('CREATE TABLE IF NOT EXISTS of_the_new_version (x)');
      database.pragma(`user_version = ${SCHEMA + 1}`);
    })();
  }
  database.close();
  release();
  const trial = readTrial(root);
  if (!isNew || !works || trial === null) return;
  setTimeout(() => writeJson(inboxOf(config.dataDir).proof, { id: trial.id }, 0o600), PROOF_AFTER_MS);
}

/** Asks as the hub does, for the one step and then for the other, and sees it through. */
export async function updateWhole(supervisor: Supervisor, signature: string): Promise<void> {
  for (const step of ['unpack', 'change'] as const) {
    const request: UpdateRequest = {
      id: 'update-1',
      step,
      signature,
      allow_downgrade: false,
      expects: { radios: [], cloud: false },
    };
    writeJson(inboxOf(supervisor.config.dataDir).request, request, 0o600);
    await applyUpdate(supervisor);
    if (step === 'unpack' && readReady(supervisor.root) === null) return;
  }
}
