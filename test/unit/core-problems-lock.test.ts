import { describe, expect, test } from 'vitest';
import type { Lock } from '../../src/core/lock.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { deviceProblemsOf, withProblemDates } from '../../src/core/problems/device-problems.ts';
import type { Slot } from '../../src/core/slot.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { exactly, holding, lockWith, SAMPLE_AT, slotWith, stateWith } from '../support/core-samples.ts';
import { PLAIN, POLICY, SCHEDULING } from '../support/core-world.ts';

const NOW = exactly(SAMPLE_AT);
const WELL: Partial<Lock> = { radio: 'zwave', online: true, capabilities: PLAIN };

function problemsOf(lock: Partial<Lock>) {
  const { errors, warnings } = deviceProblemsOf(
    stateWith({ lock: lockWith({ ...WELL, ...lock }) }),
    POLICY,
    NOW,
  );
  return [...errors, ...warnings].map(({ code, createdAt }) => ({ code, since: createdAt }));
}

describe('what is wrong with a lock', () => {
  test('that left its network is that, and not that it does not answer', () => {
    const gone = stateWith({ lock: lockWith({ ...WELL, radio: null, online: false }) });
    expect(deviceProblemsOf(gone, POLICY, NOW).errors).toEqual([
      {
        code: 'device_removed',
        message: 'The lock is no longer in the radio network.',
        createdAt: SAMPLE_AT,
      },
    ]);
    expect(problemsOf({ radio: null, online: false, capabilities: null })).toMatchObject([
      { code: 'device_offline' },
    ]);
  });

  const LONG_AGO = SAMPLE_AT - DAY_MS;

  test('has its date since it began, each its own', () => {
    const problems = [
      { code: 'low_security', since: LONG_AGO },
      { code: 'low_battery', since: SAMPLE_AT - HOUR_MS },
    ] as const;
    expect(problemsOf({ secure: false, batteryLow: true, credentialsMissing: true, problems })).toEqual([
      { code: 'missing_device_credentials', since: SAMPLE_AT },
      { code: 'low_battery', since: SAMPLE_AT - HOUR_MS },
      { code: 'low_security', since: LONG_AGO },
    ]);
  });

  test.each<[string, Partial<Lock>, Lock['problems'], boolean]>([
    ['is the same', { secure: false }, [{ code: 'low_security', since: LONG_AGO }], true],
    ['is nothing, as before', {}, [], true],
    ['is over', {}, [{ code: 'low_security', since: LONG_AGO }], false],
    ['is new', { secure: false }, [], false],
    ['is another', { secure: false }, [{ code: 'low_battery', since: LONG_AGO }], false],
  ])('is noted anew unless it %s: %j', (_what, lock, problems, isSame) => {
    const state = stateWith({ lock: lockWith({ ...WELL, ...lock, problems }) });
    const noted = withProblemDates(state, POLICY, NOW);
    expect(noted === state).toBe(isSame);
    expect(noted.lock.problems).toEqual(problemsOf({ ...lock, problems }));
  });
});

function set(at: number): Partial<Lock> {
  return { clockSet: { at, offsetMinutes: -300, unconfirmed: 0 } };
}

/** What is planned for a lock that keeps schedules and has no codes. */
function looks(slots: readonly Slot[], lock: Partial<Lock>) {
  const state = stateWith({ lock: lockWith({ ...WELL, capabilities: SCHEDULING, ...lock }), slots });
  return plan(state, POLICY, NOW).operations.map(({ operation, accessCodeId, wish, priority, reason }) => {
    expect([accessCodeId, wish]).toEqual([null, '']);
    return `${operation.kind} ${priority} ${reason}`;
  });
}

describe('a look that serves no code', () => {
  const held: Partial<Slot> = {
    schedule: { kind: 'known', window: { start: '2026-03-01T07:00', stop: '2026-03-09T07:00' } },
  };
  test('at the clock says whether it was never set or is only looked at', () => {
    expect(looks([slotWith(1, held)], {})).toEqual(['set_clock set lock_clock_not_set']);
    expect(looks([slotWith(1, held)], set(SAMPLE_AT - 37 * HOUR_MS))).toEqual([
      'read_clock set lock_clock_check',
    ]);
  });

  test('at the clock is made after a day where a slot is looked at anyway', () => {
    const touched = slotWith(2, { recheck: 'edited' });
    const clock = set(SAMPLE_AT - 30 * HOUR_MS);
    expect(looks([slotWith(1, held)], clock)).toEqual([]);
    expect(looks([slotWith(1, held), touched], clock)).toEqual([
      'read_clock set lock_clock_check',
      'read_slot look content_unknown',
    ]);
  });

  test('of an audit comes when there is no other, as a mere look', () => {
    const { audit } = lockWith();
    const due = { audit: { ...audit, dueSince: SAMPLE_AT, framesLeft: 60, refillAt: SAMPLE_AT + HOUR_MS } };
    const ours = slotWith(1, { owner: 'gone', content: holding('1234'), provenAt: SAMPLE_AT - 1 });
    expect(looks([ours], due)).toEqual(['read_slot look audit']);
    expect(looks([ours, slotWith(2, { recheck: 'edited' })], due)).toEqual([
      'read_slot look content_unknown',
    ]);
  });

  test('at a foreign code is made although the budget is spent: nobody fights for it', () => {
    const row = slotWith(1, {
      content: holding('9999'),
      recheck: 'edited',
      unmanaged: { accessCodeId: 'x', since: 0 },
    });
    expect(looks([row], { repeatsBlockedUntil: SAMPLE_AT + MINUTE_MS })).toEqual([
      'read_slot look content_unknown',
    ]);
  });
});
