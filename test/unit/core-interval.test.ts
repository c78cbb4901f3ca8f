import { array, assert, constantFrom, double, integer, property, record, type Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  atLeast,
  CLOUD_ERROR_MS,
  DRIFT,
  intervalAt,
  laterOn,
  SYSTEM_ERROR_MS,
  withSighting,
  witnessed,
  type Sightings,
  type Witness,
} from '../../src/core/timing/interval.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../src/core/time.ts';

const BUILT = Date.parse('2025-06-01T00:00:00Z');
const TRUTH = Date.parse('2026-11-22T14:00:00Z');
const YEAR_MS = 365 * DAY_MS;
const NEVER = Number.POSITIVE_INFINITY;

const build = { build: atLeast(BUILT, 0) };

function system(at: Instant, monotonicMs = 0): Sightings {
  return {
    system: { earliest: at - SYSTEM_ERROR_MS, latest: at + SYSTEM_ERROR_MS, monotonicMs },
  };
}

function cloud(at: Instant, roundTripMs = SECOND_MS, monotonicMs = 0): Sightings {
  return {
    cloud: { earliest: at - CLOUD_ERROR_MS, latest: at + CLOUD_ERROR_MS + roundTripMs, monotonicMs },
  };
}

/** Something a source says at some moment, that is true within what the source promises. */
interface Word {
  readonly source: 'floor' | 'cloud message' | 'cloud answer' | 'system' | 'locks';
  readonly atMs: number;
  /** From -1 to 1: where in its error the source is. */
  readonly off: number;
  /** How long a message waited, or how long an answer took. */
  readonly delayMs: number;
}

const word: Arbitrary<Word> = record({
  source: constantFrom('floor', 'cloud message', 'cloud answer', 'system', 'locks'),
  atMs: integer({ min: 0, max: 30 * DAY_MS }),
  off: double({ min: -1, max: 1, noNaN: true }),
  delayMs: integer({ min: 0, max: 10 * DAY_MS }),
});

/** What is known once all of this was said, to a monotonic clock that runs away by `drift`. */
function known(words: readonly Word[], drift: number): Sightings {
  const ordered = words.toSorted((a, b) => a.atMs - b.atMs);
  return ordered.reduce<Sightings>((before, { source, atMs, off, delayMs }) => {
    const monotonicMs = atMs * (1 + drift);
    const truth = TRUTH + atMs;
    switch (source) {
      case 'floor':
        return { ...before, floor: atLeast(truth - delayMs, monotonicMs) };
      case 'cloud message': {
        const seen = atLeast(truth - delayMs + off * CLOUD_ERROR_MS - CLOUD_ERROR_MS, monotonicMs);
        return withSighting(before, 'cloud', seen);
      }
      case 'cloud answer': {
        const tookMs = delayMs % MINUTE_MS;
        const at = truth - tookMs / 2 + off * CLOUD_ERROR_MS;
        return withSighting(before, 'cloud', {
          earliest: at - CLOUD_ERROR_MS,
          latest: at + CLOUD_ERROR_MS + tookMs * (1 + drift),
          monotonicMs,
        });
      }
      case 'system':
        return { ...before, ...system(truth + off * SYSTEM_ERROR_MS, monotonicMs) };
      case 'locks': {
        const setAt = truth - delayMs;
        const shows = truth + off * (MINUTE_MS + delayMs * 100e-6);
        const witnesses = ['a', 'b'].map((deviceId): Witness => ({ deviceId, shows, setAt, monotonicMs }));
        const locks = witnessed(witnesses, monotonicMs);
        return locks === null ? before : { ...before, locks };
      }
    }
  }, build);
}

function widthMs(words: readonly Word[]): number {
  const { earliest, latest } = intervalAt(known(words, 0), 31 * DAY_MS);
  return latest - earliest;
}

describe('the interval', () => {
  test('holds the truth whatever true sources say and in whatever order, as long as the monotonic clock keeps its promise', () => {
    const drifts = double({ min: -DRIFT * 0.99, max: DRIFT * 0.99, noNaN: true });
    const later = integer({ min: 0, max: 300 * DAY_MS });
    assert(
      property(array(word, { maxLength: 12 }), drifts, later, (words, drift, laterMs) => {
        const atMs = Math.max(0, ...words.map((one) => one.atMs)) + laterMs;
        const interval = intervalAt(known(words, drift), atMs * (1 + drift));
        expect(interval.isDisputed).toBe(false);
        expect(interval.earliest).toBeLessThanOrEqual(TRUTH + atMs);
        expect(interval.latest).toBeGreaterThanOrEqual(TRUTH + atMs);
      }),
      { numRuns: 2000 },
    );
  });

  test('gets no wider by another true word', () => {
    assert(
      property(array(word, { maxLength: 8 }), word, (words, more) => {
        const last = { ...more, atMs: 31 * DAY_MS, source: 'cloud answer' as const };
        expect(widthMs([...words, last])).toBeLessThanOrEqual(widthMs(words));
      }),
    );
  });

  test('knows no end where nobody tells one: not the build, not a floor, not a message that may have waited', () => {
    expect(intervalAt(build, HOUR_MS)).toMatchObject({ latest: NEVER, from: 'build', till: null });
    const floor = { ...build, floor: atLeast(TRUTH, 0) };
    expect(intervalAt(floor, HOUR_MS)).toMatchObject({ latest: NEVER, from: 'floor', till: null });
    const message = { ...floor, cloud: atLeast(TRUTH + DAY_MS, 0) };
    const { earliest, latest, from } = intervalAt(message, HOUR_MS);
    expect({ latest, from }).toEqual({ latest: NEVER, from: 'cloud' });
    expect(earliest).toBeCloseTo(TRUTH + DAY_MS + HOUR_MS * (1 - DRIFT), 3);
  });

  test('widens with the drift after the last good reading: 17 s in a day', () => {
    const { earliest, latest } = intervalAt({ ...build, ...system(TRUTH) }, DAY_MS);
    expect(latest - earliest - 2 * SYSTEM_ERROR_MS).toBeCloseTo(2 * DRIFT * DAY_MS, 1);
  });

  test('is not moved by a synchronised clock that is behind what the hub knew', () => {
    const interval = intervalAt({ ...build, floor: atLeast(TRUTH, 0), ...system(TRUTH - YEAR_MS) }, 0);
    expect(interval).toMatchObject({ isDisputed: true, latest: NEVER, till: null });
    expect(interval.earliest).toBeLessThan(TRUTH);
    expect(interval.earliest).toBeGreaterThanOrEqual(BUILT);
  });

  test('follows system and cloud where they agree, against a floor that a wrong clock left behind', () => {
    const poisoned = { ...build, floor: atLeast(TRUTH + YEAR_MS, 0), ...system(TRUTH), ...cloud(TRUTH) };
    expect(intervalAt(poisoned, 0)).toMatchObject({
      earliest: TRUTH - SYSTEM_ERROR_MS,
      latest: TRUTH + SYSTEM_ERROR_MS,
      overruled: ['floor'],
      isDisputed: false,
    });
  });

  test('holds both where system and cloud contradict each other', () => {
    const interval = intervalAt({ ...build, ...system(TRUTH), ...cloud(TRUTH + HOUR_MS) }, 0);
    expect(interval).toMatchObject({ isDisputed: true, from: 'system', till: 'cloud' });
    expect(interval.earliest).toBe(TRUTH - SYSTEM_ERROR_MS);
    expect(interval.latest).toBe(TRUTH + HOUR_MS + CLOUD_ERROR_MS + SECOND_MS);
  });

  test('does not believe a bound of the cloud that the cloud takes back', () => {
    const first = withSighting(build, 'cloud', atLeast(TRUTH + YEAR_MS, 0));
    const { cloud: now } = withSighting(first, 'cloud', { ...cloud(TRUTH).cloud!, monotonicMs: 0 });
    expect(now?.latest).toBe(TRUTH + CLOUD_ERROR_MS + SECOND_MS);
  });
});

function witness(deviceId: string, shows: Instant, setAt = TRUTH - 10 * DAY_MS): Witness {
  return { deviceId, shows, setAt, monotonicMs: 0 };
}

describe('clocks of locks', () => {
  test('say together that it is no later, and one alone only that it is so late', () => {
    const both = witnessed([witness('a', TRUTH), witness('b', TRUTH + 30 * SECOND_MS)], 0);
    expect(both?.latest).toBeLessThan(TRUTH + 10 * MINUTE_MS);
    const alone = witnessed([witness('a', TRUTH)], 0);
    expect(alone?.latest).toBe(NEVER);
    expect(alone?.earliest).toBeGreaterThan(TRUTH - 10 * MINUTE_MS);
  });

  test('that lost their power, or were set too long ago, say nothing', () => {
    expect(witnessed([witness('a', Date.parse('2000-01-01T00:00:00Z'))], 0)).toBeNull();
    expect(witnessed([witness('a', TRUTH, TRUTH - 61 * DAY_MS)], 0)).toBeNull();
  });

  test('do not let one that somebody set ahead speak for all', () => {
    const said = witnessed([witness('a', TRUTH + 5 * DAY_MS), witness('b', TRUTH)], 0);
    expect(said?.earliest).toBeLessThanOrEqual(TRUTH);
    expect(said?.latest).toBe(NEVER);
  });

  test('are not heard against anybody else', () => {
    const locks = witnessed([witness('a', TRUTH + DAY_MS), witness('b', TRUTH + DAY_MS)], 0) ?? undefined;
    const interval = intervalAt({ ...build, ...system(TRUTH), ...(locks && { locks }) }, 0);
    expect(interval).toMatchObject({ from: 'system', till: 'system', overruled: ['locks'] });
  });
});

test('a sighting never goes back in time', () => {
  const seen = atLeast(TRUTH, 1000);
  expect(laterOn(seen, 500).earliest).toBe(TRUTH);
});
