import { expect, test } from 'vitest';
import { unmetLock } from '../../src/core/lock.ts';
import { hubPlace } from './store-fixture.ts';
import { accessCode, NOON, slotRow } from './store-rows.ts';

test('a lock that is forgotten leaves nothing but its identity, and may come again', () => {
  const place = hubPlace();
  const store = place.open();
  const identity = { radio: 'zwave', network: 'home', address: '5', serial: 'S' } as const;
  const deviceId = store.deviceIdOf(identity);
  const content = { kind: 'masked', enabled: true } as const;
  const state = {
    lock: unmetLock(deviceId),
    codes: [accessCode('guest', { slot: 1, status: 'set' })],
    slots: [slotRow(1, { owner: 'guest', content, writtenAt: NOON })],
  };
  store.commit(undefined, state, []);
  const other = { lock: unmetLock('other'), codes: [], slots: [] };
  store.commit(undefined, other, []);
  store.forget(deviceId);
  store.forget('nobody');
  expect([store.deviceIds(), store.lockState(deviceId), place.reread(deviceId)]).toEqual([
    ['other'],
    undefined,
    undefined,
  ]);
  expect(store.tenantAt(deviceId, 1, NOON)).toBeUndefined();
  expect(store.deviceIdOf(identity)).toBe(deviceId);
  store.commit(undefined, state, []);
  expect(store.lockState(deviceId)).toEqual(state);
});
