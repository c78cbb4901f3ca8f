import { expect, it } from 'vitest';
import { aheadOf } from '../../drivers/zwave/execute/clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';

const NOW = Date.UTC(2026, 10, 22, 12, 30, 40);

it.each([
  { shown: '12:30', aheadMs: 0, why: 'the present minute' },
  { shown: '12:31', aheadMs: 20 * SECOND_MS, why: 'the next begins in 20 s' },
  { shown: '12:29', aheadMs: -40 * SECOND_MS, why: 'the last ended 40 s ago' },
  {
    shown: '00:30',
    aheadMs: 12 * HOUR_MS - 40 * SECOND_MS,
    why: 'half a day off, and nearer that way round',
  },
])('a clock of minutes that shows $shown is $aheadMs ms ahead: $why', ({ shown, aheadMs }) => {
  const atMs = Date.parse(`1970-01-01T${shown}:00Z`);
  expect(aheadOf({ atMs, unitMs: MINUTE_MS, hasDate: false }, NOW)).toBe(aheadMs);
});

it('a clock that shows the hour after midnight is not a day behind', () => {
  const beforeMidnight = Date.UTC(2026, 10, 22, 23, 59, 50);
  expect(aheadOf({ atMs: 0, unitMs: MINUTE_MS, hasDate: false }, beforeMidnight)).toBe(10 * SECOND_MS);
});

it('a clock with a date is as far off as that says', () => {
  const atMs = NOW - 3 * DAY_MS;
  expect(aheadOf({ atMs, unitMs: SECOND_MS, hasDate: true }, NOW)).toBe(SECOND_MS - 3 * DAY_MS);
});
