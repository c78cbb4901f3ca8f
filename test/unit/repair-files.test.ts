import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { HubKey } from '../../src/store/key.ts';
import {
  at,
  CODES,
  codesIn,
  expectSafe,
  happen,
  killed,
  LOCKS,
  opened,
  PAGE_BYTES,
  sql,
  decided,
  empty,
} from './damaged-hub.ts';

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
    empty();
    await opened((store, repaired) => {
      expect(repaired).toBeNull();
      expect(store.deviceIds()).toEqual([]);
    });
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
  ])('%s', async (change, slots) => {
    const database = new Database(at('lockhub.db'));
    expect(database.prepare(change).run().changes).toBeGreaterThan(0);
    database.close();
    await opened((store, repaired) => {
      expect(repaired?.damage).toBe('unreadable_row');
      expectSafe(store, change);
      expect(store.lockState('lock-1')?.slots).toHaveLength(slots);
    });
  });
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

it('a repair that a power cut ended in the middle is gone on with by the next start', async () => {
  await decided();
  // Of the files that are set aside, some are and some are not.
  mkdirSync(at('damaged/0001'), { recursive: true });
  renameSync(at('lockhub.db'), at('damaged/0001/lockhub.db'));
  await opened((store, repaired) => {
    expect(repaired).toMatchObject({ folder: 'damaged/0001', damage: 'damaged' });
    expectSafe(store, 'cut off');
  });
  expect(existsSync(at('restore.ready'))).toBe(false);
  expect(existsSync(at('before-restore'))).toBe(false);
});
