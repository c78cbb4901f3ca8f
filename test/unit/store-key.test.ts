import { inspect } from 'node:util';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import { loadOrCreateKey } from '../../src/store/key-file.ts';
import { HubKey } from '../../src/store/key.ts';
import { storeFailure, temporaryDirectory } from './store-fixture.ts';

function keyPlace() {
  const directory = temporaryDirectory();
  return { directory, keyFile: path.join(directory, 'hub.key') };
}

test('the first start makes a key that only its owner can read, and nothing else', () => {
  const { directory, keyFile } = keyPlace();
  const key = loadOrCreateKey({ keyFile, databaseExists: false });
  expect(readdirSync(directory)).toEqual(['hub.key']);
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect(readFileSync(keyFile, 'utf8')).toBe(`${key.reveal()}\n`);
  expect(key.reveal()).toMatch(/^[0-9a-f]{64}$/);
});

test('every later start reads the same key, with a database or without', () => {
  const { keyFile } = keyPlace();
  const made = loadOrCreateKey({ keyFile, databaseExists: false });
  for (const databaseExists of [true, false]) {
    expect(loadOrCreateKey({ keyFile, databaseExists }).reveal()).toBe(made.reveal());
  }
});

test('two hubs have two keys', () => {
  const keys = [keyPlace(), keyPlace()].map(({ keyFile }) =>
    loadOrCreateKey({ keyFile, databaseExists: false }),
  );
  expect(keys[0]?.reveal()).not.toBe(keys[1]?.reveal());
});

test('a key lost beside its database is told, and no new one is made', () => {
  const { directory, keyFile } = keyPlace();
  const failure = storeFailure(() => loadOrCreateKey({ keyFile, databaseExists: true }));
  expect(failure.kind).toBe('missing_key');
  expect(failure.message).toContain(keyFile);
  expect(readdirSync(directory)).toEqual([]);
});

test.each(['', 'not a key', 'ab'.repeat(31), `${'ab'.repeat(32)}ff`, 'xy'.repeat(32)])(
  'a key file that holds "%s" is told and not overwritten',
  (text) => {
    const { keyFile } = keyPlace();
    writeFileSync(keyFile, text);
    expect(storeFailure(() => loadOrCreateKey({ keyFile, databaseExists: false })).kind).toBe('wrong_key');
    expect(readFileSync(keyFile, 'utf8')).toBe(text);
  },
);

test('a draft that a power cut left behind is not in the way', () => {
  const { directory, keyFile } = keyPlace();
  writeFileSync(`${keyFile}.new`, 'abc');
  const key = loadOrCreateKey({ keyFile, databaseExists: false });
  expect(readdirSync(directory)).toEqual(['hub.key']);
  expect(readFileSync(keyFile, 'utf8')).toBe(`${key.reveal()}\n`);
});

test('a key file that can not be read or written is told', () => {
  const { directory, keyFile } = keyPlace();
  mkdirSync(keyFile);
  expect(storeFailure(() => loadOrCreateKey({ keyFile, databaseExists: false })).kind).toBe('disk');
  const nowhere = path.join(directory, 'missing', 'hub.key');
  expect(storeFailure(() => loadOrCreateKey({ keyFile: nowhere, databaseExists: false })).kind).toBe('disk');
});

test('a key can not be printed', () => {
  const key = HubKey.generate();
  const shown = [String(key), JSON.stringify({ key }), inspect({ key }, { showHidden: true, depth: 9 })];
  for (const text of shown) {
    expect(text).toContain('[hub key]');
    expect(text).not.toContain(key.reveal());
  }
});

test('each purpose has a key of its own', () => {
  const key = HubKey.generate();
  expect(key.derive('one')).toHaveLength(32);
  expect(key.derive('one')).toEqual(key.derive('one'));
  expect(key.derive('one')).not.toEqual(key.derive('other'));
});
