import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { localWindow, nextOffsetChange, offsetMinutes } from '../../src/core/local-time.ts';
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
];

function wall(zone: string, at: number): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  return zoned.toPlainDateTime().toString({ smallestUnit: 'minute' });
}

/** Whether a lock that only compares wall times would open at an instant. */
function opens(zone: string, window: { start: string; stop: string }, at: number): boolean {
  const time = wall(zone, at);
  return time >= window.start && time < window.stop;
}

test('offsets are those of the zone at that instant', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2037-12-31') }),
      (zone, at) => {
        const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
        expect(offsetMinutes(zone, at)).toBe(zoned.offsetNanoseconds / 60e9);
      },
    ),
    { numRuns: 500 },
  );
});

describe('a window on a lock that only knows wall time', () => {
  const instants = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-12-31') });
  const windows = fc.record({
    zone: fc.constantFrom(...ZONES),
    start: instants,
    lengthMs: fc.integer({ min: 5 * MINUTE_MS, max: 10 * DAY_MS }),
  });

  /** Windows with an edge near a change of the zone's offset, where things go wrong. */
  const nearEdges = windows.map(({ zone, start, lengthMs }) => {
    const edge = nextOffsetChange(zone, start, 200 * DAY_MS) ?? start;
    const at = edge - 2 * HOUR_MS + (lengthMs % (4 * HOUR_MS));
    return lengthMs % 2 === 0 ? { zone, start: at, lengthMs } : { zone, start: at - lengthMs, lengthMs };
  });

  test.each([
    ['anywhere', windows],
    ['at the edges of daylight saving', nearEdges],
  ])('never opens early and never outlives its end, %s', (_where, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, ({ zone, start, lengthMs }) => {
        const end = start + lengthMs;
        const window = localWindow(zone, start, end, MINUTE_MS);
        if (window === null) return;
        for (let at = start - 3 * HOUR_MS; at < start; at += MINUTE_MS) {
          expect(opens(zone, window, at)).toBe(false);
        }
        for (let at = end; at < end + 3 * HOUR_MS; at += MINUTE_MS) {
          expect(opens(zone, window, at)).toBe(false);
        }
        // Between the ambiguities it opens.
        for (let at = start + 2 * HOUR_MS; at < end - 2 * HOUR_MS; at += HOUR_MS) {
          if (offsetMinutes(zone, at) !== offsetMinutes(zone, at - 2 * HOUR_MS)) continue;
          expect(opens(zone, window, at)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('is rounded inward to whole minutes, and nothing is left of less', () => {
    const at = Date.parse('2026-06-01T10:00:30Z');
    expect(localWindow('UTC', at, at + 3 * MINUTE_MS, MINUTE_MS)).toEqual({
      start: '2026-06-01T10:01',
      stop: '2026-06-01T10:03',
    });
    expect(localWindow('UTC', at, at + 59_000, MINUTE_MS)).toBeNull();
  });
});

test('the next change of the offset is found to the minute', () => {
  const from = Date.parse('2026-10-31T12:00:00Z');
  const change = nextOffsetChange('America/New_York', from, 2 * DAY_MS) ?? 0;
  expect(Math.abs(change - Date.parse('2026-11-01T06:00:00Z'))).toBeLessThanOrEqual(MINUTE_MS);
  expect(nextOffsetChange('America/New_York', from, HOUR_MS)).toBeNull();
});
