import { describe, expect, test } from 'vitest';
import {
  clockIsAlarming,
  clockIsFresh,
  clockIsTrusted,
  clockReadAs,
  clockSetAs,
  clockWork,
  isExact,
} from '../../src/core/timing/lock-clock.ts';
import type { Lock } from '../../src/core/lock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { exactly, lockWith, SAMPLE_AT } from '../support/core-samples.ts';
import { POLICY } from '../support/core-world.ts';

const WINTER_MINUTES = -300;
const SET = { at: SAMPLE_AT, offsetMinutes: WINTER_MINUTES, unconfirmed: 0 };

function readAt(at: number, aheadMs: number, staysWrong = false): NonNullable<Lock['clockRead']> {
  return { at, aheadMs, staysWrong };
}

function afterSets(unconfirmed: number): Lock {
  return lockWith({ clockSet: { ...SET, unconfirmed } });
}

function workAfter(ms: number, lock: Partial<Lock>, isBusy = false): ReturnType<typeof clockWork> {
  return clockWork(lockWith(lock), POLICY, exactly(SAMPLE_AT + ms), isBusy);
}

function isFreshAfter(ms: number, lock: Partial<Lock>): boolean {
  return clockIsFresh(lockWith(lock), POLICY, exactly(SAMPLE_AT + ms));
}

test('the time is known well enough to judge a clock by it up to 30 s', () => {
  expect(isExact({ earliest: SAMPLE_AT, latest: SAMPLE_AT + 30 * SECOND_MS })).toBe(true);
  expect(isExact({ earliest: SAMPLE_AT, latest: SAMPLE_AT + 30 * SECOND_MS + 1 })).toBe(false);
});

describe('a clock that', () => {
  test.each([
    ['was never looked at', null, false],
    ['is five minutes ahead', 5 * MINUTE_MS, false],
    ['is more than five minutes ahead', 5 * MINUTE_MS + 1, true],
    ['is more than five minutes behind', -5 * MINUTE_MS - 1, true],
  ])('%s alarms: %s %s', (_what, aheadMs, alarms) => {
    const clockRead = aheadMs === null ? null : readAt(SAMPLE_AT, aheadMs);
    expect(clockIsAlarming(lockWith({ clockRead }))).toBe(alarms);
  });

  test('is wrong right after it was set is trusted with no schedule until it was right again', () => {
    const wrongMs = 6 * MINUTE_MS;
    const before = lockWith({ clockSet: null });
    expect(clockReadAs(before, wrongMs, exactly(SAMPLE_AT))).toEqual(readAt(SAMPLE_AT, wrongMs));
    const justSet = lockWith({ clockSet: SET });
    const soon = exactly(SAMPLE_AT + HOUR_MS - 1);
    expect(clockReadAs(justSet, wrongMs, soon)).toEqual(readAt(soon.earliest, wrongMs, true));
    expect(clockReadAs(justSet, -wrongMs, soon).staysWrong).toBe(true);
    expect(clockReadAs(justSet, 5 * MINUTE_MS, soon).staysWrong).toBe(false);
    expect(clockReadAs(justSet, wrongMs, exactly(SAMPLE_AT + HOUR_MS)).staysWrong).toBe(false);
    const distrusted = lockWith({ clockSet: SET, clockRead: readAt(SAMPLE_AT, wrongMs, true) });
    expect(clockReadAs(distrusted, wrongMs, exactly(SAMPLE_AT + DAY_MS)).staysWrong).toBe(true);
    expect(clockReadAs(distrusted, 0, exactly(SAMPLE_AT + DAY_MS)).staysWrong).toBe(false);
  });

  test('may not have heard the time is no worse for being wrong, until it did not hear it three times', () => {
    const wrongMs = 30 * MINUTE_MS;
    expect(clockReadAs(afterSets(1), -wrongMs, exactly(SAMPLE_AT)).staysWrong).toBe(false);
    expect(clockReadAs(afterSets(2), -wrongMs, exactly(SAMPLE_AT)).staysWrong).toBe(false);
    expect(clockReadAs(afterSets(3), -wrongMs, exactly(SAMPLE_AT)).staysWrong).toBe(true);
  });

  test('does not confirm what it is told is counted until it does, or is seen to be right', () => {
    const soon = exactly(SAMPLE_AT + MINUTE_MS);
    const after = (lock: Partial<Lock>, isConfirmed = false): number =>
      clockSetAs(lockWith(lock), isConfirmed, POLICY, soon).unconfirmed;
    expect(clockSetAs(lockWith({ clockSet: null }), true, POLICY, exactly(SAMPLE_AT))).toEqual(SET);
    expect(after({ clockSet: null })).toBe(1);
    const clockSet = { ...SET, unconfirmed: 1 };
    expect(after({ clockSet })).toBe(2);
    expect(after({ clockSet }, true)).toBe(0);
    expect(after({ clockSet, clockRead: readAt(SAMPLE_AT, HOUR_MS) })).toBe(2);
    expect(after({ clockSet, clockRead: readAt(SAMPLE_AT, 0) })).toBe(1);
    expect(after({ clockSet, clockRead: readAt(SAMPLE_AT - 1, 0) })).toBe(2);
  });

  test('stays wrong is not trusted', () => {
    expect(clockIsTrusted(lockWith())).toBe(true);
    expect(clockIsTrusted(lockWith({ clockRead: readAt(SAMPLE_AT, DAY_MS) }))).toBe(true);
    expect(clockIsTrusted(lockWith({ clockRead: readAt(SAMPLE_AT, DAY_MS, true) }))).toBe(false);
  });
});

describe('a clock is fresh', () => {
  test.each([
    ['when it was just set', 0, { clockSet: SET }, true],
    ['never before it was set', 0, { clockSet: null }, false],
    ['for a day and a half', 36 * HOUR_MS - 1, { clockSet: SET }, true],
    ['no longer than that', 36 * HOUR_MS, { clockSet: SET }, false],
    ['for a day when it cannot be asked', DAY_MS - 1, { clockSet: SET, clockUnreadable: true }, true],
    ['no longer than a day then', DAY_MS, { clockSet: SET, clockUnreadable: true }, false],
    ['not when it was set in the future of a clock of ours that was set back', -1, { clockSet: SET }, false],
    [
      'from the last look on, when it was right',
      2 * DAY_MS,
      { clockSet: SET, clockRead: readAt(SAMPLE_AT + DAY_MS, 30 * SECOND_MS) },
      true,
    ],
    [
      'not when the last look found it off',
      DAY_MS,
      { clockSet: SET, clockRead: readAt(SAMPLE_AT + DAY_MS, 30 * SECOND_MS + 1) },
      false,
    ],
    [
      'again when it was set after it was found off',
      0,
      { clockSet: SET, clockRead: readAt(SAMPLE_AT - HOUR_MS, -HOUR_MS) },
      true,
    ],
    ['not when it did not confirm it', 0, { clockSet: { ...SET, unconfirmed: 1 } }, false],
    [
      'when it did not confirm it and was seen to be right',
      0,
      { clockSet: { ...SET, unconfirmed: 1 }, clockRead: readAt(SAMPLE_AT, 0) },
      true,
    ],
    ['not after the offset of the zone has changed', 0, { clockSet: { ...SET, offsetMinutes: -240 } }, false],
  ])('%s', (_when, ms, lock, fresh) => {
    expect(isFreshAfter(ms, lock)).toBe(fresh);
  });
});

describe('the clock of a lock with a schedule', () => {
  test.each([
    ['is set at first', 0, { clockSet: null }, 'set_clock'],
    ['is left alone for a day and a half', 36 * HOUR_MS - 1, { clockSet: SET }, null],
    ['is looked at then', 36 * HOUR_MS, { clockSet: SET }, 'read_clock'],
    ['is set again when ours was set back', -1, { clockSet: SET }, 'set_clock'],
    [
      'is left alone for as long after a look',
      3 * DAY_MS,
      { clockSet: SET, clockRead: readAt(SAMPLE_AT + 2 * DAY_MS, 0) },
      null,
    ],
    [
      'is set every day where it cannot be asked',
      DAY_MS,
      { clockSet: SET, clockUnreadable: true },
      'set_clock',
    ],
    ['is not set earlier there', DAY_MS - 1, { clockSet: SET, clockUnreadable: true }, null],
    [
      'is set when the zone changes its offset',
      0,
      { clockSet: { ...SET, offsetMinutes: -240 } },
      'set_clock',
    ],
    [
      'is set when it was found off by more than 30 s',
      HOUR_MS,
      { clockSet: SET, clockRead: readAt(SAMPLE_AT + HOUR_MS, 30 * SECOND_MS + 1) },
      'set_clock',
    ],
    [
      'is set when it was found to lag',
      HOUR_MS,
      { clockSet: SET, clockRead: readAt(SAMPLE_AT, -30 * SECOND_MS - 1) },
      'set_clock',
    ],
    [
      'is looked at after it was set for being off',
      0,
      { clockSet: SET, clockRead: readAt(SAMPLE_AT - 1, HOUR_MS) },
      'read_clock',
    ],
    [
      'is not set again at once when that did not help',
      HOUR_MS - 1,
      { clockSet: SET, clockRead: readAt(SAMPLE_AT + 1, HOUR_MS, true) },
      null,
    ],
    [
      'is set again an hour later then',
      HOUR_MS,
      { clockSet: SET, clockRead: readAt(SAMPLE_AT + 1, HOUR_MS, true) },
      'set_clock',
    ],
    [
      'is looked at when it did not confirm the time',
      0,
      { clockSet: { ...SET, unconfirmed: 1 } },
      'read_clock',
    ],
    [
      'is set again at once when the time did not arrive',
      1,
      { clockSet: { ...SET, unconfirmed: 2 }, clockRead: readAt(SAMPLE_AT + 1, HOUR_MS) },
      'set_clock',
    ],
    [
      'is not set again at once when it did not arrive three times',
      1,
      { clockSet: { ...SET, unconfirmed: 3 }, clockRead: readAt(SAMPLE_AT + 1, HOUR_MS) },
      null,
    ],
    ['is not cared for when the lock takes no schedules', 0, { clockSet: null, nativeRefused: true }, null],
  ])('%s', (_when, ms, lock, work) => {
    expect(workAfter(ms, lock)).toBe(work);
  });

  test('is looked at after a day when the lock is spoken to anyway', () => {
    expect(workAfter(DAY_MS - 1, { clockSet: SET }, true)).toBeNull();
    expect(workAfter(DAY_MS, { clockSet: SET }, true)).toBe('read_clock');
  });

  test('is left alone by a hub that does not know the time', () => {
    const now = { earliest: SAMPLE_AT, latest: SAMPLE_AT + MINUTE_MS };
    expect(clockWork(lockWith({ clockSet: null }), POLICY, now, false)).toBeNull();
  });
});
