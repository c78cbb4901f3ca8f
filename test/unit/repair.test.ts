import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { copyDatabase, makeBackup } from '../../src/backup/make.ts';
import { nameAt } from '../../src/backup/shelf.ts';
import { parseConfig, type Config } from '../../src/config.ts';
import type { RepairView } from '../../src/core/repair-view.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import { holdData, markData, openData } from '../../src/data.ts';
import { openSound } from '../../src/repair/open.ts';
import { HubKey } from '../../src/store/key.ts';
import type { Store } from '../../src/store/store.ts';
import { codeWith, holding, lockWith, pinOf, SAMPLE_AT, slotWith } from '../support/core-samples.ts';
import { seededDraw } from '../support/seeded-draw.ts';

const LOCKS = 6;
const CODES = 12;
const PAGE_BYTES = 4096;
const NOW = SAMPLE_AT + 60 * MINUTE_MS;
/** Pages that each kind of damage is tried on; more of them by `scripts/test --full`. */
const PAGES = process.env['LOCKHUB_TEST_FULL'] === undefined ? 8 : 1000;
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

function afresh(): void {
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

function happen(store: Store, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const details = { index, text: 'x'.repeat(100) };
    store.append([{ event_type: 'hub.started', occurredAt: SAMPLE_AT + index, details }]);
  }
}

/** Starts the hub's database as a hub does, and ends it well. */
async function opened<T>(look: (store: Store, repaired: RepairView | null) => T): Promise<T> {
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
function killed(work: (store: Store) => void): void {
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

function at(name: string): string {
  return path.join(folder, name);
}

function codesIn(store: Store): readonly string[] {
  return store
    .deviceIds()
    .flatMap((id) => (store.lockState(id)?.codes ?? []).map(({ accessCodeId }) => accessCodeId));
}

/** Codes that a repaired hub must still have, and one that must not come back. */
function expectSafe(store: Store, what: string): void {
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

it('a sound database is opened as it is, also after a kill', async () => {
  killed((store) => happen(store, 3));
  await opened((store, repaired) => {
    expect(repaired).toBeNull();
    expect(store.lockState('lock-0')?.slots[0]?.recheck).toBe('no');
    expect(store.outbox.head()).toBe(353);
  });
});

type Blow = (page: Buffer, draw: (below: number) => number, other: Buffer) => void;
const BLOWS: readonly (readonly [string, Blow])[] = [
  [
    'a flipped bit',
    (page, draw) => {
      const where = draw(page.length);
      page.writeUInt8(page.readUInt8(where) ^ (1 << draw(8)), where);
    },
  ],
  ['zeros', (page) => void page.fill(0)],
  ['half of another page', (page, draw, other) => void other.copy(page, (1 + draw(7)) * 512)],
  [
    'noise',
    (page, draw) => {
      for (let where = 0; where < page.length; where += 1) page.writeUInt8(draw(256), where);
    },
  ],
];

describe.each(BLOWS)('a page with %s', (name, blow) => {
  it('costs no code that was backed up, and the hub starts', async () => {
    const draw = seededDraw(7);
    const bytes = readFileSync(at('lockhub.db'));
    const all = Array.from({ length: bytes.length / PAGE_BYTES }, (_, page) => page);
    // Those with the schema and the first of the tables are always among them.
    const chosen =
      PAGES >= all.length ? all : [0, 1, 2, ...Array.from({ length: PAGES }, () => draw(all.length))];
    let repairs = 0;
    for (const page of chosen) {
      afresh();
      const damaged = Buffer.from(bytes);
      const other = bytes.subarray(((page + 1) % all.length) * PAGE_BYTES).subarray(0, PAGE_BYTES);
      blow(damaged.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES), draw, other);
      writeFileSync(at('lockhub.db'), damaged);
      await opened((store, repaired) => {
        if (repaired === null) return;
        repairs += 1;
        expectSafe(store, `page ${page}: ${repaired.seen}`);
        const slots = store.deviceIds().flatMap((id) => store.lockState(id)?.slots ?? []);
        expect(slots.every(({ recheck }) => recheck === 'restored')).toBe(true);
        expect(readFileSync(at(`${repaired.folder}/lockhub.db`)).length).toBe(bytes.length);
      });
      // And the next start finds it sound.
      await opened((store) => expect(store.deviceIds()).toHaveLength(LOCKS));
    }
    expect(repairs, name).toBeGreaterThan(0);
  }, 240_000);
});

describe('a damaged database', () => {
  /** The first page of which a table has no other copy. */
  function spoil(table: string): void {
    const database = new Database(at('lockhub.db'));
    const root = Number(
      database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table),
    );
    database.close();
    const bytes = readFileSync(at('lockhub.db'));
    writeFileSync(at('lockhub.db'), bytes.fill(0, (root - 1) * PAGE_BYTES, root * PAGE_BYTES));
  }

  it('keeps what was done since the backup where that can be read', async () => {
    spoil('measurements');
    await opened((store, repaired) => {
      expect(repaired).toMatchObject({ damage: 'damaged', isEmptied: false });
      expectSafe(store, 'measurements');
      expect(store.lockState('lock-0')?.lock).toMatchObject({ generation: 3, versionReceived: 0 });
      const codes = codesIn(store);
      expect(codes.filter((id) => id.startsWith('newer'))).toHaveLength(LOCKS);
      expect(codes.filter((id) => id.startsWith('deleted'))).toEqual([]);
      expect(store.outbox.depth()).toBe(351);
    });
  });

  it('is its backup where nothing of a table can be read, but for what was deleted', async () => {
    spoil('access_codes');
    await opened((store) => {
      expectSafe(store, 'access_codes');
      expect(codesIn(store).filter((id) => id.startsWith('deleted'))).toEqual([]);
    });
  });

  it('loses no event where one of their two tables is damaged', async () => {
    spoil('outbox');
    await opened((store) => {
      expect(store.outbox.depth()).toBe(351);
      expect(store.outbox.after(0, 400).map(({ seq }) => seq)).toEqual(
        Array.from({ length: 351 }, (_, index) => index + 1),
      );
      const [last] = store.outbox.after(350, 1);
      expect(last?.event).toMatchObject({ event_type: 'hub.database_repaired', is_emptied: false });
    });
  });

  it('without any backup is what can be read of it', async () => {
    rmSync(at('backups'), { recursive: true });
    spoil('measurements');
    await opened((store, repaired) => {
      expect(repaired).toMatchObject({ restoredFrom: null, isEmptied: false });
      expectSafe(store, 'no backup');
    });
  });

  it('tries an older backup where the newest is damaged too', async () => {
    const [name = ''] = readdirSync(at('backups'));
    const newer = path.join(at('backups'), nameAt('hub-1', SAMPLE_AT + MINUTE_MS));
    writeFileSync(newer, readFileSync(path.join(at('backups'), name)).fill(1, 2000, 2100));
    writeFileSync(at('lockhub.db'), 'noise'.repeat(1000));
    await opened((store, repaired) => {
      expect(repaired).toMatchObject({
        damage: 'not_a_database',
        restoredFrom: new Date(SAMPLE_AT).toISOString(),
      });
      expectSafe(store, 'older backup');
    });
  });

  it('is kept, and so are two more; what is older goes', async () => {
    for (let count = 0; count < 5; count += 1) {
      writeFileSync(at('lockhub.db'), `noise ${count}`.repeat(1000));
      await opened((store) => expectSafe(store, `damage ${count}`));
    }
    expect(readdirSync(at('damaged')).toSorted()).toEqual(['0003', '0004', '0005']);
  });
});

describe('a row that makes no sense', () => {
  it.each([
    ["UPDATE slots SET proof = 'nonsense' WHERE device_id = 'lock-1' AND slot = 2", CODES],
    ["UPDATE slots SET pin = zeroblob(40) WHERE device_id = 'lock-1' AND slot = 3", CODES],
    ["UPDATE locks SET audit = 'nonsense' WHERE device_id = 'lock-1'", CODES],
    ["UPDATE access_codes SET errors = 'nonsense' WHERE access_code_id = 'code-1-4'", CODES],
    ['UPDATE secrets SET value = zeroblob(60)', CODES],
    // The backup knows nothing of this one.
    ["UPDATE access_codes SET errors = 'nonsense' WHERE access_code_id = 'newer-lock-1'", CODES],
  ])('%s', async (sql, slots) => {
    const database = new Database(at('lockhub.db'));
    expect(database.prepare(sql).run().changes).toBeGreaterThan(0);
    database.close();
    await opened((store, repaired) => {
      expect(repaired?.damage).toBe('unreadable_row');
      expectSafe(store, sql);
      expect(store.lockState('lock-1')?.slots).toHaveLength(slots);
    });
  });
});

describe('files of a database', () => {
  it.each([
    ['is gone', () => rmSync(at('lockhub.db')), 'missing_database'],
    ['is empty', () => truncateSync(at('lockhub.db')), 'missing_database'],
    ['is cut', () => truncateSync(at('lockhub.db'), 20 * PAGE_BYTES), 'damaged'],
    ['is cut within its head', () => truncateSync(at('lockhub.db'), 50), 'damaged'],
    ['was written by a newer program', () => sql('PRAGMA user_version = 9999'), 'newer'],
    ['is of another program', () => sql('PRAGMA application_id = 1'), 'not_a_database'],
  ])('that %s', async (_what, happens, damage) => {
    happens();
    await opened((store, repaired) => {
      expect(repaired?.damage).toBe(damage);
      expectSafe(store, damage);
    });
  });

  it('that is gone beside its log', async () => {
    killed((store) => happen(store, 3));
    rmSync(at('lockhub.db'));
    await opened((store, repaired) => {
      expect(repaired?.damage).toBe('missing_database');
      expectSafe(store, 'log only');
    });
  });

  it('whose log is gone: what is newer, the database or the backup, and every slot is looked at', async () => {
    killed((store) => happen(store, 3));
    rmSync(at('lockhub.db-wal'));
    await opened((store, repaired) => {
      expect(repaired?.damage).toBe('missing_log');
      expectSafe(store, 'missing log');
      expect(codesIn(store).filter((id) => id.startsWith('newer'))).toHaveLength(LOCKS);
      expect(store.lockState('lock-0')?.slots[0]?.recheck).toBe('restored');
    });
  });

  it('with the log of another database: that is not applied', async () => {
    const other = mkdtempSync(path.join(tmpdir(), 'lockhub-other-'));
    const foreign = new Database(path.join(other, 'lockhub.db'));
    foreign.pragma('journal_mode = WAL');
    foreign.exec('CREATE TABLE meta (name, value); CREATE TABLE locks (device_id)');
    killed((store) => happen(store, 3));
    cpSync(path.join(other, 'lockhub.db-wal'), at('lockhub.db-wal'));
    foreign.close();
    rmSync(other, { recursive: true });
    await opened((store, repaired) => {
      expect(repaired?.damage).toBe('foreign_log');
      expectSafe(store, 'foreign log');
    });
  });

  it.each(['is damaged', 'is cut'])('whose log %s in its head', async (what) => {
    killed((store) => happen(store, 3));
    const log = readFileSync(at('lockhub.db-wal'));
    writeFileSync(at('lockhub.db-wal'), what === 'is cut' ? log.subarray(0, 20) : log.fill(0xff, 8, 12));
    await opened((store, repaired) => {
      expect(repaired?.damage).toBe('foreign_log');
      expectSafe(store, what);
    });
  });

  it('a first start is none of these', async () => {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    await opened((store, repaired) => {
      expect(repaired).toBeNull();
      expect(store.deviceIds()).toEqual([]);
    });
  });

  function sql(text: string): void {
    const database = new Database(at('lockhub.db'));
    database.exec(text);
    database.close();
  }
});

describe('a key', () => {
  it('that is another one than the backup needs is found where the hub kept it', async () => {
    mkdirSync(at('before-restore'));
    renameSync(at('hub.key'), at('before-restore/hub.key'));
    writeFileSync(at('hub.key'), `${HubKey.generate().reveal()}\n`);
    await opened((store, repaired) => {
      expect(repaired?.damage).toBe('wrong_key');
      expectSafe(store, 'key');
      expect(codesIn(store).filter((id) => id.startsWith('newer'))).toHaveLength(LOCKS);
    });
  });

  it('that is gone or foreign, and nowhere else, is asked for: the database waits for it as it is', async () => {
    renameSync(at('hub.key'), at('kept.key'));
    await expect(opened(() => undefined)).rejects.toMatchObject({ kind: 'missing_key' });
    writeFileSync(at('hub.key'), `${HubKey.generate().reveal()}\n`);
    await expect(opened(() => undefined)).rejects.toMatchObject({ kind: 'wrong_key' });
    rmSync(at('backups'), { recursive: true });
    await expect(opened(() => undefined)).rejects.toMatchObject({ kind: 'wrong_key' });
    renameSync(at('kept.key'), at('hub.key'));
    await opened((store, repaired) => {
      expect(repaired).toBeNull();
      expect(codesIn(store).filter((id) => id.startsWith('newer'))).toHaveLength(LOCKS);
    });
  });
});

it('a newer database without a backup waits for its program', async () => {
  rmSync(at('backups'), { recursive: true });
  const database = new Database(at('lockhub.db'));
  database.exec('PRAGMA user_version = 9999');
  database.close();
  await expect(opened(() => undefined)).rejects.toMatchObject({ kind: 'newer' });
  expect(existsSync(at('damaged'))).toBe(false);
});
