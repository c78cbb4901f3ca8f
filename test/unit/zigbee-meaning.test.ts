import { expect, it } from 'vitest';
import { batteryLevel } from '../../drivers/zigbee/battery.ts';
import {
  meaningOfAlarm,
  meaningOfEvent,
  meaningOfLastAction,
  meaningOfLockState,
} from '../../drivers/zigbee/listen/meaning.ts';
import { parseRawEvent, userOf, type DoorLockEvent } from '../../drivers/zigbee/listen/raw-event.ts';
import { Repeats } from '../../drivers/zigbee/listen/repeats.ts';
import type { LockProfile } from '../../drivers/zigbee/profile.ts';

const capabilities = {
  firstSlot: 1,
  lastSlot: 30,
  adminSlots: [9],
  pinLength: { min: 4, max: 8 },
  constraints: [],
  nativeScheduling: null,
  weekDaySchedules: 0,
  disabledCodes: false,
  checksum: false,
  offline: null,
};
const profile = { capabilities, quirks: {} } as unknown as LockProfile;

/** Frame control of a lock that speaks for itself. */
const FROM_LOCK = 0x09;

it('reads an operation event without its tail, and nothing of the PIN in it', () => {
  const frame = Uint8Array.from([FROM_LOCK, 44, 0x20, 0, 2, 5, 0, 4, 0x31, 0x32, 0x33, 0x34, 0, 0, 0, 0]);
  const raw = parseRawEvent(frame);
  expect(raw).toEqual({ transaction: 44, event: { kind: 'operation', source: 0, code: 2, user: 5 } });
  expect(JSON.stringify(raw)).not.toContain('1234');
  expect(raw && meaningOfEvent(raw.event, profile)).toEqual({ kind: 'unlocked', method: 'keycode', slot: 5 });
});

it.each([
  ['too short', [FROM_LOCK, 44, 0x20, 0, 2, 5]],
  ['another command', [FROM_LOCK, 44, 0x06, 0, 2, 5, 0]],
  ['to the lock', [0x01, 44, 0x20, 0, 2, 5, 0]],
  ['of the maker', [0x0d, 0x19, 0x13, 44, 0x20, 0, 2, 5, 0]],
  ['of all clusters', [0x08, 44, 0x20, 0, 2, 5, 0]],
  ['nothing', []],
])('takes a frame that is %s for no event', (_name, bytes) => {
  expect(parseRawEvent(Uint8Array.from(bytes))).toBeUndefined();
});

it('reads a frame that is a part of a larger buffer', () => {
  const buffer = Buffer.from([9, 9, 9, FROM_LOCK, 1, 0x21, 1, 2, 3, 0]).subarray(3);
  expect(parseRawEvent(buffer)?.event).toEqual({ kind: 'programming', source: 1, code: 2, user: 3 });
});

it('knows no user where the lock names none', () => {
  expect(userOf(Number.NaN)).toBeNull();
  expect(userOf(0xffff)).toBeNull();
  expect(userOf(undefined)).toBeNull();
  expect(userOf(0)).toBe(0);
});

it.each<[DoorLockEvent, unknown]>([
  [
    { kind: 'operation', source: 2, code: 13, user: null },
    { kind: 'locked', method: 'manual', slot: null },
  ],
  [
    { kind: 'operation', source: 1, code: 2, user: 3 },
    { kind: 'unlocked', method: 'remote', slot: null },
  ],
  [
    { kind: 'operation', source: 0, code: 10, user: null },
    { kind: 'locked', method: 'automatic', slot: null },
  ],
  [{ kind: 'operation', source: 0, code: 5, user: null }, { kind: 'access_denied' }],
  [
    { kind: 'operation', source: 0, code: 2, user: 9 },
    { kind: 'unlocked', method: 'keycode', slot: null },
  ],
  [
    { kind: 'programming', source: 0, code: 2, user: 4 },
    { kind: 'slot_changed', slot: 4 },
  ],
  [
    { kind: 'programming', source: 0, code: 4, user: null },
    { kind: 'slot_changed', slot: null },
  ],
  [
    { kind: 'programming', source: 0, code: 3, user: 4 },
    { kind: 'slot_cleared', slot: 4 },
  ],
  [
    { kind: 'programming', source: 0, code: 3, user: 0xff },
    { kind: 'slot_cleared', slot: null },
  ],
  // Somebody was erased, and the lock does not say who: not everybody was.
  [
    { kind: 'programming', source: 0, code: 3, user: null },
    { kind: 'slot_changed', slot: null },
  ],
  [{ kind: 'programming', source: 0, code: 2, user: 9 }, undefined],
  [{ kind: 'programming', source: 0, code: 1, user: 0 }, undefined],
])('%j', (event, meaning) => {
  expect(meaningOfEvent(event, profile)).toEqual(meaning);
});

it('looks at all slots where user 255 may be one of them or all', () => {
  const large = { ...profile, capabilities: { ...profile.capabilities, lastSlot: 999 } };
  const event = { kind: 'programming', source: 0, code: 3, user: 0xff } as const;
  expect(meaningOfEvent(event, large)).toEqual({ kind: 'slot_changed', slot: null });
});

it('takes a bolt that is neither in nor out for stuck', () => {
  expect(meaningOfLockState(0)).toEqual({ kind: 'jammed' });
  expect(meaningOfLockState(Number.NaN)).toBeUndefined();
});

it('knows both scales of batteries', () => {
  expect(batteryLevel(200, {})).toBe(1);
  expect(batteryLevel(90, {})).toBe(0.45);
  expect(batteryLevel(90, { batteryFull: 100 })).toBe(0.9);
  expect(batteryLevel(0xff, {})).toBeNull();
  expect(batteryLevel(Number.NaN, {})).toBeNull();
  // A Solis that has just started says 200 before it has measured.
  expect(batteryLevel(200, { batteryFull: 100 })).toBeNull();
});

const LAST_ACTION: readonly (readonly [shown: unknown, meaning: unknown])[] = [
  [0x0202_0005, { kind: 'unlocked', method: 'keycode', slot: 5 }],
  [0x0201_0000, { kind: 'locked', method: 'keycode', slot: null }],
  [0x0302_0005, { kind: 'unlocked', method: 'unknown', slot: null }],
  [0x0002_ffff, { kind: 'unlocked', method: 'remote', slot: null }],
  [0x0a01_0000, { kind: 'locked', method: 'unknown', slot: null }],
  [0xff02_0005, { kind: 'unlocked', method: 'unknown', slot: null }],
  [0x0209_0005, undefined],
  [undefined, undefined],
];
it.each(LAST_ACTION)(
  'reads the last action %s of a lock that reports it in its own way',
  (shown, meaning) => {
    expect(meaningOfLastAction(shown, profile)).toEqual(meaning);
  },
);

it.each([
  [0x0101, 0, { kind: 'jammed' }],
  [0x0101, 5, { kind: 'tampered', endsUntold: true }],
  [0x0101, 22, undefined],
  [0xfc00, 9, { kind: 'jammed' }],
  [0xfc00, 21, { kind: 'locked', method: 'manual', slot: null }],
  [0xfc00, 25, { kind: 'unlocked', method: 'unknown', slot: null }],
  [0xfc00, 27, { kind: 'locked', method: 'automatic', slot: null }],
  // What that number means is known in no cluster but these two.
  [0xfc00, 0, undefined],
  [0x0001, 0, undefined],
])('an alarm of cluster %i with the number %i', (cluster, code, meaning) => {
  expect(meaningOfAlarm(code, cluster)).toEqual(meaning);
});

it('knows a frame that comes twice', () => {
  const repeats = new Repeats();
  expect(repeats.isRepeated('44 a')).toBe(false);
  expect(repeats.isRepeated('44 a')).toBe(true);
  expect(repeats.isRepeated('44 b')).toBe(false);
});
