import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import {
  instantOf,
  localWindow,
  nextOffsetChange,
  offsetMinutes,
  wallMs,
} from '../../src/core/timing/local-time.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';

const ZONES = [
  'UTC',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Europe/London',
  'Europe/Berlin',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Pacific/Chatham',
  'Pacific/Apia',
  'America/Asuncion',
  'Antarctica/Troll',
];

const zones = fc.constantFrom(...ZONES);

function zonedAt(zone: string, at: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}

/** The wall at an instant, to the minute. */
function wall(zone: string, at: number): string {
  return zonedAt(zone, at).toPlainDateTime().toString({ smallestUnit: 'minute' });
}

/** Whether a lock that only compares wall times would open at an instant. */
function opens(zone: string, window: { start: string; stop: string }, at: number): boolean {
  const time = wall(zone, at);
  return time >= window.start && time < window.stop;
}

describe('the offset', () => {
  test('is that of the zone at that instant', () => {
    const instants = fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2037-12-31') });
    fc.assert(
      fc.property(zones, instants, (zone, at) => {
        const minutes = zonedAt(zone, at).offsetNanoseconds / 60e9;
        expect(offsetMinutes(zone, at)).toBe(minutes);
        expect(wallMs(zone, at)).toBe(at + minutes * MINUTE_MS);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['America/New_York', -300],
    ['Pacific/Marquesas', -570],
    ['UTC', 0],
    ['Europe/London', 0],
    ['Asia/Kathmandu', 345],
    ['Pacific/Kiritimati', 840],
  ])('of %s in winter is %i minutes', (zone, minutes) => {
    expect(offsetMinutes(zone, Date.parse('2026-01-15T12:00:00Z'))).toBe(minutes);
  });

  test('of an unknown zone is a bug', () => {
    expect(() => offsetMinutes('Mars/Olympus', 0)).toThrow(RangeError);
  });
});

describe('the instant of a wall time', () => {
  const walls = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-12-31') });

  /** The wall at some moment within a day of a change of the offset, where there is one. */
  const wallsNearChanges = fc.record({ zone: zones, at: walls }).map(({ zone, at }) => {
    const change = nextOffsetChange(zone, at, 150 * DAY_MS);
    return { zone, wall: change === null ? at : wallMs(zone, change) + (at % (4 * HOUR_MS)) - 2 * HOUR_MS };
  });

  test('is what the zone makes of it, once, twice or never', () => {
    fc.assert(
      fc.property(wallsNearChanges, ({ zone, wall: wallTime }) => {
        const plain = zonedAt('UTC', wallTime).toPlainDateTime();
        const [earlier, later] = (['earlier', 'later'] as const).map((disambiguation) =>
          plain.toZonedDateTime(zone, { disambiguation }),
        );
        if (earlier?.toPlainDateTime().equals(plain) === true) {
          expect(instantOf(zone, wallTime, 'earlier')).toBe(earlier.epochMilliseconds);
          expect(instantOf(zone, wallTime, 'later')).toBe(later?.epochMilliseconds);
        } else {
          const change = earlier?.getTimeZoneTransition('next')?.epochMilliseconds;
          expect(instantOf(zone, wallTime, 'earlier')).toBe(change);
          expect(instantOf(zone, wallTime, 'later')).toBe(change);
        }
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['shown once', '2026-10-25T12:00Z', '2026-10-25T11:00Z', '2026-10-25T11:00Z'],
    ['shown twice', '2026-10-25T02:30Z', '2026-10-25T00:30Z', '2026-10-25T01:30Z'],
    ['first shown twice', '2026-10-25T02:00Z', '2026-10-25T00:00Z', '2026-10-25T01:00Z'],
    ['left out', '2026-03-29T02:30Z', '2026-03-29T01:00Z', '2026-03-29T01:00Z'],
  ])('%s in Berlin', (_how, shown, earlier, later) => {
    expect(instantOf('Europe/Berlin', Date.parse(shown), 'earlier')).toBe(Date.parse(earlier));
    expect(instantOf('Europe/Berlin', Date.parse(shown), 'later')).toBe(Date.parse(later));
  });

  test('of a day that was left out is the midnight before', () => {
    const noon = Date.parse('2011-12-30T12:00Z');
    expect(instantOf('Pacific/Apia', noon, 'earlier')).toBe(Date.parse('2011-12-30T10:00Z'));
  });
});

describe('a window on a lock that only knows wall time', () => {
  const instants = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-12-31') });
  const windows = fc.record({
    zone: zones,
    start: instants,
    lengthMs: fc.integer({ min: 5 * MINUTE_MS, max: 10 * DAY_MS }),
    granuleMs: fc.constantFrom(MINUTE_MS, 15 * MINUTE_MS, HOUR_MS),
  });

  /** Windows with an edge near a change of the zone's offset, where things go wrong. */
  const nearEdges = windows.map(({ zone, start, lengthMs, granuleMs }) => {
    const edge = nextOffsetChange(zone, start, 200 * DAY_MS) ?? start;
    const at = edge - 2 * HOUR_MS + (lengthMs % (4 * HOUR_MS));
    return { zone, start: lengthMs % 2 === 0 ? at : at - lengthMs, lengthMs, granuleMs };
  });

  test.each([
    ['anywhere', windows],
    ['at the edges of daylight saving', nearEdges],
  ])('never opens early and never outlives its end, %s', (_where, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, ({ zone, start, lengthMs, granuleMs }) => {
        const end = start + lengthMs;
        const window = localWindow(zone, start, end, granuleMs);
        if (window === null) {
          // Two hours are the longest ambiguity of these zones, and each edge may lose one of them and a granule.
          expect(lengthMs).toBeLessThan(4 * HOUR_MS + 2 * granuleMs);
          return;
        }
        for (let at = start - 3 * HOUR_MS; at < start; at += MINUTE_MS) {
          expect(opens(zone, window, at)).toBe(false);
        }
        for (let at = end; at < end + 3 * HOUR_MS; at += MINUTE_MS) {
          expect(opens(zone, window, at)).toBe(false);
        }
        // Between the ambiguities it opens.
        const sureFrom = start + 2 * HOUR_MS + granuleMs;
        for (let at = sureFrom; at < end - 2 * HOUR_MS - granuleMs; at += HOUR_MS) {
          if (offsetMinutes(zone, at) !== offsetMinutes(zone, at - 2 * HOUR_MS)) continue;
          expect(opens(zone, window, at)).toBe(true);
        }
        for (const edge of [window.start, window.stop]) {
          expect(Date.parse(`${edge}Z`) % granuleMs).toBe(0);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('is rounded inward to whole minutes, and nothing is left of less', () => {
    const at = Date.parse('2026-06-01T10:00:30Z');
    expect(localWindow('UTC', at, at + 3 * MINUTE_MS, MINUTE_MS)).toEqual({
      start: '2026-06-01T10:01',
      stop: '2026-06-01T10:03',
    });
    expect(localWindow('UTC', at, at + 59_000, MINUTE_MS)).toBeNull();
    expect(localWindow('UTC', at, at + 30_000, MINUTE_MS)).toBeNull();
  });

  test('begins and ends on whole granules of the wall and not of UTC', () => {
    const [start, end] = [Date.parse('2026-06-01T10:10Z'), Date.parse('2026-06-01T14:50Z')];
    expect(localWindow('Asia/Kolkata', start, end, HOUR_MS)).toEqual({
      start: '2026-06-01T16:00',
      stop: '2026-06-01T20:00',
    });
    // The half hour that Lord Howe leaves out moves the whole hours: 02:00 is not shown that night.
    const night = Date.parse('2026-10-03T15:10Z');
    expect(localWindow('Australia/Lord_Howe', night, night + 6 * HOUR_MS, HOUR_MS)).toEqual({
      start: '2026-10-04T03:00',
      stop: '2026-10-04T08:00',
    });
  });
});

describe('the next change of the offset', () => {
  const from = Date.parse('2026-10-31T12:00:00.250Z');
  const change = Date.parse('2026-11-01T06:00Z');

  test.each([2 * DAY_MS, change - from])('is found within %i ms', (withinMs) => {
    expect(nextOffsetChange('America/New_York', from, withinMs)).toBe(change);
  });

  test.each([HOUR_MS, change - from - 1])('is not within %i ms', (withinMs) => {
    expect(nextOffsetChange('America/New_York', from, withinMs)).toBeNull();
  });
});
