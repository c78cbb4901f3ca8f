import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { localWindow } from '../../src/core/timing/local-time.ts';
import type { LocalWindow } from '../../src/core/slot.ts';
import { HOUR_MS, MINUTE_MS, type Instant } from '../../src/core/time.ts';
import { CLOCK_CHANGES } from '../support/clock-changes.ts';

/** The lock is looked at twice a minute, so that windows may begin and end within one. */
const TICK_MS = MINUTE_MS / 2;

/** How far a window goes beyond the fold or the gap, and how long the lock is watched beyond the window. */
const BEYOND_MS = HOUR_MS;

/** What stands on the wall, minute by minute, as the oracle says: `YYYY-MM-DDTHH:mm`. */
function wallOf(zone: string, from: Instant, to: Instant): ReadonlyMap<Instant, string> {
  const wall = new Map<Instant, string>();
  for (let at = from; at < to; at += MINUTE_MS) {
    const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
    const minute = zoned.toPlainDateTime().toString({ smallestUnit: 'minute' });
    for (let tick = at; tick < at + MINUTE_MS; tick += TICK_MS) wall.set(tick, minute);
  }
  return wall;
}

/** When a lock that knows nothing but the wall lets the code in. */
function opensAt(wall: ReadonlyMap<Instant, string>, window: LocalWindow): readonly Instant[] {
  return [...wall].filter(([, minute]) => minute >= window.start && minute < window.stop).map(([at]) => at);
}

/**
 * The longest time that any window of wall minutes could be open without ever being open outside: wall minutes that
 * are shown outside as well are out of the question, and what lies between two of them is a window.
 */
function longestOpenMs(wall: ReadonlyMap<Instant, string>, startsAt: Instant, endsAt: Instant): number {
  const ticks = new Map<string, number>();
  for (const [at, minute] of wall) {
    const inside = at >= startsAt && at < endsAt;
    ticks.set(minute, inside ? (ticks.get(minute) ?? 0) + 1 : Number.NEGATIVE_INFINITY);
  }
  let longest = 0;
  let run = 0;
  for (const [, count] of [...ticks].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    run = Math.max(0, run + count);
    longest = Math.max(longest, run);
  }
  return longest * TICK_MS;
}

/** Every window whose edges lie before, at the edges of, within both passes of, or after a fold or a gap. */
function windowsAround(change: Instant, jumpMs: number): readonly (readonly [Instant, Instant])[] {
  const far = jumpMs + BEYOND_MS;
  const edges = [-far, -jumpMs, -jumpMs / 2, 0, jumpMs / 2, jumpMs, far].map((distance) => change + distance);
  const whole = edges.flatMap((startsAt, index) =>
    edges.slice(index + 1).map((endsAt) => [startsAt, endsAt] as const),
  );
  return [...whole, ...whole.map(([startsAt, endsAt]) => [startsAt + TICK_MS, endsAt + TICK_MS] as const)];
}

describe('a lock that compares the wall with a window never opens outside it, and as long inside as can be', () => {
  test.each(CLOCK_CHANGES)('%s, %s (%i minutes)', (zone, changeText, jumpMinutes) => {
    const change = Date.parse(changeText);
    const jumpMs = Math.abs(jumpMinutes === 0 ? HOUR_MS : jumpMinutes * MINUTE_MS);
    const watchedMs = jumpMs + 2 * BEYOND_MS;
    const wall = wallOf(zone, change - watchedMs, change + watchedMs);
    const elapsed = Temporal.PlainDateTime.from(wall.get(change - MINUTE_MS) ?? '').until(
      wall.get(change) ?? '',
    );
    expect(elapsed.total('minutes')).toBe(1 + jumpMinutes);

    for (const [startsAt, endsAt] of windowsAround(change, jumpMs)) {
      const label = `${new Date(startsAt).toISOString()} to ${new Date(endsAt).toISOString()}`;
      const window = localWindow(zone, startsAt, endsAt, MINUTE_MS);
      const open = window === null ? [] : opensAt(wall, window);
      const outside = open.filter((at) => at < startsAt || at >= endsAt);
      expect(outside, label).toEqual([]);
      expect(open.length * TICK_MS, label).toBe(longestOpenMs(wall, startsAt, endsAt));
      // What is lost is the ambiguity and a granule, and nothing but the granule where clocks are not set back.
      const ambiguityMs = jumpMinutes < 0 ? jumpMs : 0;
      const lostMs = endsAt - startsAt - open.length * TICK_MS;
      expect(lostMs, label).toBeLessThanOrEqual(ambiguityMs + MINUTE_MS);
    }
  });
});

test('the table has at least 40 zones', () => {
  expect(new Set(CLOCK_CHANGES.map(([zone]) => zone)).size).toBeGreaterThanOrEqual(40);
});
