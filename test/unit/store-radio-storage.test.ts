import { setImmediate as turn } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { hubPlace } from './store-fixture.ts';

const FILE = 'network.jsonl';

test('values outlive a restart, in the order in which their keys were first set', () => {
  const place = hubPlace();
  const store = place.open();
  store.radioStorage.set(FILE, 'z', 'one');
  store.radioStorage.set(FILE, 'a', 'two');
  store.radioStorage.set('other', 'z', 'elsewhere');
  store.radioStorage.set(FILE, 'z', '{"ü":"three"}');
  store.close();
  const { radioStorage } = place.open();
  expect(radioStorage.entries(FILE)).toEqual([
    ['z', '{"ü":"three"}'],
    ['a', 'two'],
  ]);
  expect(radioStorage.entries('other')).toEqual([['z', 'elsewhere']]);
  expect(radioStorage.entries('unknown')).toEqual([]);
});

test('a value can be deleted, and a file cleared and filled again', () => {
  const place = hubPlace();
  const { radioStorage } = place.open();
  for (const key of ['a', 'b', 'c']) radioStorage.set(FILE, key, key);
  radioStorage.set('other', 'a', 'stays');
  radioStorage.flush();
  radioStorage.delete(FILE, 'b');
  expect(radioStorage.entries(FILE).map(([key]) => key)).toEqual(['a', 'c']);
  radioStorage.set(FILE, 'lost', 'x');
  radioStorage.clear(FILE);
  radioStorage.set(FILE, 'new', 'y');
  expect(radioStorage.entries(FILE)).toEqual([['new', 'y']]);
  expect(radioStorage.entries('other')).toEqual([['a', 'stays']]);
});

test('writes go to the disk when the turn of the event loop ends, without a flush', async () => {
  const place = hubPlace();
  const { radioStorage } = place.open();
  for (let count = 0; count < 2000; count += 1) radioStorage.set(FILE, `key ${count}`, 'value');
  const stored = () => place.sql('SELECT count(*) AS rows FROM radio_storage');
  expect(stored()).toEqual([{ rows: 0 }]);
  await turn();
  expect(stored()).toEqual([{ rows: 2000 }]);
  radioStorage.set(FILE, 'late', 'value');
  await turn();
  expect(stored()).toEqual([{ rows: 2001 }]);
});

test('a large batch does not wait', () => {
  const place = hubPlace();
  const { radioStorage } = place.open();
  for (let count = 0; count < 10_001; count += 1) radioStorage.set(FILE, `key ${count % 5}`, 'value');
  expect(place.sql('SELECT count(*) AS rows FROM radio_storage')).toEqual([{ rows: 5 }]);
});

test('emptied while the hub was down, it is empty and works', () => {
  const place = hubPlace();
  const store = place.open();
  store.radioStorage.set(FILE, 'a', 'one');
  store.close();
  place.sql('DELETE FROM radio_storage');
  const { radioStorage } = place.open();
  expect(radioStorage.entries(FILE)).toEqual([]);
  radioStorage.set(FILE, 'a', 'again');
  expect(radioStorage.entries(FILE)).toEqual([['a', 'again']]);
});

test('values that do not open are left out with a warning, and the others stay', () => {
  const place = hubPlace();
  const warnings: string[] = [];
  const { radioStorage } = place.open({ onWarning: (message) => warnings.push(message) });
  for (const key of ['a', 'b', 'c']) radioStorage.set(FILE, key, key);
  radioStorage.flush();
  place.sql(
    "UPDATE radio_storage SET value = (SELECT value FROM radio_storage WHERE key = 'c') WHERE key = 'a'",
  );
  place.sql("UPDATE radio_storage SET value = x'00' WHERE key = 'b'");
  expect(radioStorage.entries(FILE)).toEqual([['c', 'c']]);
  expect(warnings).toEqual(["2 values of radio_storage (network.jsonl) don't open and are left out"]);
});

test('a full disk is a warning, and what waited is written when there is room', () => {
  const place = hubPlace();
  const warnings: string[] = [];
  const store = place.open({
    bounds: { fileBytesMax: 512 * 1024 },
    onWarning: (message) => warnings.push(message),
  });
  store.radioStorage.set(FILE, 'small', 'kept');
  store.radioStorage.flush();
  store.radioStorage.set(FILE, 'large', 'x'.repeat(1024 * 1024));
  store.radioStorage.flush();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/radio_storage could not be written and waits: .*SQLITE_FULL/);
  store.radioStorage.set(FILE, 'large', 'now small');
  expect(store.radioStorage.entries(FILE)).toEqual([
    ['small', 'kept'],
    ['large', 'now small'],
  ]);
});

test('a flush inside a transaction is a bug', () => {
  const store = hubPlace().open();
  store.radioStorage.set(FILE, 'a', 'one');
  expect(() => store.transaction(() => store.radioStorage.flush())).toThrow(/inside a transaction/);
});

test('secrets outlive a restart, and one that does not open is never taken for missing', () => {
  const place = hubPlace();
  let store = place.open();
  expect(store.secrets.get('zwave')).toBeUndefined();
  store.secrets.set('zwave', 'first');
  store.secrets.set('zwave', 'second');
  store.secrets.set('other', 'third');
  store.close();
  store = place.open();
  expect(store.secrets.get('zwave')).toBe('second');
  place.sql(
    "UPDATE secrets SET value = (SELECT value FROM secrets WHERE name = 'other') WHERE name = 'zwave'",
  );
  expect(() => store.secrets.get('zwave')).toThrow(/Row zwave of table secrets/);
});
