import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import Database from 'better-sqlite3';
import { expect, test } from 'vitest';

import { Connection } from '../../src/store/connection.ts';
import { storeErrorOf } from '../../src/store/errors.ts';
import { HubKey } from '../../src/store/key.ts';
import { hubPlace, storeFailure, temporaryDirectory } from './store-fixture.ts';
import { accessCode, event, lockState } from './store-rows.ts';

const PAGE_BYTES = 4096;

test('every commit is synced, foreign keys hold, and the file is private', () => {
  const file = path.join(temporaryDirectory(), 'hub.db');
  const connection = new Connection(file, PAGE_BYTES * 1000, () => undefined);
  const modes = ['journal_mode', 'synchronous', 'foreign_keys', 'temp_store', 'max_page_count'];
  expect(modes.map((name) => connection.pragma(name))).toEqual(['wal', 2, 1, 2, 1000]);
  for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777).toBe(0o600);
  connection.close();
});

test('a code of a lock that does not exist is refused by the database itself', () => {
  const store = hubPlace().open();
  const state = lockState('a');
  expect(() => store.commit(state, { ...state, codes: [accessCode('one')] }, [])).toThrow(/FOREIGN KEY/);
});

test('a newer database is refused and left as it is', () => {
  const place = hubPlace();
  place.open().close();
  place.sql('PRAGMA user_version = 999');
  const before = readFileSync(place.file);
  const failure = storeFailure(() => place.open());
  expect(failure.kind).toBe('newer');
  expect(failure.message).toMatch(/hub\.db was written by a newer lockhub \(schema 999/);
  expect(readFileSync(place.file)).toEqual(before);
});

test('a file that is no database is refused and left as it is', () => {
  const place = hubPlace();
  writeFileSync(place.file, 'a shopping list, long enough to be read as a header '.repeat(100));
  const before = readFileSync(place.file);
  expect(storeFailure(() => place.open()).kind).toBe('not_a_database');
  expect(readFileSync(place.file)).toEqual(before);
});

test('the database of another program is refused and left as it is', () => {
  const place = hubPlace();
  place.sql('CREATE TABLE recipes (name TEXT)');
  const before = readFileSync(place.file);
  expect(storeFailure(() => place.open()).kind).toBe('not_a_database');
  expect(readFileSync(place.file)).toEqual(before);
});

test('an empty file is a new database', () => {
  const place = hubPlace();
  writeFileSync(place.file, '');
  expect(place.open().outbox.head()).toBe(0);
});

test('a damaged page is found at the start', () => {
  const place = hubPlace();
  const store = place.open();
  const bulky = event('hub.started', { details: { text: 'x'.repeat(2000) } });
  store.append(Array.from({ length: 50 }, () => bulky));
  store.close();
  const bytes = readFileSync(place.file);
  bytes.fill(0x5a, bytes.length - PAGE_BYTES * 3, bytes.length - PAGE_BYTES);
  writeFileSync(place.file, bytes);
  const failure = storeFailure(() => place.open());
  expect(failure.kind).toBe('damaged');
  expect(failure.message).toMatch(/^[^\n]*hub\.db is damaged [^\n]* Restore it from a backup\.$/);
});

test('an index that disagrees with its table is damage too', () => {
  const place = hubPlace();
  place.open().close();
  place.sql("INSERT INTO tombstones (device_id, access_code_id, created_at) VALUES ('a', 'b', 1)");
  const index = "name = 'tombstones_of_code'";
  const schemaRow = place.sql(`SELECT * FROM sqlite_schema WHERE ${index}`)[0];
  const database = new Database(place.file);
  database.unsafeMode();
  database.pragma('writable_schema = ON');
  database.exec(`DELETE FROM sqlite_schema WHERE ${index}`);
  database.pragma('writable_schema = RESET');
  database.exec("UPDATE tombstones SET access_code_id = 'c'");
  database.pragma('writable_schema = ON');
  const restore = 'INSERT INTO sqlite_schema VALUES (@type, @name, @tbl_name, @rootpage, @sql)';
  database.prepare(restore).run(schemaRow);
  database.close();
  expect(storeFailure(() => place.open())).toMatchObject({
    kind: 'damaged',
    message: expect.stringContaining('tombstones_of_code'),
  });
});

test.each(['', 'missing/hub.db', 'directory'])('a database that can not be there is told: "%s"', (name) => {
  const place = hubPlace();
  mkdirSync(path.join(place.directory, 'directory'));
  const failure = storeFailure(() => place.open({ file: path.join(place.directory, name) }));
  expect(failure.kind).toBe('disk');
  expect(failure.message).toContain("can't be opened");
});

test('another key is refused, and the right one still opens all', () => {
  const place = hubPlace();
  const store = place.open();
  store.commit(undefined, lockState('a', { codes: [accessCode('one')] }), []);
  const { epoch } = store.outbox;
  store.close();
  const failure = storeFailure(() => place.open({ key: HubKey.generate() }));
  expect(failure.kind).toBe('wrong_key');
  const again = place.open();
  expect(again.lockState('a')?.codes[0]?.pin?.reveal()).toBe('0042');
  expect(again.outbox.epoch).toBe(epoch);
});

test('each database has an identity of its own', () => {
  expect(hubPlace().open().outbox.epoch).not.toBe(hubPlace().open().outbox.epoch);
});

const sevens = (sizeBytes: number) => new Uint8Array(sizeBytes).fill(7);

test('the same random source makes the same database', () => {
  const epochs = [1, 2].map(() => hubPlace().open({ random: sevens }).outbox.epoch);
  expect(epochs).toEqual(['07070707-0707-4707-8707-070707070707', '07070707-0707-4707-8707-070707070707']);
});

test('fingerprints follow the PIN and the key, and show neither', () => {
  const place = hubPlace();
  const [one, other] = [place.open(), hubPlace().open()];
  const code = accessCode('one').pin;
  if (code === null) throw new Error('no PIN');
  expect(one.fingerprint(code)).toMatch(/^[0-9a-f]{32}$/);
  expect(one.fingerprint(code)).not.toBe(other.fingerprint(code));
  one.close();
  expect(place.open().fingerprint(code)).toBe(one.fingerprint(code));
});

test.each([
  ['SQLITE_FULL', 'disk'],
  ['SQLITE_READONLY_DBMOVED', 'disk'],
  ['SQLITE_IOERR_FSYNC', 'disk'],
  ['SQLITE_CANTOPEN', 'disk'],
  ['SQLITE_PERM', 'disk'],
  ['SQLITE_BUSY_SNAPSHOT', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_CORRUPT_INDEX', 'damaged'],
  ['SQLITE_NOTADB', 'not_a_database'],
])('%s of SQLite is an expected failure: %s', (code, kind) => {
  const error = new Database.SqliteError('reason', code);
  expect(storeErrorOf(error, 'hub.db')).toMatchObject({ name: 'StoreError', kind, cause: error });
});

test.each([new Database.SqliteError('CHECK failed', 'SQLITE_CONSTRAINT'), new TypeError('bug')])(
  '%s is a bug and stays as it is',
  (error) => {
    expect(storeErrorOf(error, 'hub.db')).toBe(error);
  },
);
