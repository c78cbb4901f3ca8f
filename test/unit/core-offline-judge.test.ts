import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hubCode, readHubCode } from '../../src/core/offline/hub-code.ts';
import { judge, rotated, type DoorMemory, type OfflineVerdict } from '../../src/core/offline/judge.ts';
import type { OfflineWindow } from '../../src/core/offline/window.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type TimeReading } from '../../src/core/time.ts';
import { offlineCode } from '../../src/reference-cloud/offline-code.ts';
import { CLEAN, DOOR, doorSecret, SECRET } from '../support/offline-door.ts';

const OTHER_DOOR = 'ea12f6c6-e63e-447d-856b-ec9e92981000';
const OTHER_SECRET = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
const first = doorSecret(SECRET);

/** Start, end, number of a one-time code, door, digits: as in README. */
const VECTORS = [
  ['2020-01-01T00:00Z', '2020-01-01T01:00Z', null, DOOR, '2176775416'],
  ['2026-11-22T15:00Z', '2026-11-24T11:00Z', null, DOOR, '4947104304'],
  ['2026-11-22T15:00Z', '2026-12-20T15:00Z', null, DOOR, '2420796530'],
  ['2026-11-22T15:00Z', '2026-12-21T15:00Z', null, DOOR, '2058287000'],
  ['2026-11-22T15:00Z', '2027-11-24T15:00Z', null, DOOR, '5761173622'],
  ['2026-11-22T15:00Z', '2026-11-23T15:00Z', null, DOOR, '9351059278'],
  ['2026-11-22T15:00Z', '2026-11-23T15:00Z', 1, DOOR, '0430555996'],
  ['2026-11-22T15:00Z', '2026-11-23T15:00Z', 5, DOOR, '8667386806'],
  ['2026-11-22T15:00Z', '2026-11-24T11:00Z', null, OTHER_DOOR, '9706326391'],
] as const;

const windows = fc
  .record({
    hour: fc.integer({ min: 438_288, max: 600_000 }),
    length: fc.oneof(
      fc
        .integer({ min: 1, max: 672 })
        .map((hours) => ({ kind: 'hourly' as const, lengthMs: hours * HOUR_MS })),
      fc.integer({ min: 29, max: 367 }).map((days) => ({ kind: 'daily' as const, lengthMs: days * DAY_MS })),
      fc.constant({ kind: 'one_time' as const, lengthMs: DAY_MS }),
    ),
    number: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ hour, length: { kind, lengthMs }, number }) => ({
    window: { kind, startsAt: hour * HOUR_MS, endsAt: hour * HOUR_MS + lengthMs, levelId: null },
    number: kind === 'one_time' ? number : 1,
  }));

/** The reference cloud makes the code: it shares no line with the hub. */
function issued(
  { startsAt, endsAt, kind }: OfflineWindow,
  number = 1,
  secret = SECRET,
  deviceId = DOOR,
): string {
  const [from, to] = [startsAt, endsAt].map((edge) => new Date(edge).toISOString());
  const oneTime = kind === 'one_time' ? { oneTimeNumber: number } : {};
  return offlineCode(secret, { deviceId, startsAt: from ?? '', endsAt: to ?? '', ...oneTime });
}

function at(instant: number, uncertainMs = 0): TimeReading {
  return { earliest: instant, latest: instant + uncertainMs };
}

function typed(digits: string, now: TimeReading, memory = CLEAN, secrets = [first]) {
  return judge({ digits, deviceId: DOOR }, secrets, memory, now);
}

/** What became of it, in a word. */
function word(verdict: OfflineVerdict): string {
  return verdict.kind === 'opened' ? 'opened' : verdict.reason;
}

/** Types wrong codes one after the other. */
function wrong(count: number, from: number, everyMs: number, memory: DoorMemory = CLEAN): DoorMemory {
  let current = memory;
  for (let index = 0; index < count; index += 1) {
    current = typed(issued(STAY, 1, OTHER_SECRET), at(from + index * everyMs), current).memory;
  }
  return current;
}

const START = Date.parse('2026-11-22T15:00Z');
const STAY: OfflineWindow = { kind: 'hourly', startsAt: START, endsAt: START + 44 * HOUR_MS, levelId: null };
const VISIT: OfflineWindow = { kind: 'one_time', startsAt: START, endsAt: START + DAY_MS, levelId: null };

describe('the digits', () => {
  test.each(VECTORS)('%s to %s (one-time: %s) on %s are %s', (startsAt, endsAt, number, deviceId, digits) => {
    const oneTime = number === null ? {} : { oneTimeNumber: number };
    expect(offlineCode(SECRET, { deviceId, startsAt, endsAt, ...oneTime })).toBe(digits);
    const grant = readHubCode(digits, deviceId, first.mac);
    expect(grant).toMatchObject({
      window: { startsAt: Date.parse(startsAt), endsAt: Date.parse(endsAt) },
      number: number ?? 1,
    });
    expect(grant?.window.kind === 'one_time').toBe(number !== null);
  });

  test('are the same from the hub and from the reference cloud, and say the window', () => {
    fc.assert(
      fc.property(windows, ({ window, number }) => {
        const digits = issued(window, number);
        expect(hubCode({ window, number }, DOOR, first.mac).reveal()).toBe(digits);
        expect(readHubCode(digits, DOOR, first.mac)).toEqual({ window, number });
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['half an hour', 'hourly', START, START + HOUR_MS / 2, 1],
    ['673 hours', 'hourly', START, START + 673 * HOUR_MS, 1],
    ['28 days as days', 'daily', START, START + 28 * DAY_MS, 1],
    ['368 days', 'daily', START, START + 368 * DAY_MS, 1],
    ['a start beside the hour', 'hourly', START + 1, START + HOUR_MS + 1, 1],
    ['a start before 2020', 'hourly', Date.parse('2019-12-31T23:00Z'), Date.parse('2020-01-01T00:00Z'), 1],
    ['a start in a thousand years and more', 'hourly', 9_842_519 * HOUR_MS + Date.parse('2020-01-01'), 0, 1],
    ['a sixth one-time code', 'one_time', START, START + DAY_MS, 6],
    ['a one-time code of two days', 'one_time', START, START + 2 * DAY_MS, 1],
    ['a second code of hours', 'hourly', START, START + HOUR_MS, 2],
  ] as const)('do not exist for %s', (_what, kind, startsAt, endsAt, number) => {
    const window = { kind, startsAt, endsAt: endsAt === 0 ? startsAt + HOUR_MS : endsAt, levelId: null };
    expect(() => hubCode({ window, number }, DOOR, first.mac)).toThrow(RangeError);
  });
});

describe('at the door', () => {
  test('a code opens exactly within its window where the clock is certain', () => {
    const offsets = fc.integer({ min: -400 * DAY_MS, max: 800 * DAY_MS });
    const edges = fc.constantFrom(-1, 0, 1);
    fc.assert(
      fc.property(windows, fc.oneof(offsets, edges), fc.boolean(), ({ window, number }, offset, fromEnd) => {
        const now = (fromEnd ? window.endsAt : window.startsAt) + offset;
        const { verdict } = typed(issued(window, number), at(now));
        expect(verdict.kind === 'opened').toBe(now >= window.startsAt && now < window.endsAt);
      }),
      { numRuns: 500 },
    );
  });

  test('a clock that is not sure decides for the guest within an hour, and never beyond', () => {
    const uncertain = fc.integer({ min: 0, max: 5 * HOUR_MS });
    const offsets = fc.integer({ min: -6 * HOUR_MS, max: 6 * HOUR_MS });
    const seen = new Set<string>();
    fc.assert(
      fc.property(windows, offsets, uncertain, fc.boolean(), (grant, offset, uncertainMs, fromEnd) => {
        const { startsAt, endsAt } = grant.window;
        const now = at((fromEnd ? endsAt : startsAt) + offset, uncertainMs);
        const { verdict } = typed(issued(grant.window, grant.number), now);
        seen.add(word(verdict));
        const isCertainlyOpen = now.earliest >= startsAt && now.latest < endsAt;
        const isPerhapsOpen = now.latest >= startsAt && now.earliest < endsAt;
        if (isCertainlyOpen || (isPerhapsOpen && uncertainMs <= HOUR_MS)) expect(verdict.kind).toBe('opened');
        if (!isPerhapsOpen) expect(verdict.kind).toBe('refused');
        if (verdict.kind !== 'opened') return;
        // Whatever the true time is.
        expect(now.earliest).toBeGreaterThanOrEqual(startsAt - HOUR_MS);
        expect(now.latest).toBeLessThan(endsAt + HOUR_MS);
      }),
      { numRuns: 500, seed: 3 },
    );
    expect([...seen].toSorted()).toEqual(['clock_uncertain', 'early', 'ended', 'opened']);
  });

  test('a clock that knows nothing opens nothing, and takes it for no guess', () => {
    const { verdict, memory } = typed(issued(STAY), {
      earliest: Date.parse('2020-01-01'),
      latest: START + 1,
    });
    expect(verdict).toMatchObject({ reason: 'clock_uncertain', window: STAY });
    expect(memory).toEqual(CLEAN);
  });

  test('a code of another door, another secret or another length is wrong', () => {
    expect(word(typed(issued(STAY, 1, SECRET, OTHER_DOOR), at(START)).verdict)).toBe('wrong');
    expect(word(typed(issued(STAY, 1, OTHER_SECRET), at(START)).verdict)).toBe('wrong');
    for (const digits of ['', '494710430', '49471043041', '49471o4304', ' 947104304', '٤947104304']) {
      const { verdict, memory } = typed(digits, at(START));
      expect(word(verdict), digits).toBe('not_an_offline_code');
      expect(memory).toEqual(CLEAN);
    }
  });

  test('a one-time code opens once, and others of its hour still do', () => {
    const used = typed(issued(VISIT, 1), at(START + HOUR_MS));
    expect(word(used.verdict)).toBe('opened');
    const again = typed(issued(VISIT, 1), at(START + 2 * HOUR_MS), used.memory);
    expect(word(again.verdict)).toBe('burnt');
    expect(again.memory.guesses).toEqual([]);
    expect(word(typed(issued(VISIT, 2), at(START + 2 * HOUR_MS), used.memory).verdict)).toBe('opened');
    // By then the first one can't open any more, burnt or not.
    const next = { ...VISIT, startsAt: START + 2 * DAY_MS, endsAt: START + 3 * DAY_MS };
    expect(typed(issued(next), at(next.startsAt), used.memory).memory.burnt).toHaveLength(1);
  });

  test('a burnt code stays burnt as long as the clock may open it', () => {
    let { memory } = typed(issued(VISIT, 1), at(START));
    for (let startsAt = START; startsAt < VISIT.endsAt + 3 * HOUR_MS; startsAt += HOUR_MS) {
      const now = at(startsAt - HOUR_MS / 2, HOUR_MS);
      // Each hour another one burns, and with that the memory is tidied up.
      const other = typed(issued({ ...VISIT, startsAt, endsAt: startsAt + DAY_MS }, 2), now, memory);
      expect(word(other.verdict)).toBe('opened');
      memory = other.memory;
      expect(word(typed(issued(VISIT, 1), now, memory).verdict)).not.toBe('opened');
    }
  });
});

describe('a secret that is replaced', () => {
  const second = { secretId: 'second', mac: doorSecret(OTHER_SECRET).mac };
  const secrets = [...rotated([first], second, at(START))];
  const stay = { ...STAY, kind: 'daily' as const, endsAt: START + 60 * DAY_MS };

  test('goes on opening for 31 days, and the new one at once', () => {
    for (const [day, expected] of [
      [0, 'opened'],
      [30, 'opened'],
      [31, 'wrong'],
    ] as const) {
      const now = at(START + day * DAY_MS);
      expect(word(typed(issued(stay), now, CLEAN, secrets).verdict), `day ${day}`).toBe(expected);
      expect(typed(issued(stay, 1, OTHER_SECRET), now, CLEAN, secrets).verdict).toMatchObject({
        kind: 'opened',
        secretId: 'second',
      });
    }
  });

  test('goes at once when yet another one comes', () => {
    const third = rotated(secrets, { ...first, secretId: 'third' }, at(START));
    expect(third.map(({ secretId }) => secretId)).toEqual(['third', 'second']);
    expect(() => typed(issued(STAY), at(START), CLEAN, [...secrets, first])).toThrow(RangeError);
  });
});

describe('guesses', () => {
  test('the fifth within 15 minutes locks the door for its own code, and what is typed then lengthens nothing', () => {
    const memory = wrong(5, START, MINUTE_MS);
    const locked = typed(issued(STAY), at(START + 5 * MINUTE_MS), memory);
    expect(locked.verdict).toEqual({ kind: 'refused', reason: 'locked_out', until: START + 15 * MINUTE_MS });
    expect(locked.memory).toBe(memory);
    expect(word(typed(issued(STAY), at(START + 15 * MINUTE_MS), memory).verdict)).toBe('opened');
    expect(word(typed(issued(STAY), at(START + 4 * MINUTE_MS), wrong(4, START, MINUTE_MS)).verdict)).toBe(
      'opened',
    );
  });

  test('the tenth within a day locks it until the first is a day old', () => {
    const memory = wrong(10, START, HOUR_MS);
    expect(typed(issued(STAY), at(START + 10 * HOUR_MS), memory).verdict).toMatchObject({
      until: START + DAY_MS,
    });
    expect(word(typed(issued(STAY), at(START + DAY_MS), memory).verdict)).toBe('opened');
  });

  test('the span that ends last counts where both are full', () => {
    const memory = wrong(5, START + HOUR_MS, 0, wrong(5, START, 0));
    const { verdict } = typed(issued(STAY), at(START + HOUR_MS), memory);
    expect(verdict).toMatchObject({ until: START + DAY_MS });
  });

  test('a clock that was years ahead does not lock the door for years', () => {
    const memory = wrong(10, START + 900 * DAY_MS, MINUTE_MS);
    expect(memory.guesses.length).toBe(5);
    expect(word(typed(issued(STAY), at(START), memory).verdict)).toBe('opened');
  });

  test('a clock that is set back by minutes frees nobody', () => {
    const memory = wrong(5, START + 5 * MINUTE_MS, 0);
    expect(word(typed(issued(STAY), at(START), memory).verdict)).toBe('locked_out');
  });
});
