import { expect, test } from 'vitest';
import type { Lock } from '../../src/core/lock.ts';
import type { Slot } from '../../src/core/slot.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { overdueAt } from '../../src/core/timing/delay.ts';
import { clockWork } from '../../src/core/timing/lock-clock.ts';
import { mayBeStale, staleTill } from '../../src/core/timing/stale.ts';
import { timesOf } from '../../src/core/timing/strategy.ts';
import { codeWith, exactly, lockWith, SAMPLE_AT, slotWith } from '../support/core-samples.ts';
import { PLAIN, POLICY, SCHEDULING } from '../support/core-world.ts';

const NOW = exactly(SAMPLE_AT);
const AHEAD = { startsAt: SAMPLE_AT + 9 * DAY_MS, endsAt: SAMPLE_AT + 11 * DAY_MS };
const STUCK = { at: SAMPLE_AT, aheadMs: HOUR_MS, staysWrong: true };

test.each<[string, Partial<Lock>, Partial<Lock>]>([
  ['what it can do', { capabilities: PLAIN }, { capabilities: SCHEDULING }],
  [
    'that it takes no schedules',
    { capabilities: SCHEDULING },
    { capabilities: SCHEDULING, nativeRefused: true },
  ],
  [
    'that its clock stays wrong',
    { capabilities: SCHEDULING },
    { capabilities: SCHEDULING, clockRead: STUCK },
  ],
])('what the lock is found to be changes when a code goes on it at once: %s', (_what, before, after) => {
  const code = codeWith('a', AHEAD);
  const justInTime = AHEAD.startsAt - POLICY.jitLeadMs;
  const preloaded = AHEAD.startsAt - POLICY.nativePreloadMs;
  const onAt = (lock: Partial<Lock>) => timesOf(code, lockWith(lock), POLICY, SAMPLE_AT).onAt;
  const [first, second] = before.capabilities === PLAIN ? [justInTime, preloaded] : [preloaded, justInTime];
  expect([onAt(before), onAt(after), onAt(before)]).toEqual([first, second, first]);
});

test('the other things that decide when a code goes on its lock do so at once as well', () => {
  const code = codeWith('a', { ...AHEAD, strictStart: true });
  const arming = { capabilities: { ...PLAIN, disabledCodes: true } };
  const times = (lock: Partial<Lock>, policy = POLICY) => timesOf(code, lockWith(lock), policy, SAMPLE_AT);
  expect(times(arming).armAt).not.toBeNull();
  expect(times({ ...arming, armRefused: true }).armAt).toBeNull();
  const quick = times({ ...arming, programmingMs: [SECOND_MS] }).onAt ?? 0;
  const slow = times({ ...arming, programmingMs: [20 * SECOND_MS] }).onAt ?? 0;
  expect(slow).toBeLessThan(quick);
  const plain = codeWith('b', AHEAD);
  const lock = lockWith(arming);
  expect(timesOf(plain, lock, POLICY, SAMPLE_AT).onAt).toBe(AHEAD.startsAt - POLICY.jitLeadMs);
  const patient = { ...POLICY, jitLeadMs: HOUR_MS };
  expect(timesOf(plain, lock, patient, SAMPLE_AT).onAt).toBe(AHEAD.startsAt - HOUR_MS);
});

test.each<[boolean, string, Slot['writtenAt']]>([
  [false, 'without a write of ours', null],
  [true, 'right after it', SAMPLE_AT],
  [true, 'almost fifteen seconds after it', SAMPLE_AT - 15 * SECOND_MS + 1],
  [false, 'fifteen seconds after it', SAMPLE_AT - 15 * SECOND_MS],
  [false, 'before it, by a clock that was set back', SAMPLE_AT + 1],
])('what a slot shows may be older than our write: %s %s', (expected, _when, writtenAt) => {
  const row = slotWith(1, { writtenAt });
  expect(mayBeStale(row, NOW)).toBe(expected);
  if (writtenAt !== null) expect(staleTill(row)).toBe(writtenAt + 15 * SECOND_MS);
});

test.each<['read_clock' | null, string, number, number | null]>([
  ['read_clock', 'when the lock came back after that', HOUR_MS, SAMPLE_AT - MINUTE_MS],
  [null, 'when it came back before that', HOUR_MS, SAMPLE_AT - HOUR_MS],
  [null, 'when it was never away', HOUR_MS, null],
])('%s: a clock that was set an hour ago is looked at %s', (expected, _when, agoMs, dueSince) => {
  const { audit } = lockWith();
  const clockSet = { at: SAMPLE_AT - agoMs, offsetMinutes: -300, unconfirmed: 0 };
  const lock = lockWith({ capabilities: SCHEDULING, clockSet, audit: { ...audit, dueSince } });
  expect(clockWork(lock, POLICY, NOW, false)).toBe(expected);
});

test('what was moved when its window was open already has ten seconds from then on', () => {
  const startsAt = SAMPLE_AT - HOUR_MS;
  const lock = lockWith({ capabilities: PLAIN });
  const overdue = (statusSince: number, createdAt = startsAt - DAY_MS) =>
    overdueAt(
      codeWith('a', { startsAt, endsAt: SAMPLE_AT + DAY_MS, statusSince, createdAt }),
      lock,
      POLICY,
      NOW,
    ) - startsAt;
  expect(overdue(startsAt - DAY_MS)).toBe(0);
  expect(overdue(startsAt + 10 * SECOND_MS)).toBe(0);
  expect(overdue(startsAt + 11 * SECOND_MS)).toBe(21 * SECOND_MS);
  expect(overdue(startsAt, startsAt + 5 * SECOND_MS)).toBe(15 * SECOND_MS);
});
