import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { Capabilities } from '../../src/core/capability.ts';
import { isDelayed, overdueAt } from '../../src/core/timing/delay.ts';
import type { Lock, Policy } from '../../src/core/lock.ts';
import type { WarningCode } from '../../src/core/problem.ts';
import { programmingLeadMs, withDuration } from '../../src/core/timing/programming.ts';
import { isDue, onLockFrom, strategyOf, targetOf, timesOf } from '../../src/core/timing/strategy.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { codeWith, exactly, lockWith, SAMPLE_AT } from '../support/core-samples.ts';
import { PLAIN, POLICY, SCHEDULING } from '../support/core-world.ts';

/** Tuesday, 10 March 2026, 11:00 to Thursday 11:00 in New York. */
const START = Date.parse('2026-03-10T15:00:00Z');
const END = Date.parse('2026-03-12T15:00:00Z');
const STAY = { startsAt: START, endsAt: END };
const WINDOW = { start: '2026-03-10T11:00', stop: '2026-03-12T11:00' };
const MONDAYS = [{ days: ['monday'] as const, start: '09:00', stop: '12:00' }];
const MONDAYS_ON_LOCK = { weekDays: [{ day: 'monday', start: '09:00', stop: '12:00' }] };

const ARMING: Capabilities = { ...PLAIN, disabledCodes: true };
const WEEKLY: Capabilities = { ...SCHEDULING, weekDaySchedules: 1 };
const LEAD_MS = 30 * MINUTE_MS;
const PRELOAD_MS = 72 * HOUR_MS;

function timesWith(
  capabilities: Capabilities | null,
  code: Partial<AccessCode>,
  lock: Partial<Lock> = {},
  policy: Policy = POLICY,
) {
  return timesOf(codeWith('a', code), lockWith({ capabilities, ...lock }), policy, SAMPLE_AT);
}

/** A code that is shown with this warning. */
function warned(code: WarningCode): Partial<AccessCode> {
  return { warnings: [{ code, message: '', createdAt: SAMPLE_AT }] };
}

describe('a code goes on its lock', () => {
  test.each([
    ['at once when it is ongoing', SCHEDULING, {}, { onAt: null, schedule: null }],
    [
      'half an hour ahead when it starts later',
      SCHEDULING,
      { startsAt: START },
      { onAt: START - LEAD_MS, schedule: null },
    ],
    ['three days ahead with a schedule', SCHEDULING, STAY, { onAt: START - PRELOAD_MS, schedule: WINDOW }],
    ['just in time without schedules', PLAIN, STAY, { onAt: START - LEAD_MS, schedule: null }],
    ['just in time on a lock nobody has met', null, STAY, { onAt: START - LEAD_MS, schedule: null }],
    [
      'just in time when that is wanted',
      SCHEDULING,
      { ...STAY, preferNativeScheduling: false },
      { onAt: START - LEAD_MS, schedule: null },
    ],
    [
      'just in time when the lock would not take its schedule',
      SCHEDULING,
      { ...STAY, refused: { reason: 'unsupported', message: 'no' } },
      { onAt: START - LEAD_MS, schedule: null },
    ],
    [
      'with its schedule although the lock refused its PIN',
      SCHEDULING,
      { ...STAY, refused: { reason: 'duplicate_pin', message: 'no' } },
      { onAt: START - PRELOAD_MS, schedule: WINDOW },
    ],
    [
      'at its start when that is strict',
      PLAIN,
      { ...STAY, strictStart: true },
      { onAt: START, schedule: null },
    ],
    [
      'at once, with a schedule that begins earlier, when it stands in for another',
      SCHEDULING,
      { ...STAY, isBackup: true },
      { onAt: null, schedule: { ...WINDOW, start: '2026-03-09T11:00' } },
    ],
    [
      'with the windows of its week',
      WEEKLY,
      { startsAt: START, weeklyWindows: MONDAYS },
      { onAt: START - LEAD_MS, schedule: MONDAYS_ON_LOCK },
    ],
    ['at once with those', WEEKLY, { weeklyWindows: MONDAYS }, { onAt: null, schedule: MONDAYS_ON_LOCK }],
    [
      'with one window after the other when its week has an end',
      WEEKLY,
      { startsAt: START, endsAt: START + 30 * DAY_MS, weeklyWindows: MONDAYS },
      {
        onAt: Date.parse('2026-03-16T13:00:00Z') - PRELOAD_MS,
        schedule: { start: '2026-03-16T09:00', stop: '2026-03-16T12:00' },
      },
    ],
    [
      'with one window after the other when the lock has no room for its week',
      WEEKLY,
      { startsAt: START, weeklyWindows: [{ ...MONDAYS[0], days: ['monday', 'friday'] }] },
      {
        onAt: Date.parse('2026-03-13T13:00:00Z') - PRELOAD_MS,
        schedule: { start: '2026-03-13T09:00', stop: '2026-03-13T12:00' },
      },
    ],
  ] as [string, Capabilities | null, Partial<AccessCode>, object][])(
    '%s',
    (_how, capabilities, code, expected) => {
      expect(timesWith(capabilities, code)).toMatchObject({ ...expected, armAt: null });
    },
  );

  test.each([
    ['the lock takes no schedules after all', { nativeRefused: true }],
    ['its clock stays wrong', { clockRead: { at: SAMPLE_AT, aheadMs: HOUR_MS, staysWrong: true } }],
  ])('just in time when %s', (_why, lock) => {
    expect(timesWith(SCHEDULING, STAY, lock)).toMatchObject({ onAt: START - LEAD_MS, schedule: null });
  });

  test('at its start when every start is strict, but for what the lock takes to be programmed', () => {
    const policy = { ...POLICY, strictStart: true };
    expect(timesWith(PLAIN, STAY, { programmingMs: [4000] }, policy).onAt).toBe(START - 4000);
    expect(timesWith(PLAIN, { ...STAY, strictStart: true }, { programmingMs: [4000] }).onAt).toBe(
      START - 4000,
    );
    expect(timesWith(SCHEDULING, STAY, {}, policy).onAt).toBe(START - PRELOAD_MS);
  });

  test('armed three days ahead where the lock can hold it disabled', () => {
    expect(timesWith(ARMING, STAY).armAt).toBe(START - PRELOAD_MS);
    expect(timesWith(ARMING, { startsAt: START }).armAt).toBe(START - PRELOAD_MS);
    expect(timesWith(ARMING, {}).armAt).toBeNull();
    expect(timesWith(ARMING, STAY, { armRefused: true }).armAt).toBeNull();
    const policy = { ...POLICY, nativePreloadMs: MINUTE_MS };
    expect(timesWith(ARMING, STAY, {}, policy).armAt).toBe(START - LEAD_MS);
  });

  test('as the lock and the policy of now say, not those of a moment ago', () => {
    const code = codeWith('a', STAY);
    const lock = lockWith({ capabilities: ARMING });
    const onAt = (more: Partial<Lock>, policy = POLICY) => {
      const times = timesOf(code, { ...lock, ...more }, policy, SAMPLE_AT);
      return [times.armAt, times.onAt];
    };
    const strict = { ...POLICY, strictStart: true };
    expect(onAt({})).toEqual([START - PRELOAD_MS, START - LEAD_MS]);
    expect(onAt({ armRefused: true })).toEqual([null, START - LEAD_MS]);
    expect(onAt({ capabilities: SCHEDULING })).toEqual([null, START - PRELOAD_MS]);
    expect(onAt({ capabilities: SCHEDULING, nativeRefused: true })).toEqual([null, START - LEAD_MS]);
    expect(onAt({ capabilities: SCHEDULING })).toEqual([null, START - PRELOAD_MS]);
    const clockRead = { at: SAMPLE_AT, aheadMs: HOUR_MS, staysWrong: true };
    expect(onAt({ capabilities: SCHEDULING, clockRead })).toEqual([null, START - LEAD_MS]);
    expect(onAt({ capabilities: PLAIN }, strict)).toEqual([null, START]);
    expect(onAt({ capabilities: PLAIN, programmingMs: [9] }, strict)).toEqual([null, START - 9]);
  });

  test('by a strategy that has a name', () => {
    const lock = lockWith({ capabilities: SCHEDULING });
    expect(strategyOf(codeWith('a', STAY), lock, POLICY, exactly(SAMPLE_AT))).toBe('native');
    expect(strategyOf(codeWith('a'), lock, POLICY, exactly(SAMPLE_AT))).toBe('just_in_time');
  });
});

describe('a code takes a slot', () => {
  test.each([
    ['from now on when it is ongoing', PLAIN, {}, null],
    ['from its lead on', PLAIN, STAY, START - LEAD_MS],
    ['from its preload on', SCHEDULING, STAY, START - PRELOAD_MS],
    ['from when it is armed', ARMING, STAY, START - PRELOAD_MS],
    [
      'from the preload of its first window on',
      PLAIN,
      { ...STAY, weeklyWindows: MONDAYS },
      START - PRELOAD_MS,
    ],
    ['from its start on when that is strict', PLAIN, { ...STAY, strictStart: true }, START],
  ] as [string, Capabilities, Partial<AccessCode>, number | null][])(
    '%s',
    (_when, capabilities, code, from) => {
      expect(onLockFrom(codeWith('a', code), lockWith({ capabilities }), POLICY)).toBe(from);
    },
  );
});

describe('what a lock should hold', () => {
  const ABSENT = { kind: 'absent', because: 'waiting' };
  const AS_IS = { kind: 'as_is' };
  const ON = { kind: 'present', enabled: true, schedule: null };
  const ARMED = { kind: 'present', enabled: false, schedule: null };
  const onAt = START - LEAD_MS;
  const armAt = START - PRELOAD_MS;

  test.each([
    ['nothing before the lead', PLAIN, onAt - 2, onAt - 1, ABSENT],
    ['what it holds while the lead may have begun', PLAIN, onAt - 1, onAt, AS_IS],
    ['the code from the lead on', PLAIN, onAt, onAt + 1, ON],
    ['the code until its end', PLAIN, END - 2, END - 1, ON],
    ['what it holds while the end may have come', PLAIN, END - 1, END, AS_IS],
    ['nothing before it is armed', ARMING, armAt - 1, armAt - 1, ABSENT],
    ['what it holds while that may be', ARMING, armAt - 1, armAt, AS_IS],
    ['the code disabled from then on', ARMING, armAt, onAt - 1, ARMED],
    ['what it holds while it may be time to enable', ARMING, onAt - 1, onAt, AS_IS],
    ['the code enabled from the lead on', ARMING, onAt, onAt, ON],
    ['the code with its schedule', SCHEDULING, armAt, armAt, { ...ON, schedule: WINDOW }],
  ])('is %s', (_what, capabilities, earliest, latest, expected) => {
    const target = targetOf(codeWith('a', STAY), lockWith({ capabilities }), POLICY, { earliest, latest });
    expect(target).toEqual(expected);
  });

  test.each([
    ['that is to go', { removingSince: SAMPLE_AT }, { kind: 'absent', because: 'removing' }],
    ['that was refused', { pin: null }, { kind: 'absent', because: 'rejected' }],
    ['that is ongoing', {}, ON],
  ])('of a code %s', (_which, code, expected) => {
    const target = targetOf(
      codeWith('a', code),
      lockWith({ capabilities: PLAIN }),
      POLICY,
      exactly(SAMPLE_AT),
    );
    expect(target).toEqual(expected);
  });
});

describe('a code is due', () => {
  test.each([
    ['at once when it is ongoing', PLAIN, {}, 0],
    ['from its lead on', PLAIN, STAY, START - LEAD_MS],
    ['from its start on where the lock waits for that', SCHEDULING, STAY, START],
  ])('%s', (_when, capabilities, code, from) => {
    const dueAt = (at: number) =>
      isDue(codeWith('a', code), lockWith({ capabilities }), POLICY, { earliest: at, latest: at + HOUR_MS });
    expect(dueAt(from)).toBe(true);
    if (from > 0) expect(dueAt(from - 1)).toBe(false);
  });
});

describe('a code is overdue', () => {
  const late = START + HOUR_MS;

  test.each([
    ['at its start', STAY, START],
    [
      'ten seconds after it was made when it had no lead',
      { ...STAY, createdAt: late, statusSince: late },
      late + 10_000,
    ],
    ['ten seconds after it was moved then', { ...STAY, statusSince: late }, late + 10_000],
    ['five minutes after it was made when it is ongoing', {}, SAMPLE_AT + 5 * MINUTE_MS],
    [
      'five minutes after its lead began when it never ends',
      { startsAt: START },
      START - LEAD_MS + 5 * MINUTE_MS,
    ],
    [
      'five minutes after it was lost from the lock',
      { ...STAY, everOnDevice: true, statusSince: late },
      late + 5 * MINUTE_MS,
    ],
    ['a minute after it should be gone', { ...STAY, removingSince: END }, END + MINUTE_MS],
  ])('%s', (_when, code, expected) => {
    const lock = lockWith({ capabilities: PLAIN });
    expect(overdueAt(codeWith('a', code), lock, POLICY, exactly(SAMPLE_AT))).toBe(expected);
  });

  test('as a warning of its own kind, on the way to the lock and off it', () => {
    const setting = warned('delay_in_setting_on_device');
    const removing = warned('delay_in_removing_from_device');
    expect(isDelayed(codeWith('a'))).toBe(false);
    expect(isDelayed(codeWith('a', setting))).toBe(true);
    expect(isDelayed(codeWith('a', removing))).toBe(false);
    expect(isDelayed(codeWith('a', { ...setting, removingSince: SAMPLE_AT }))).toBe(false);
    expect(isDelayed(codeWith('a', { ...removing, removingSince: SAMPLE_AT }))).toBe(true);
  });
});

describe('how long a lock takes to be programmed', () => {
  test('is what 99 of 100 of its writes took at most', () => {
    const durations = Array.from({ length: 100 }, (_, index) => (100 - index) * SECOND_MS);
    expect(programmingLeadMs(lockWith({ programmingMs: durations }))).toBe(99 * SECOND_MS);
    expect(programmingLeadMs(lockWith({ programmingMs: [800, 900, 700] }))).toBe(900);
    expect(programmingLeadMs(lockWith())).toBe(0);
  });

  test('is measured by its last hundred writes, in whole milliseconds', () => {
    const durations = Array.from({ length: 100 }, (_, index) => index);
    expect(withDuration(durations, 99.6)).toEqual([...durations.slice(1), 100]);
    expect(withDuration([], 0.2)).toEqual([0]);
  });
});
