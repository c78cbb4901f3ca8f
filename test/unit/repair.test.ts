import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { copyDatabase, makeBackup } from '../../src/backup/make.ts';
import { nameAt } from '../../src/backup/shelf.ts';
import type { Config } from '../../src/config.ts';
import { parseConfig } from '../../src/config.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import { holdData, markData, openData } from '../../src/data.ts';
import { repairsIn, type Repair } from '../../src/repair/aside.ts';
import { openSound } from '../../src/repair/open.ts';
import type { Store } from '../../src/store/store.ts';
import { codeWith, holding, lockWith, pinOf, SAMPLE_AT, slotWith } from '../support/core-samples.ts';
import { seededDraw } from '../support/seeded-draw.ts';

const LOCKS = 6;
const CODES = 12;
const PAGE_BYTES = 4096;
const NOW = SAMPLE_AT + 60 * MINUTE_MS;

/** A hub that was backed up, and has taken a code more and given one up since. */
let sample: string;
let folder: string;

beforeAll(async () => {
  sample = mkdtempSync(path.join(tmpdir(), 'lockhub-damage-'));
  const config = configAt(sample);
  holdData(config)();
  const store = openData(config, () => undefined, () => SAMPLE_AT);
  store.secrets.set('zigbee_network_keys', '{"of":"the network"}');
  for (let lock = 0; lock < LOCKS; lock += 1) fill(store, lock);
  happen(store, 300);
  const copy = await copyDatabase(config);
  const source = { hubId: config.hubId, version: '1', ...config, configFile: null, named: [], secrets: store.secrets, publicKeys: [] };
  const file = path.join(sample, 'backups', nameAt(config.hubId, SAMPLE_AT));
  cpSync(copy.file, path.join(sample, 'unused.db'));
  const { mkdirSync } = await import('node:fs');
  mkdirSync(path.dirname(file));
  await makeBackup(source, copy, { file, at: SAMPLE_AT, reason: 'nightly' });
  copy.remove();
  for (const deviceId of store.deviceIds()) {
    const state = store.lockState(deviceId);
    if (state === undefined) throw new Error('no lock');
    const codes = [...state.codes.filter(({ accessCodeId }) => !accessCodeId.startsWith('deleted')), codeWith(`newer-${deviceId}`, { pin: pinOf('9876') })];
    store.commit(state, { ...state, codes }, []);
  }
  happen(store, 50);
  store.close();
}, 60_000);

afterAll(() => rmSync(sample, { recursive: true }));

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockhub-damaged-'));
  cpSync(sample, folder, { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true }));

function configAt(dataDir: string): Config {
  const config = parseConfig({ hub_id: 'hub-1', site: { timezone: 'Europe/Berlin' }, data_dir: dataDir }, dataDir);
  if (!config.ok) throw new Error(config.mistakes.join());
  return config.value;
}

function fill(store: Store, number: number): void {
  const deviceId = `lock-${number}`;
  const lock = lockWith({ deviceId, address: 10 + number });
  const codes = Array.from({ length: CODES }, (_, index) => codeWith(`code-${number}-${index}`, { slot: index + 1, everOnDevice: true }));
  const slots = Array.from({ length: CODES }, (_, index) =>
    slotWith(index + 1, { owner: `code-${number}-${index}`, content: holding(`1${String(number).padStart(2, '0')}${String(index).padStart(2, '0')}`), proof: 'read_back' }),
  );
  store.commit(undefined, { lock, codes: [...codes, codeWith(`deleted-${number}`)], slots }, []);
}

function happen(store: Store, count: number): void {
  for (let index = 0; index < count; index += 1) {
    store.append([{ event_type: 'hub.started', occurredAt: SAMPLE_AT + index, details: { index, text: 'x'.repeat(100) } }]);
  }
}

const quiet = pino({ level: 'silent' });

async function opened<T>(look: (store: Store, repaired: Repair | null) => T, dataDir = folder): Promise<T> {
  const config = configAt(dataDir);
  const release = holdData(config);
  try {
    const { store, repaired } = await openSound(config, quiet, () => NOW, () => openData(config, () => undefined, () => NOW));
    try {
      return look(store, repaired);
    } finally {
      store.close();
    }
  } finally {
    release();
  }
}

function database(name = 'lockhub.db'): string {
  return path.join(folder, name);
}

function codesIn(store: Store): readonly string[] {
  return store.deviceIds().flatMap((id) => (store.lockState(id)?.codes ?? []).map(({ accessCodeId }) => accessCodeId));
}

it('a sound database is opened as it is', async () => {
  await opened((store, repaired) => {
    expect(repaired).toBeNull();
    expect(store.deviceIds()).toHaveLength(LOCKS);
    expect(store.lockState('lock-0')?.slots[0]?.recheck).toBe('no');
  });
});

type Blow = (page: Buffer, draw: (below: number) => number, other: Buffer) => void;
const BLOWS: readonly (readonly [string, Blow])[] = [
  ['a flipped bit', (page, draw) => { const at = draw(page.length); page.writeUInt8(page.readUInt8(at) ^ (1 << draw(8)), at); }],
  ['zeros', (page) => void page.fill(0)],
  ['a torn page', (page, draw, other) => void other.copy(page, draw(page.length / 512) * 512)],
  ['noise', (page, draw) => { for (let at = 0; at < page.length; at += 1) page.writeUInt8(draw(256), at); }],
];

it.each(BLOWS)('whatever page has %s, the hub comes back with what is left', async (_name, blow) => {
  const draw = seededDraw(7);
  const bytes = readFileSync(database());
  const pages = bytes.length / PAGE_BYTES;
  const seen = { sound: 0, repaired: 0 };
  for (const page of process.env['SHOW'] ? Array.from({length: pages}, (_, i) => i) : Array.from({length: 10}, () => draw(pages))) {
    rmSync(folder, { recursive: true });
    cpSync(sample, folder, { recursive: true });
    const damaged = Buffer.from(bytes);
    const other = bytes.subarray(((page + 1) % pages) * PAGE_BYTES).subarray(0, PAGE_BYTES);
    blow(damaged.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES), draw, other);
    writeFileSync(database(), damaged);
    await opened((store, repaired) => {
      seen[repaired === null ? 'sound' : 'repaired'] += 1;
      const codes = codesIn(store);
      if (process.env['SHOW']) console.log(page, repaired?.seen.slice(-90), repaired?.part, repaired?.lost, codes.length);
      expect(store.deviceIds().length, `page ${page}`).toBe(LOCKS);
    });
  }
  if (process.env['SHOW']) console.log(seen, pages);
}, 120_000);
