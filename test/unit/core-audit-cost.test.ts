import { describe, expect, test } from 'vitest';
import { auditWork, finishAudit, spendFrames } from '../../src/core/plan/audit.ts';
import { isUserSlot, userSlotCount, type Capabilities } from '../../src/core/capability.ts';
import type { Audit } from '../../src/core/lock.ts';
import { isWrite, type Operation } from '../../src/core/operation.ts';
import type { Slot, WeekSchedule } from '../../src/core/slot.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import {
  codeWith,
  exactly,
  holding,
  lockWith,
  pinOf,
  SAMPLE_AT,
  slotWith,
  stateWith,
} from '../support/core-samples.ts';
import { PLAIN, POLICY, SCHEDULING } from '../support/core-world.ts';

const NOW = exactly(SAMPLE_AT + HOUR_MS);
const READ: Operation = { kind: 'read_slot', slot: 1 };
const MONDAY = { day: 'monday', start: '08:00', stop: '18:00' } as const;
const WEEK: WeekSchedule = { weekDays: [MONDAY, { ...MONDAY, day: 'tuesday' }] };
const FULL_WEEK: WeekSchedule = { weekDays: Array.from({ length: 5 }, () => MONDAY) };
const NO_WEEK: Partial<Slot> = { schedule: { kind: 'known', window: null } };
const HELD: Partial<Slot> = { schedule: { kind: 'known', window: WEEK } };

function stateOf(capabilities: Capabilities, slots: readonly Slot[], audit: Partial<Audit> = {}) {
  const whole = { dueSince: NOW.earliest, doneAt: null, framesLeft: 60, isReading: false, ...audit };
  const lock = lockWith({ capabilities, audit: { refillAt: NOW.earliest + HOUR_MS, ...whole } });
  return stateWith({ lock, codes: [codeWith('a', { slot: 1 }), codeWith('b', { slot: 2 })], slots });
}

/** The next look of an audit that reads the slots one by one. */
function lookByReads(slots: readonly Slot[]) {
  return auditWork(stateOf(PLAIN, slots, { isReading: true }), POLICY, NOW);
}

/** The next look of an audit at a lock whose slot 1 is empty and nobody's. */
function lookAtEmptied(writtenAt: number | null, provenAt: number) {
  return auditWork(stateOf(PLAIN, [slotWith(1, { writtenAt, provenAt })]), POLICY, NOW);
}

describe('a look at one slot costs two frames for each question', () => {
  const weekly: Capabilities = { ...SCHEDULING, weekDaySchedules: 7 };

  test.each<[number, string, Capabilities, Partial<Slot>]>([
    [2, 'the code alone', PLAIN, {}],
    [4, 'and its year-day schedule', SCHEDULING, {}],
    [6, 'and the first of its week-day schedules, which is empty', weekly, NO_WEEK],
    [6, 'and that one, where nobody knows them', weekly, { schedule: { kind: 'unknown' } }],
    [10, 'and each of two, up to the empty third', weekly, HELD],
    [8, 'and no more than there are', { ...weekly, weekDaySchedules: 2 }, HELD],
    [4, 'and no year-day schedule where there is none', { ...weekly, nativeScheduling: null }, NO_WEEK],
  ])('%s: %s', (frames, _what, capabilities, row) => {
    const other = slotWith(2, { schedule: { kind: 'known', window: FULL_WEEK } });
    const state = stateOf(capabilities, [slotWith(1, row), other]);
    expect(spendFrames(state, READ, POLICY, NOW).lock.audit.framesLeft).toBe(60 - frames);
  });
});

describe('an audit', () => {
  const ours = { owner: 'a', content: holding('1234') };

  test('whose beginning lies ahead, because the clock was set back, begins now and keeps the rest', () => {
    const state = stateOf(PLAIN, [slotWith(1, ours)], { dueSince: NOW.earliest + HOUR_MS, framesLeft: 12 });
    expect(finishAudit(state, NOW).lock.audit).toEqual({
      ...state.lock.audit,
      dueSince: NOW.earliest,
      framesLeft: 12,
    });
  });

  test('is not finished while one of our slots is still to be read, whatever is known of the others', () => {
    const known = slotWith(1, { ...ours, provenAt: NOW.earliest });
    const unread = slotWith(2, { owner: 'b', content: { kind: 'unknown' } });
    expect(finishAudit(stateOf(PLAIN, [known, unread]), NOW).lock.audit.dueSince).toBe(NOW.earliest);
    expect(finishAudit(stateOf(PLAIN, [known]), NOW).lock.audit.dueSince).toBeNull();
  });

  test('by single reads looks at ours first, then at the others, and last at what nobody ever saw', () => {
    const longAgo = { content: holding('9999'), provenAt: SAMPLE_AT - HOUR_MS };
    const rows = [
      slotWith(1, longAgo),
      slotWith(2, { ...ours, owner: 'b' }),
      slotWith(3, { content: { kind: 'unknown' } }),
    ];
    expect(lookByReads(rows)).toEqual({ kind: 'read_slot', slot: 2 });
    expect(lookByReads(rows.toSpliced(1, 1))).toEqual({ kind: 'read_slot', slot: 1 });
    expect(lookByReads(rows.slice(2))).toEqual({ kind: 'read_slot', slot: 1 });
    expect(lookByReads([])).toEqual({ kind: 'read_slot', slot: 1 });
  });

  test('looks again at a slot that we emptied until a minute later, and at no other that is nobody’s', () => {
    expect(lookAtEmptied(SAMPLE_AT, SAMPLE_AT + MINUTE_MS - 1)).toEqual({ kind: 'read_slot', slot: 1 });
    expect(lookAtEmptied(SAMPLE_AT, SAMPLE_AT + MINUTE_MS)).toBeNull();
    expect(lookAtEmptied(null, SAMPLE_AT)).toBeNull();
  });
});

test('the slots of a lock that access codes may use lie between its first and last and are not an admin’s', () => {
  const capabilities = { ...PLAIN, firstSlot: 2, lastSlot: 5, adminSlots: [1, 2, 5, 6] };
  const usable = [1, 2, 3, 4, 5, 6].filter((slot) => isUserSlot(capabilities, slot));
  expect(usable).toEqual([3, 4]);
  expect(userSlotCount(capabilities)).toBe(2);
  expect(isUserSlot({ ...capabilities, adminSlots: [] }, 1)).toBe(false);
  expect(userSlotCount({ ...capabilities, adminSlots: [] })).toBe(4);
});

test.each<[boolean, Operation]>([
  [true, { kind: 'set_pin', slot: 1, pin: pinOf('1234'), enabled: true }],
  [true, { kind: 'clear_slot', slot: 1 }],
  [true, { kind: 'set_schedule', slot: 1, window: WEEK }],
  [true, { kind: 'clear_schedule', slot: 1 }],
  [false, READ],
  [false, { kind: 'set_clock' }],
  [false, { kind: 'read_clock' }],
  [false, { kind: 'compare_checksum', held: [] }],
])('%s: it writes to a slot, %j', (expected, operation) => {
  expect(isWrite(operation)).toBe(expected);
});
