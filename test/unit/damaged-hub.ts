import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { copyDatabase, makeBackup } from '../../src/backup/make.ts';
import { stageRestore } from '../../src/backup/restore.ts';
import { nameAt } from '../../src/backup/shelf.ts';
import { commitRestore } from '../../src/backup/swap.ts';
import { parseConfig, type Config } from '../../src/config.ts';
import type { RepairView } from '../../src/core/repair-view.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import { holdData, markData, openData } from '../../src/data.ts';
import { stageAside } from '../../src/repair/aside.ts';
import { openSound } from '../../src/repair/open.ts';
import { loadOrCreateKey } from '../../src/store/key-file.ts';
import type { Store } from '../../src/store/store.ts';
import { codeWith, holding, lockWith, pinOf, SAMPLE_AT, slotWith } from '../support/core-samples.ts';

export const LOCKS = 6;
export const CODES = 12;
export const PAGE_BYTES = 4096;
const NOW = SAMPLE_AT + 60 * MINUTE_MS;
const KEYS = '{"of":"the network"}';

/** A hub that was backed up, and has taken a code more on each lock and given one up since. */
let sample: string;
let folder: string;

beforeAll(async () => {
  sample = mkdtempSync(path.join(tmpdir(), 'lockhub-damage-'));
  const config = configAt(sample);
  holdData(config)();
  const store = openData(
    config,
    () => undefined,
    () => SAMPLE_AT,
  );
  store.secrets.set('zigbee_network_keys', KEYS);
  for (let lock = 0; lock < LOCKS; lock += 1) fill(store, lock);
  happen(store, 300);
  await backUp(config, store);
  for (const deviceId of store.deviceIds()) {
    const state = store.lockState(deviceId);
    if (state === undefined) throw new Error('no lock');
    const kept = state.codes.filter(({ accessCodeId }) => !accessCodeId.startsWith('deleted'));
    const codes = [...kept, codeWith(`newer-${deviceId}`, { pin: pinOf('9876') })];
    store.commit(state, { ...state, codes }, []);
  }
  happen(store, 50);
  store.close();
});

afterAll(() => rmSync(sample, { recursive: true }));

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockhub-damaged-'));
  afresh();
});

afterEach(() => rmSync(folder, { recursive: true }));

export function afresh(): void {
  rmSync(folder, { recursive: true });
  cpSync(sample, folder, { recursive: true });
}

function configAt(dataDir: string): Config {
  const raw = { hub_id: 'hub-1', site: { timezone: 'Europe/Berlin' }, data_dir: dataDir };
  const config = parseConfig(raw, dataDir);
  if (!config.ok) throw new Error(config.mistakes.join());
  return config.value;
}

async function backUp(config: Config, { secrets }: Store): Promise<void> {
  const copy = await copyDatabase(config);
  mkdirSync(config.backup.folder);
  const source = { ...config, version: '1', configFile: null, named: [], secrets, publicKeys: [] };
  const file = path.join(config.backup.folder, nameAt(config.hubId, SAMPLE_AT));
  await makeBackup(source, copy, { file, at: SAMPLE_AT, reason: 'nightly' });
  copy.remove();
}

function fill(store: Store, number: number): void {
  const lock = lockWith({
    deviceId: `lock-${number}`,
    address: 10 + number,
    generation: 3,
    versionReceived: 7,
  });
  const slots = Array.from({ length: CODES }, (_, index) => {
    const digits = `1${String(number).padStart(2, '0')}${String(index).padStart(2, '0')}`;
    return slotWith(index + 1, {
      owner: `code-${number}-${index}`,
      content: holding(digits),
      proof: 'read_back',
    });
  });
  const codes = slots.map(({ owner, slot }) => codeWith(owner ?? '', { slot, everOnDevice: true }));
  store.commit(undefined, { lock, codes: [...codes, codeWith(`deleted-${number}`)], slots }, []);
}

export function happen(store: Store, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const details = { index, text: 'x'.repeat(100) };
    store.append([{ event_type: 'hub.started', occurredAt: SAMPLE_AT + index, details }]);
  }
}

/** Starts the hub's database as a hub does, and ends it well. */
export async function opened<T>(look: (store: Store, repaired: RepairView | null) => T): Promise<T> {
  const config = configAt(folder);
  const release = holdData(config);
  try {
    const { store, repaired, tell } = await openSound(
      config,
      pino({ level: 'silent' }),
      () => NOW,
      () =>
        openData(
          config,
          () => undefined,
          () => NOW,
        ),
    );
    tell(NOW);
    try {
      return look(store, repaired);
    } finally {
      store.close();
    }
  } finally {
    release();
  }
}

/** A hub that runs, writes and dies. */
export function killed(work: (store: Store) => void): void {
  const config = configAt(folder);
  const store = openData(
    config,
    () => undefined,
    () => NOW,
  );
  work(store);
  markData(config);
  // What a process that dies leaves behind: a copy of its files.
  const left = mkdtempSync(path.join(tmpdir(), 'lockhub-left-'));
  cpSync(folder, left, { recursive: true });
  store.close();
  rmSync(folder, { recursive: true });
  renameSync(left, folder);
}

export function at(name: string): string {
  return path.join(folder, name);
}

export function codesIn(store: Store): readonly string[] {
  return store
    .deviceIds()
    .flatMap((id) => (store.lockState(id)?.codes ?? []).map(({ accessCodeId }) => accessCodeId));
}

/** Codes that a repaired hub must still have, and one that must not come back. */
export function expectSafe(store: Store, what: string): void {
  const codes = new Set(codesIn(store));
  for (let lock = 0; lock < LOCKS; lock += 1) {
    const has = (id: string): boolean => codes.has(id);
    const missing = Array.from({ length: CODES }, (_, index) => `code-${lock}-${index}`).filter(
      (id) => !has(id),
    );
    expect(missing, what).toEqual([]);
  }
  expect(store.secrets.get('zigbee_network_keys'), what).toBe(KEYS);
}

/** The first page of which a table has no other copy. */
export function spoil(table: string): void {
  const database = new Database(at('lockhub.db'));
  const root = Number(
    database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table),
  );
  database.close();
  const bytes = readFileSync(at('lockhub.db'));
  writeFileSync(at('lockhub.db'), bytes.fill(0, (root - 1) * PAGE_BYTES, root * PAGE_BYTES));
}

export function sql(text: string): void {
  const database = new Database(at('lockhub.db'));
  database.exec(text);
  database.close();
}

/** A machine on which no hub ever ran. */
export function empty(): void {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
}

/** A repair that is staged and decided, and not ended. */
export async function decided(): Promise<void> {
  const config = configAt(folder);
  const key = loadOrCreateKey({ keyFile: config.keyFile, databaseExists: true });
  const file = path.join(config.backup.folder, nameAt(config.hubId, SAMPLE_AT));
  const { header } = await stageRestore(file, key, config.hubId, config);
  stageAside(folder, {
    at: new Date(NOW).toISOString(),
    damage: 'damaged',
    seen: 'The database is damaged.',
    backup: { name: path.basename(file), made_at: header.made_at },
    whole: [],
    part: [],
    lost: [],
  });
  commitRestore(config);
}
