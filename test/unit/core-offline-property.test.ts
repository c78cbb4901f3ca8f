import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { igloohomeRules } from '../../drivers/offline/igloohome/rules.ts';
import { oracodeRules } from '../../drivers/offline/oracode/levels.ts';
import { HUB_RULES } from '../../src/core/offline/hub-code.ts';
import { roundedWindow } from '../../src/core/offline/round.ts';
import type { OfflineRequest, OfflineRules, OfflineWindow } from '../../src/core/offline/window.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { CLOCK_CHANGES } from '../support/clock-changes.ts';

const SLOTS = [
  ['00:00', '23:59'],
  ['07:00', '19:00'],
  ['16:00', '10:00'],
  ['02:30', '02:30'],
] as const;

function oracode(zone: string, slots: readonly (readonly [string, string])[]): OfflineRules {
  return oracodeRules(
    slots.map(([checkIn, checkOut]) => ({
      name: `${checkIn} to ${checkOut}`,
      prefix: 100,
      check_in_time: `${checkIn}:00[${zone}]`,
      check_out_time: `${checkOut}:00[${zone}]`,
      is_24_hour: checkIn === '00:00',
      is_one_shot: false,
      is_biweekly_mode: false,
      is_master: false,
      dormakaba_oracode_user_level_id: `${checkIn} ${checkOut}`,
    })),
  );
}

/** A request that begins, lasts or ends near a change of the clocks, often on the hour or a whole day long. */
const requests = fc
  .record({
    change: fc.constantFrom(...CLOCK_CHANGES),
    beforeHours: fc.integer({ min: -30, max: 24 * 40 }),
    startMinutes: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 59 })),
    length: fc.oneof(
      fc.integer({ min: 1, max: 72 * 60 }),
      fc.integer({ min: 1, max: 370 }).map((days) => days * 24 * 60),
      fc.integer({ min: 1, max: 370 * 24 * 60 }),
    ),
    maxRoundingMs: fc.constantFrom(HOUR_MS, DAY_MS),
    rounding: fc.constantFrom('nearest' as const, 'outward' as const),
  })
  .map(({ change: [zone, at], beforeHours, startMinutes, length, maxRoundingMs, rounding }) => {
    const startsAt = Date.parse(at) - beforeHours * HOUR_MS + startMinutes * MINUTE_MS;
    const endsAt = startsAt + length * MINUTE_MS;
    return { zone, request: { startsAt, endsAt, isOneTimeUse: false, maxRoundingMs, rounding } as const };
  });

const kinds = fc.constantFrom('igloohome' as const, 'oracode' as const, 'hub' as const);
const slots = fc.subarray([...SLOTS], { minLength: 1 });

/** What each issuer says about a window, by another library and the words of its documentation. */
function isAccepted(window: OfflineWindow, rules: OfflineRules): boolean {
  if (rules.kind === 'levels') {
    return rules.levels.some(({ zone, checkInMs, checkOutMs, levelId }) => {
      const start = zoned(zone, window.startsAt);
      const end = zoned(zone, window.endsAt);
      const days = Math.ceil(start.toPlainDateTime().until(end.toPlainDateTime()).total('days'));
      const isAt = shows(start, checkInMs) && shows(end, checkOutMs);
      return levelId === window.levelId && isAt && days >= 1 && days <= rules.daysMax;
    });
  }
  const start = zoned(rules.zone, window.startsAt);
  const end = zoned(rules.zone, window.endsAt);
  if (start.minute + start.second + start.millisecond !== 0) return false;
  const hours = (window.endsAt - window.startsAt) / HOUR_MS;
  if (window.kind === 'hourly') return Number.isInteger(hours) && hours >= 1 && hours <= 672;
  const byWall = start.toPlainDateTime().until(end.toPlainDateTime()).total('days');
  return [hours / 24, byWall].some((days) => Number.isInteger(days) && days >= 29 && days <= 367);
}

/** The wall shows a time of day, or it is the moment at which clocks leave it out. */
function shows(at: Temporal.ZonedDateTime, timeOfDayMs: number): boolean {
  const time = Temporal.PlainTime.from('00:00').add({ milliseconds: timeOfDayMs });
  if (at.toPlainTime().equals(time)) return true;
  const before = at.subtract({ milliseconds: 1 });
  const isGap = before.offsetNanoseconds < at.offsetNanoseconds;
  const last = before.toPlainDateTime();
  // Samoa left a whole day out.
  return [0, 1, 2].some((days) => {
    const leftOut = last.toPlainDate().add({ days }).toPlainDateTime(time);
    return (
      isGap &&
      Temporal.PlainDateTime.compare(last, leftOut) < 0 &&
      Temporal.PlainDateTime.compare(leftOut, at.toPlainDateTime()) < 0
    );
  });
}

function zoned(zone: string, at: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}

function rulesOf(
  kind: 'igloohome' | 'oracode' | 'hub',
  zone: string,
  chosen: (typeof SLOTS)[number][],
): OfflineRules {
  if (kind === 'hub') return HUB_RULES;
  return kind === 'igloohome' ? igloohomeRules(zone) : oracode(zone, chosen);
}

describe('for random windows around the changes of the clocks in all zones', () => {
  test('what is issued is near, accepted, and contains what was asked for where that is wanted', () => {
    fc.assert(
      fc.property(requests, kinds, slots, ({ zone, request }, kind, chosen) => {
        const rules = rulesOf(kind, zone, chosen);
        const answer = roundedWindow(request, rules);
        if (!answer.ok) return;
        const { startsAt, endsAt } = answer.window;
        expect(isAccepted(answer.window, rules)).toBe(true);
        expect(Math.abs(startsAt - request.startsAt)).toBeLessThanOrEqual(request.maxRoundingMs);
        expect(Math.abs(endsAt - request.endsAt)).toBeLessThanOrEqual(request.maxRoundingMs);
        if (request.rounding === 'outward') {
          expect(startsAt).toBeLessThanOrEqual(request.startsAt);
          expect(endsAt).toBeGreaterThanOrEqual(request.endsAt);
        }
      }),
      { numRuns: 1000, seed: 7 },
    );
  });

  test('what a refusal names as nearest is accepted as it is', () => {
    let refused = 0;
    fc.assert(
      fc.property(requests, kinds, slots, ({ zone, request }, kind, chosen) => {
        const rules = rulesOf(kind, zone, chosen);
        const answer = roundedWindow(request, rules);
        if (answer.ok) return;
        refused += 1;
        const { nearest } = answer.refusal;
        if (nearest === null) throw new Error('There is always a nearest window.');
        expect(isAccepted(nearest, rules)).toBe(true);
        const again = roundedWindow({ ...request, ...nearest, maxRoundingMs: 0 }, rules);
        expect(again).toMatchObject({
          ok: true,
          window: { startsAt: nearest.startsAt, endsAt: nearest.endsAt },
        });
      }),
      { numRuns: 800, seed: 8 },
    );
    expect(refused).toBeGreaterThan(150);
  });

  test('nothing is refused that an hour of rounding could make right', () => {
    fc.assert(
      fc.property(requests, kinds, slots, ({ zone, request }, kind, chosen) => {
        const rules = rulesOf(kind, zone, chosen);
        const asked: OfflineRequest = { ...request, maxRoundingMs: HOUR_MS, rounding: 'nearest' };
        const answer = roundedWindow(asked, rules);
        // What is longer than all is refused whatever may be rounded.
        if (answer.ok || answer.refusal.reason === 'too_long') return;
        const levelIds = rules.kind === 'levels' ? rules.levels.map(({ levelId }) => levelId) : [null];
        const starts = near(request.startsAt).filter((at) =>
          levelIds.some((levelId) => isStart(at, levelId, rules)),
        );
        for (const startsAt of starts) {
          for (const endsAt of near(request.endsAt).filter((at) => at > startsAt)) {
            for (const levelId of levelIds) {
              for (const windowKind of ['hourly', 'daily'] as const) {
                const window = { kind: windowKind, startsAt, endsAt, levelId };
                expect(isAccepted(window, rules) && window).toBe(false);
              }
            }
          }
        }
      }),
      { numRuns: 50, seed: 9 },
    );
  });
});

/** Every minute within an hour of an instant. */
function near(at: number): readonly number[] {
  const minute = Math.ceil(at / MINUTE_MS);
  return Array.from({ length: 121 }, (_, index) => (minute + index - 60) * MINUTE_MS);
}

/** Whether some window of the issuer begins then; only so that the search is short. */
function isStart(at: number, levelId: string | null, rules: OfflineRules): boolean {
  if (rules.kind === 'spans') return zoned(rules.zone, at).minute === 0;
  return rules.levels.some(
    (level) => level.levelId === levelId && shows(zoned(level.zone, at), level.checkInMs),
  );
}
