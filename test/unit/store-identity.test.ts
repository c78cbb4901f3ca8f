import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import type { LockIdentity } from '../../src/lock-driver.ts';
import { hubPlace } from './store-fixture.ts';

const UUID_V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function identity(change: Partial<LockIdentity> = {}): LockIdentity {
  return { radio: 'zwave', network: 'home', address: '5', serial: null, ...change };
}

const SERIAL = { serial: 'S1' };

test('a lock keeps its id over a restart, and each lock has its own', () => {
  const place = hubPlace();
  let store = place.open();
  const ids = ['5', '6'].map((address) => store.deviceIdOf(identity({ address })));
  expect(ids[0]).toMatch(UUID_V5);
  expect(
    new Set([
      ...ids,
      store.deviceIdOf(identity({ radio: 'zigbee' })),
      store.deviceIdOf(identity({ network: 'other' })),
    ]).size,
  ).toBe(4);
  store.close();
  store = place.open();
  expect(['5', '6'].map((address) => store.deviceIdOf(identity({ address })))).toEqual(ids);
});

test('a lock with a serial has the same id on a new hub, at any address', () => {
  const [one, other] = [hubPlace().open(), hubPlace().open()];
  const id = one.deviceIdOf(identity(SERIAL));
  expect(other.deviceIdOf(identity({ ...SERIAL, network: 'new stick', address: '9' }))).toBe(id);
  expect(other.deviceIdOf(identity({ ...SERIAL, radio: 'zigbee' }))).not.toBe(id);
});

test('the id follows the serial to another address, and stays there', () => {
  const store = hubPlace().open();
  const id = store.deviceIdOf(identity(SERIAL));
  expect(store.deviceIdOf(identity({ ...SERIAL, network: 'new stick', address: '9' }))).toBe(id);
  expect(store.deviceIdOf(identity({ network: 'new stick', address: '9' }))).toBe(id);
  expect(store.deviceIdOf(identity())).not.toBe(id);
});

test('another serial at an address is another lock, and each keeps its id', () => {
  const store = hubPlace().open();
  const first = store.deviceIdOf(identity(SERIAL));
  const second = store.deviceIdOf(identity({ serial: 'S2' }));
  expect(second).not.toBe(first);
  expect(store.deviceIdOf(identity())).toBe(second);
  expect(store.deviceIdOf(identity({ ...SERIAL, address: '7' }))).toBe(first);
});

test('a lock that tells its serial later keeps the id it had', () => {
  const store = hubPlace().open();
  const id = store.deviceIdOf(identity());
  expect(store.deviceIdOf(identity(SERIAL))).toBe(id);
  expect(store.deviceIdOf(identity({ ...SERIAL, address: '9' }))).toBe(id);
  const newcomer = store.deviceIdOf(identity());
  expect(newcomer).not.toBe(id);
  expect(store.deviceIdOf(identity())).toBe(newcomer);
});

test('a lock that came to the address of one without a serial is recognised by its own', () => {
  const store = hubPlace().open();
  const known = store.deviceIdOf(identity({ ...SERIAL, address: '1' }));
  const nameless = store.deviceIdOf(identity({ address: '2' }));
  expect(store.deviceIdOf(identity({ ...SERIAL, address: '2' }))).toBe(known);
  expect(store.deviceIdOf(identity({ address: '2' }))).toBe(known);
  expect(nameless).not.toBe(known);
});

test('asking again writes nothing', () => {
  const place = hubPlace();
  const store = place.open();
  store.deviceIdOf(identity(SERIAL));
  const log = () => readFileSync(`${place.file}-wal`);
  const before = log();
  store.deviceIdOf(identity(SERIAL));
  store.deviceIdOf(identity());
  expect(log()).toEqual(before);
});

test('a lock that takes the place of another is that one, whatever either was known by', () => {
  const store = hubPlace().open();
  const door = store.deviceIdOf(identity(SERIAL));
  const spare = store.deviceIdOf(identity({ address: '6', serial: 'S2' }));
  const taken = { serial: 'S2', inPlaceOf: door };
  expect(store.deviceIdOf(identity(taken))).toBe(door);
  expect(store.deviceIdOf(identity({ serial: 'S2' }))).toBe(door);
  expect(store.deviceIdOf(identity({ serial: 'S2', address: '9' }))).toBe(door);
  expect([door, spare]).not.toContain(store.deviceIdOf(identity({ ...SERIAL, address: '7' })));
});
