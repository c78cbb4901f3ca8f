import { CommandClasses } from '@zwave-js/core';
import { UserCredentialType } from '@zwave-js/cc';
import { describe, expect, it } from 'vitest';
import { meaningOfAlarm, meaningOfNotification } from '../../drivers/zwave/notification.ts';
import type { LockProfile } from '../../drivers/zwave/profile.ts';
import { quirksOf } from '../../drivers/zwave/quirks.ts';
import { meaningOfValue } from '../../drivers/zwave/state-value.ts';

const ACCESS_CONTROL = 6;

function lockOfMake(manufacturerId: number, productType = 0, productId = 0): LockProfile {
  return {
    family: 'user_code',
    credentialType: UserCredentialType.PINCode,
    capabilities: {
      firstSlot: 1,
      lastSlot: 251,
      adminSlots: [],
      pinLength: { min: 4, max: 8 },
      nativeScheduling: null,
      checksum: false,
      offline: null,
      weekDaySchedules: 0,
      disabledCodes: false,
      constraints: [],
    },
    supervised: false,
    quirks: quirksOf({ manufacturerId, productType, productId }),
  };
}

const PLAIN = lockOfMake(0x7fff);
const KWIKSET = lockOfMake(0x0090);
const YALE_ZW2 = lockOfMake(0x0129, 0x8002, 0x0600);
const ID_LOCK = lockOfMake(0x0373);

describe('a notification', () => {
  it.each([
    { event: 1, parameters: undefined, body: { kind: 'locked', method: 'manual', slot: null } },
    { event: 2, parameters: undefined, body: { kind: 'unlocked', method: 'manual', slot: null } },
    { event: 3, parameters: undefined, body: { kind: 'locked', method: 'remote', slot: null } },
    { event: 5, parameters: { userId: 3 }, body: { kind: 'locked', method: 'keycode', slot: 3 } },
    { event: 6, parameters: { userId: 7 }, body: { kind: 'unlocked', method: 'keycode', slot: 7 } },
    { event: 6, parameters: undefined, body: { kind: 'unlocked', method: 'keycode', slot: null } },
    { event: 9, parameters: undefined, body: { kind: 'locked', method: 'automatic', slot: null } },
    { event: 12, parameters: undefined, body: { kind: 'slot_cleared', slot: null } },
    { event: 13, parameters: { userId: 4 }, body: { kind: 'slot_cleared', slot: 4 } },
    { event: 14, parameters: { userId: 4 }, body: { kind: 'slot_changed', slot: 4 } },
    { event: 15, parameters: undefined, body: { kind: 'duplicate_refused', slot: null } },
    { event: 19, parameters: undefined, body: { kind: 'access_denied' } },
    { event: 0x77, parameters: undefined, body: undefined },
  ])('of event $event tells $body.kind', ({ event, parameters, body }) => {
    expect(meaningOfNotification(ACCESS_CONTROL, event, parameters, PLAIN)).toEqual(body);
  });

  it('names the slot inside an encapsulated User Code Report and not the command class (99)', () => {
    const report = Uint8Array.from([0x63, 0x03, 0x07, 0x01, 0x31]);
    expect(meaningOfNotification(ACCESS_CONTROL, 6, report, PLAIN)).toMatchObject({ slot: 7 });
    expect(meaningOfNotification(ACCESS_CONTROL, 6, Uint8Array.from([9]), PLAIN)).toMatchObject({ slot: 9 });
  });

  it('does not take an unknown user for a slot, nor the deletion of an admin code for all slots', () => {
    expect(meaningOfNotification(ACCESS_CONTROL, 6, { userId: 0 }, PLAIN)).toMatchObject({ slot: null });
    expect(meaningOfNotification(ACCESS_CONTROL, 6, { userId: 251 }, YALE_ZW2)).toMatchObject({ slot: null });
    expect(meaningOfNotification(ACCESS_CONTROL, 13, { userId: 251 }, YALE_ZW2)).toBeUndefined();
  });

  it('knows the makes that count users from another number', () => {
    expect(meaningOfNotification(ACCESS_CONTROL, 6, { userId: 61 }, ID_LOCK)).toMatchObject({ slot: 1 });
    expect(meaningOfNotification(ACCESS_CONTROL, 6, { userId: 10 }, ID_LOCK)).toMatchObject({ slot: null });
  });
});

describe('a version 1 alarm', () => {
  it('is read by the table of its make', () => {
    expect(meaningOfAlarm(19, 5, KWIKSET)).toEqual({ kind: 'unlocked', method: 'keycode', slot: 5 });
    expect(meaningOfAlarm(113, 5, YALE_ZW2)).toEqual({ kind: 'duplicate_refused', slot: 5 });
    expect(meaningOfAlarm(33, 0, KWIKSET)).toBeUndefined();
    expect(meaningOfAlarm(32, 0, KWIKSET)).toEqual({ kind: 'slot_cleared', slot: null });
    expect(meaningOfAlarm(167, 0, KWIKSET)).toEqual({ kind: 'battery', level: null, low: true });
    expect(meaningOfAlarm(19, 5, PLAIN)).toBeUndefined();
  });
});

describe('a value', () => {
  const commandClass = CommandClasses.Notification;

  it.each([
    ['Access Control', 'Lock state', 0x0b, 'jammed', 'jam_cleared'],
    ['Home Security', 'Cover status', 3, 'tampered', 'tamper_cleared'],
  ])('%s/%s tells the beginning and the end of an alarm', (property, propertyKey, on, begins, ends) => {
    const change = { commandClass, property, propertyKey };
    expect(meaningOfValue({ ...change, prevValue: 0, newValue: on })).toEqual({ kind: begins });
    expect(meaningOfValue({ ...change, prevValue: on, newValue: on })).toBeUndefined();
    expect(meaningOfValue({ ...change, prevValue: on, newValue: 0 })).toEqual({ kind: ends });
    expect(meaningOfValue({ ...change, prevValue: undefined, newValue: 0 })).toBeUndefined();
  });

  it('tells a battery level as a part of one, and no level for "low"', () => {
    const change = { commandClass: CommandClasses.Battery, property: 'level', prevValue: 50 };
    expect(meaningOfValue({ ...change, newValue: 5 })).toEqual({ kind: 'battery', level: 0.05, low: false });
    expect(meaningOfValue({ ...change, newValue: 255 })).toBeUndefined();
  });
});

it('knows the admin slot, the PIN length parameter and the rules for PINs of makes that have them', () => {
  expect(YALE_ZW2.quirks.adminSlots).toEqual([251]);
  expect(quirksOf({ manufacturerId: 0x003b, productType: 1, productId: 0x0469 }).pinLengthParameter).toBe(16);
  expect(quirksOf({ manufacturerId: 0x003b, productType: 1, productId: 0x0469 }).constraints).toEqual([
    { type: 'unique_first_four_digits' },
  ]);
  expect(PLAIN.quirks).toEqual({});
});
