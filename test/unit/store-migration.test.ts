import { expect, test } from 'vitest';

import type { AccessCode } from '../../src/core/access-code.ts';
import { unmetLock } from '../../src/core/lock.ts';
import type { Slot } from '../../src/core/slot.ts';
import { revealed } from '../support/revealed.ts';
import { accessCode, event, NOON, slotRow } from './store-rows.ts';
import { databaseOfVersion1, V1_EPOCH, V1_OTHER_PIN, V1_PIN, V1_WINDOW } from './store-version-1.ts';

test('a database of version 1 opens with all it had, its PINs among it, and defaults for the rest', () => {
  const store = databaseOfVersion1().open();
  const { lock, codes, slots } = store.lockState('a')!;
  expect(lock).toEqual({
    ...unmetLock('a'),
    radio: 'zwave',
    address: 5,
    model: 'Model',
    capabilities: {
      firstSlot: 1,
      lastSlot: 30,
      adminSlots: [30],
      pinLength: { min: 4, max: 8 },
      constraints: [],
      nativeScheduling: { kind: 'year_day', granuleMs: 60_000 },
      weekDaySchedules: 0,
      disabledCodes: false,
      checksum: true,
      offline: null,
    },
    online: true,
    batteryLevel: 0.5,
    locked: true,
    clockSet: { at: NOON, offsetMinutes: 60, unconfirmed: 0 },
    generation: 2,
    versionReceived: 9,
    versionApplied: 8,
    failures: 1,
    retryAt: NOON + 0.5,
  });
  const code: Partial<AccessCode> = {
    pin: V1_PIN,
    startsAt: NOON,
    endsAt: NOON + 1,
    status: 'set',
    statusSince: NOON,
    everOnDevice: true,
  };
  expect(revealed(codes)).toEqual(
    revealed([
      accessCode('proven', { ...code, slot: 1 }),
      accessCode('begun', { ...code, slot: 2 }),
      accessCode('edited', { ...code, slot: 3, externallyModified: true }),
      accessCode('kept', { ...code, slot: 4 }),
    ]),
  );
  const row: Partial<Slot> = { schedule: { kind: 'known', window: V1_WINDOW }, writtenAt: 100 };
  expect(revealed(slots)).toEqual(
    revealed([
      slotRow(1, { ...row, owner: 'proven', content: { kind: 'pin', pin: V1_PIN, enabled: true } }),
      slotRow(2, { ...row, owner: 'begun', pending: { pin: V1_OTHER_PIN, overEmpty: true } }),
      slotRow(3, { ...row, owner: 'edited', content: { kind: 'pin', pin: V1_OTHER_PIN, enabled: true } }),
      slotRow(4, { ...row, owner: 'kept' }),
    ]),
  );
  expect(store.openOperations()).toMatchObject([{ deviceId: 'a', kind: 'set_pin', slot: 2 }]);
  expect(store.outbox.epoch).toBe(V1_EPOCH);
  const [first] = store.outbox.after(0, 10);
  expect(first).toMatchObject({ seq: 1, event: { event_type: 'lock.locked' } });
  // What waits from then goes out as what comes from now on.
  store.append([event('lock.locked')]);
  const [old, late] = JSON.parse(`[${String(store.outbox.batch(0, 10, 10)?.json)}]`);
  expect(Object.keys(old).slice(0, 3)).toEqual(Object.keys(late).slice(0, 3));
  expect([old.seq, late.seq]).toEqual([1, 2]);
  expect(old.event_id).toBe(late.event_id.replace(/2$/, '1'));
  expect(store.outbox.depth()).toBe(2);
});

test('a database of version 1 knows who is in its slots, and goes on from there', () => {
  const place = databaseOfVersion1();
  let store = place.open();
  const tenants = (at: number) => [1, 2, 3, 4].map((slot) => store.tenantAt('a', slot, at)?.accessCodeId);
  expect(tenants(99)).toEqual([undefined, undefined, undefined, undefined]);
  expect(tenants(100)).toEqual(['proven', 'begun', undefined, undefined]);
  const state = store.lockState('a')!;
  const emptied = slotRow(1, { provenAt: NOON + 1 });
  store.commit(state, { ...state, slots: state.slots.with(0, emptied) }, [event('lock.locked')]);
  store.close();
  store = place.open();
  expect(tenants(NOON)).toEqual(['proven', 'begun', undefined, undefined]);
  expect(tenants(NOON + 1)).toEqual([undefined, 'begun', undefined, undefined]);
  expect(place.sql('SELECT access_code_id FROM tombstones')).toEqual([{ access_code_id: 'gone' }]);
  expect(store.outbox.head()).toBe(2);
});
