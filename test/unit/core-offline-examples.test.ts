import { describe, expect, test } from 'vitest';
import { igloohomeRules } from '../../drivers/offline/igloohome/rules.ts';
import { oracodeRules } from '../../drivers/offline/oracode/levels.ts';
import { fixedRefusal } from '../../src/core/offline/fixed.ts';
import { roundedWindow } from '../../src/core/offline/round.ts';
import type { OfflineAnswer, OfflineRequest, OfflineRules } from '../../src/core/offline/window.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';

/** A time slot as the seed page shows them. */
function slot(prefix: number, checkIn: string, checkOut: string, zone: string, more: object = {}) {
  return {
    name: `User ${prefix}`,
    prefix,
    is_master: false,
    is_24_hour: checkIn === '00:00',
    is_one_shot: false,
    check_in_time: `${checkIn}:00[${zone}]`,
    check_out_time: `${checkOut}:00[${zone}]`,
    is_biweekly_mode: false,
    dormakaba_oracode_user_level_id: `level ${prefix}`,
    ext_dormakaba_oracode_user_level_prefix: prefix,
    ...more,
  };
}

const TIRANE = 'Europe/Tirane';
const LOS_ANGELES = 'America/Los_Angeles';
const stays = oracodeRules([slot(124, '16:00', '10:00', 'UTC')]);
const coast = oracodeRules([
  slot(123, '00:00', '23:59', LOS_ANGELES),
  slot(126, '07:00', '19:00', LOS_ANGELES),
]);
const tirane = oracodeRules([slot(123, '00:00', '23:59', TIRANE), slot(126, '07:00', '19:00', TIRANE)]);
const igloohome = igloohomeRules('UTC');

/** Offset and rounding are as on the wire. */
function ask(rules: OfflineRules, from: string, to: string, max: '1h' | '1d'): OfflineAnswer {
  return roundedWindow(
    {
      startsAt: Date.parse(from),
      endsAt: Date.parse(to),
      isOneTimeUse: false,
      maxRoundingMs: max === '1h' ? HOUR_MS : DAY_MS,
      rounding: 'nearest',
    },
    rules,
  );
}

function windowOf(answer: OfflineAnswer): readonly string[] {
  if (!answer.ok) return [answer.refusal.reason];
  const { kind, startsAt, endsAt } = answer.window;
  return [kind, new Date(startsAt).toISOString(), new Date(endsAt).toISOString()];
}

function nearestOf(answer: OfflineAnswer): readonly (string | undefined)[] {
  const nearest = answer.ok ? undefined : answer.refusal.nearest;
  return [nearest?.startsAt, nearest?.endsAt].map((at) =>
    at === undefined ? at : new Date(at).toISOString(),
  );
}

/** So many days and hours after 2026-06-01T00:00Z. */
function later(days: number, hours = 0): string {
  return new Date(Date.parse('2026-06-01T00:00Z') + days * DAY_MS + hours * HOUR_MS).toISOString();
}

describe('the worked examples of section (h)', () => {
  test('1: a stay moves to the times of its slot', () => {
    const answer = ask(stays, '2026-06-01T15:45Z', '2026-06-02T10:15Z', '1h');
    expect(windowOf(answer)).toEqual(['hourly', '2026-06-01T16:00:00.000Z', '2026-06-02T10:00:00.000Z']);
    expect(answer).toMatchObject({ window: { levelId: 'level 124' } });
  });

  test('2: 70 minutes are more than an hour', () => {
    const answer = ask(stays, '2026-06-01T14:50Z', '2026-06-02T10:00Z', '1h');
    expect(windowOf(answer)).toEqual(['rounding_exceeded']);
    expect(nearestOf(answer)).toEqual(['2026-06-01T16:00:00.000Z', '2026-06-02T10:00:00.000Z']);
    expect(answer).toMatchObject({
      refusal: {
        message:
          'max_time_rounding: the nearest accepted window is 2026-06-01T16:00:00.000Z to 2026-06-02T10:00:00.000Z, which moves starts_at by 70 minutes; 60 minutes are allowed.',
      },
    });
  });

  test('3: an exact slot over days', () => {
    expect(windowOf(ask(coast, '2024-09-10T07:00-07:00', '2024-09-15T19:00-07:00', '1h'))).toEqual([
      'hourly',
      '2024-09-10T14:00:00.000Z',
      '2024-09-16T02:00:00.000Z',
    ]);
  });

  test('4: three days of a 24-hour level', () => {
    expect(windowOf(ask(coast, '2024-09-16T00:00-07:00', '2024-09-18T23:59-07:00', '1d'))).toEqual([
      'daily',
      '2024-09-16T07:00:00.000Z',
      '2024-09-19T06:59:00.000Z',
    ]);
  });

  test('5: hours go to the nearest', () => {
    expect(windowOf(ask(igloohome, '2026-06-01T00:20Z', '2026-06-01T03:50Z', '1h'))).toEqual([
      'hourly',
      '2026-06-01T00:00:00.000Z',
      '2026-06-01T04:00:00.000Z',
    ]);
  });

  test('6: 28 days are 672 hours', () => {
    expect(windowOf(ask(igloohome, later(0), later(28), '1h'))).toEqual(['hourly', later(0), later(28)]);
  });

  test('7: 673 hours become 672 by the hour that is allowed, 674 do not', () => {
    expect(windowOf(ask(igloohome, later(0), later(28, 1), '1h'))).toEqual(['hourly', later(0), later(28)]);
    const refused = ask(igloohome, later(0), later(28, 2), '1h');
    expect(windowOf(refused)).toEqual(['rounding_exceeded']);
    expect(nearestOf(refused)).toEqual([later(0), later(28)]);
  });

  test('8: four hours beyond 31 days need a day of rounding', () => {
    expect(windowOf(ask(igloohome, later(0, 10), later(31, 14), '1h'))).toEqual(['rounding_exceeded']);
    const rounded = ask(igloohome, later(0, 10), later(31, 14), '1d');
    expect(windowOf(rounded)).toEqual(['daily', later(0, 10), later(31, 10)]);
  });

  test('9: 28 days and 20 hours become 29 days', () => {
    expect(windowOf(ask(igloohome, later(0), later(28, 20), '1d'))).toEqual(['daily', later(0), later(29)]);
  });

  test('10: whole days stay as they are', () => {
    const answer = ask(igloohome, '2023-11-17T00:00Z', '2023-12-18T00:00Z', '1d');
    expect(windowOf(answer)).toEqual(['daily', '2023-11-17T00:00:00.000Z', '2023-12-18T00:00:00.000Z']);
  });

  test.each(['1h', '1d'] as const)('11: 368 days are too long, whatever may be rounded (%s)', (max) => {
    const answer = ask(igloohome, later(0), later(368), max);
    expect(windowOf(answer)).toEqual(['too_long']);
    expect(nearestOf(answer)).toEqual([later(0), later(367)]);
  });

  test('12: five days of a 24-hour level stay as they are', () => {
    expect(windowOf(ask(tirane, '2023-12-22T23:00Z', '2023-12-27T22:59Z', '1d'))).toEqual([
      'daily',
      '2023-12-22T23:00:00.000Z',
      '2023-12-27T22:59:00.000Z',
    ]);
  });

  test('the hourly sample of the seed page is a day of the level from 7 to 7', () => {
    expect(windowOf(ask(tirane, '2023-12-22T06:00Z', '2023-12-22T18:00Z', '1h'))).toEqual([
      'hourly',
      '2023-12-22T06:00:00.000Z',
      '2023-12-22T18:00:00.000Z',
    ]);
  });
});

describe('what the examples leave open', () => {
  const base: OfflineRequest = {
    startsAt: Date.parse(later(0)),
    endsAt: null,
    isOneTimeUse: true,
    maxRoundingMs: HOUR_MS,
    rounding: 'nearest',
  };

  test('ties go outward', () => {
    const answer = ask(igloohome, '2026-06-01T00:30Z', '2026-06-01T03:30Z', '1h');
    expect(windowOf(answer)).toEqual(['hourly', '2026-06-01T00:00:00.000Z', '2026-06-01T04:00:00.000Z']);
    expect(windowOf(ask(igloohome, later(0), later(28, 12), '1d'))).toEqual(['daily', later(0), later(29)]);
  });

  test('outward the guest never has less, also where the other way is nearer', () => {
    const times = { startsAt: Date.parse(later(0, 10)), endsAt: Date.parse(later(31, 14)) };
    const request = {
      ...base,
      ...times,
      isOneTimeUse: false,
      maxRoundingMs: DAY_MS,
      rounding: 'outward',
    } as const;
    expect(windowOf(roundedWindow(request, igloohome))).toEqual(['daily', later(0, 10), later(32, 10)]);
    const refused = roundedWindow({ ...request, maxRoundingMs: HOUR_MS }, igloohome);
    expect(nearestOf(refused)).toEqual([later(0, 10), later(32, 10)]);
  });

  test('a one-time code lasts 24 hours from its hour', () => {
    const startsAt = Date.parse('2026-06-01T00:20Z');
    expect(windowOf(roundedWindow({ ...base, startsAt }, igloohome))).toEqual([
      'one_time',
      later(0),
      later(1),
    ]);
    const tooShort = { ...base, endsAt: Date.parse(later(0, 22)) };
    expect(windowOf(roundedWindow(tooShort, igloohome))).toEqual(['rounding_exceeded']);
  });

  test('a lock with user levels has no one-time codes, and the refusal names what it has', () => {
    const endsAt = Date.parse('2026-06-02T10:15Z');
    const request = { ...base, startsAt: Date.parse('2026-06-01T15:45Z'), endsAt };
    const answer = roundedWindow(request, stays);
    expect(windowOf(answer)).toEqual(['one_time_unsupported']);
    expect(nearestOf(answer)).toEqual(['2026-06-01T16:00:00.000Z', '2026-06-02T10:00:00.000Z']);
  });

  test('master and one-shot levels take nothing', () => {
    const master = slot(1, '16:00', '10:00', 'UTC', { is_master: true });
    const oneShot = slot(2, '16:00', '10:00', 'UTC', { is_one_shot: true });
    const answer = ask(oracodeRules([master, oneShot]), '2026-06-01T16:00Z', '2026-06-02T10:00Z', '1h');
    expect(windowOf(answer)).toEqual(['no_level']);
    expect(nearestOf(answer)).toEqual([undefined, undefined]);
  });

  test('a level takes 31 days and not 32', () => {
    expect(windowOf(ask(stays, '2026-06-01T16:00Z', '2026-07-02T10:00Z', '1h'))[0]).toBe('hourly');
    const answer = ask(stays, '2026-06-01T16:00Z', '2026-07-03T10:00Z', '1d');
    expect(windowOf(answer)).toEqual(['too_long']);
    expect(nearestOf(answer)).toEqual(['2026-06-01T16:00:00.000Z', '2026-07-02T10:00:00.000Z']);
  });

  test('times that are missing or the wrong way round', () => {
    expect(windowOf(roundedWindow({ ...base, startsAt: null }, igloohome))).toEqual(['start_missing']);
    expect(windowOf(roundedWindow({ ...base, isOneTimeUse: false }, igloohome))).toEqual(['end_missing']);
    expect(windowOf(ask(igloohome, later(1), later(1), '1h'))).toEqual(['end_not_after_start']);
  });

  test('days are counted by the wall or by 24 hours, whichever was asked for', () => {
    const berlin = igloohomeRules('Europe/Berlin');
    const byWall = ask(berlin, '2026-03-10T10:00+01:00', '2026-04-10T10:00+02:00', '1h');
    expect(windowOf(byWall)).toEqual(['daily', '2026-03-10T09:00:00.000Z', '2026-04-10T08:00:00.000Z']);
    const byHours = ask(berlin, '2026-03-10T09:00Z', '2026-04-10T09:00Z', '1h');
    expect(windowOf(byHours)).toEqual(['daily', '2026-03-10T09:00:00.000Z', '2026-04-10T09:00:00.000Z']);
  });

  test('a check-in that the wall shows twice is the later one, and a check-out the earlier', () => {
    const night = oracodeRules([slot(127, '02:30', '02:30', 'Europe/Berlin')]);
    expect(windowOf(ask(night, '2026-10-25T02:30+02:00', '2026-10-26T02:30+01:00', '1h'))).toEqual([
      'hourly',
      '2026-10-25T01:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
    expect(windowOf(ask(night, '2026-10-24T02:30+02:00', '2026-10-25T02:30+01:00', '1h'))).toEqual([
      'hourly',
      '2026-10-24T00:30:00.000Z',
      '2026-10-25T00:30:00.000Z',
    ]);
  });

  test('hours are those of the wall', () => {
    const kolkata = igloohomeRules('Asia/Kolkata');
    expect(windowOf(ask(kolkata, '2026-06-01T04:30Z', '2026-06-01T06:00Z', '1h'))).toEqual([
      'hourly',
      '2026-06-01T04:30:00.000Z',
      '2026-06-01T06:30:00.000Z',
    ]);
  });
});

test.each([
  ['25:00:00[UTC]', 'check_in_time'],
  ['07:00:00[Mars/Olympus]', 'not an IANA zone'],
  ['07:00:00[Europe/Paris]', 'two zones'],
])('a time slot from %s is refused by name', (checkIn, told) => {
  const bad = slot(1, '07:00', '19:00', TIRANE, { check_in_time: checkIn });
  expect(() => oracodeRules([bad])).toThrow(told);
});

test('what can not be asked of an offline code is told with what can', () => {
  expect(fixedRefusal({ kind: 'choose_pin' })).toMatch(/^code: must be left out/);
  expect(fixedRefusal({ kind: 'update' })).toContain('create another one');
  const endsAt = Date.parse('2026-11-24T11:00Z');
  expect(fixedRefusal({ kind: 'delete', endsAt })).toContain('ends at 2026-11-24T11:00:00.000Z');
});
