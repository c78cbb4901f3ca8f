import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { localWindow } from '../../src/core/local-time.ts';
import type { LocalWindow } from '../../src/core/slot.ts';
import { HOUR_MS, MINUTE_MS, type Instant } from '../../src/core/time.ts';

/**
 * Changes of the offset: the first instant of the new one, and by how many minutes the wall clock jumps. Read from the
 * files that zic compiled of the IANA database (2025b), not from the runtime that the core asks.
 */
const CHANGES: readonly (readonly [zone: string, change: string, jumpMinutes: number])[] = [
  ['America/New_York', '2026-03-08T07:00Z', 60],
  ['America/New_York', '2026-11-01T06:00Z', -60],
  ['America/Los_Angeles', '2026-03-08T10:00Z', 60],
  ['America/Los_Angeles', '2026-11-01T09:00Z', -60],
  // At midnight, so that the fold lies across two dates.
  ['America/Havana', '2026-03-08T05:00Z', 60],
  ['America/Havana', '2026-11-01T05:00Z', -60],
  ['America/Santiago', '2026-04-05T03:00Z', -60],
  ['America/Santiago', '2026-09-06T04:00Z', 60],
  ['Africa/Cairo', '2026-04-23T22:00Z', 60],
  ['Africa/Cairo', '2026-10-29T21:00Z', -60],
  // One minute past midnight, and an offset with half an hour.
  ['America/St_Johns', '2010-11-07T02:31Z', -60],
  ['America/St_Johns', '2011-03-13T03:31Z', 60],
  ['America/Nuuk', '2023-03-26T01:00Z', 60],
  ['America/Nuuk', '2024-10-27T01:00Z', -60],
  // Its last ones.
  ['America/Mexico_City', '2022-04-03T08:00Z', 60],
  ['America/Mexico_City', '2022-10-30T07:00Z', -60],
  ['America/Sao_Paulo', '2018-11-04T03:00Z', 60],
  ['America/Sao_Paulo', '2019-02-17T02:00Z', -60],
  ['America/Asuncion', '2024-03-24T03:00Z', -60],
  ['America/Asuncion', '2024-10-06T04:00Z', 60],
  ['America/Whitehorse', '2019-11-03T09:00Z', -60],
  ['America/Whitehorse', '2020-03-08T10:00Z', 60],
  ['Africa/Windhoek', '2017-09-03T01:00Z', 60],
  ['Asia/Amman', '2022-02-24T22:00Z', 60],
  ['Asia/Tehran', '2022-03-21T20:30Z', 60],
  ['Asia/Tehran', '2022-09-21T19:30Z', -60],
  ['Asia/Hong_Kong', '1979-05-12T19:30Z', 60],
  ['Asia/Hong_Kong', '1979-10-20T18:30Z', -60],
  ['Pacific/Tongatapu', '2016-11-05T13:00Z', 60],
  ['Pacific/Tongatapu', '2017-01-14T13:00Z', -60],
  ['Pacific/Fiji', '2020-12-19T14:00Z', 60],
  ['Pacific/Fiji', '2021-01-16T14:00Z', -60],
  ['Europe/Istanbul', '2015-11-08T01:00Z', -60],
  ['Europe/Istanbul', '2016-03-27T01:00Z', 60],
  ['Asia/Ulaanbaatar', '2016-03-25T18:00Z', 60],
  ['Asia/Ulaanbaatar', '2016-09-23T15:00Z', -60],
  // Summer time all year, and winter time all year three years later.
  ['Europe/Moscow', '2011-03-26T23:00Z', 60],
  ['Europe/Moscow', '2014-10-25T22:00Z', -60],
  ['Europe/Volgograd', '2018-10-27T23:00Z', 60],
  ['Europe/Volgograd', '2020-12-26T22:00Z', -60],
  ['Europe/London', '2026-03-29T01:00Z', 60],
  ['Europe/London', '2026-10-25T01:00Z', -60],
  // Its winter time is the one with a negative saving.
  ['Europe/Dublin', '2026-03-29T01:00Z', 60],
  ['Europe/Dublin', '2026-10-25T01:00Z', -60],
  ['Europe/Berlin', '2026-03-29T01:00Z', 60],
  ['Europe/Berlin', '2026-10-25T01:00Z', -60],
  ['Europe/Athens', '2026-10-25T01:00Z', -60],
  ['Atlantic/Azores', '2026-10-25T01:00Z', -60],
  ['Asia/Beirut', '2026-03-28T22:00Z', 60],
  ['Asia/Jerusalem', '2026-10-24T23:00Z', -60],
  // Back for the month of Ramadan.
  ['Africa/Casablanca', '2026-02-15T02:00Z', -60],
  ['Africa/Casablanca', '2026-03-22T02:00Z', 60],
  // Another offset for good.
  ['America/Caracas', '2007-12-09T07:00Z', -30],
  ['America/Caracas', '2016-05-01T07:00Z', 30],
  ['Asia/Pyongyang', '2015-08-14T15:00Z', -30],
  ['Asia/Pyongyang', '2018-05-04T15:00Z', 30],
  ['Asia/Colombo', '2006-04-14T18:30Z', -30],
  ['Asia/Kathmandu', '1985-12-31T18:30Z', 15],
  ['Asia/Almaty', '2024-02-29T18:00Z', -60],
  ['Asia/Chita', '2014-10-25T16:00Z', -120],
  ['Africa/Juba', '2021-01-31T21:00Z', -60],
  ['Africa/Sao_Tome', '2018-01-01T01:00Z', 60],
  ['Africa/Sao_Tome', '2019-01-01T01:00Z', -60],
  ['Antarctica/Vostok', '2023-12-17T19:00Z', -120],
  ['Antarctica/Casey', '2018-10-06T20:00Z', 180],
  ['Antarctica/Casey', '2023-03-08T16:00Z', -180],
  // A saving of two hours, and one of half an hour.
  ['Antarctica/Troll', '2026-03-29T01:00Z', 120],
  ['Antarctica/Troll', '2026-10-25T01:00Z', -120],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z', -30],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z', 30],
  ['Australia/Sydney', '2026-04-04T16:00Z', -60],
  ['Australia/Sydney', '2026-10-03T16:00Z', 60],
  ['Australia/Adelaide', '2026-04-04T16:30Z', -60],
  ['Pacific/Auckland', '2026-04-04T14:00Z', -60],
  ['Pacific/Norfolk', '2015-10-03T14:30Z', -30],
  ['Pacific/Norfolk', '2026-10-03T15:00Z', 60],
  // An offset with three quarters of an hour.
  ['Pacific/Chatham', '2026-04-04T14:00Z', -60],
  ['Pacific/Chatham', '2026-09-26T14:00Z', 60],
  // A whole day that never was.
  ['Pacific/Apia', '2011-12-30T10:00Z', 1440],
  ['Pacific/Apia', '2021-04-03T14:00Z', -60],
  // No change at all; the instant is a midnight there.
  ['UTC', '2026-01-01T00:00Z', 0],
  ['Asia/Kolkata', '2026-03-31T18:30Z', 0],
  ['Asia/Kathmandu', '2025-12-31T18:15Z', 0],
  ['Australia/Eucla', '2025-12-31T15:15Z', 0],
  ['America/Phoenix', '2026-03-08T07:00Z', 0],
  ['Pacific/Marquesas', '2026-03-01T09:30Z', 0],
  ['Pacific/Kiritimati', '2025-12-31T10:00Z', 0],
];

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
  test.each(CHANGES)('%s, %s (%i minutes)', (zone, changeText, jumpMinutes) => {
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
  expect(new Set(CHANGES.map(([zone]) => zone)).size).toBeGreaterThanOrEqual(40);
});
