import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRequestSchema, refusalText } from '../../src/wire/request.ts';

const CANARY = '80417326';

function ask(fields: object) {
  const asked = createRequestSchema.safeParse(fields);
  if (!asked.success) throw new Error(refusalText(asked.error));
  return asked.data;
}

function refusal(fields: object): string {
  const asked = createRequestSchema.safeParse(fields);
  return asked.success ? '' : refusalText(asked.error);
}

test('nothing but defaults', () => {
  expect(ask({})).toEqual({
    request: {
      name: null,
      pin: null,
      preferredCodeLength: null,
      commonCodeKey: null,
      startsAt: null,
      endsAt: null,
      preferNativeScheduling: true,
      allowExternalModification: false,
      strictStart: false,
      useBackupPool: false,
      weeklyWindows: null,
      maxUses: null,
      offline: null,
    },
    attemptForOfflineDevice: true,
  });
});

test.each([
  [{ is_offline_access_code: true }, { isOneTimeUse: false, maxRoundingMs: 3_600_000 }],
  [
    { use_offline_access_code: true, max_time_rounding: '1h' },
    { isOneTimeUse: false, maxRoundingMs: 3_600_000 },
  ],
  [
    { is_offline_access_code: true, max_time_rounding: '1day' },
    { isOneTimeUse: false, maxRoundingMs: 86_400_000 },
  ],
  [
    { is_offline_access_code: true, is_one_time_use: true, max_time_rounding: '1d' },
    { isOneTimeUse: true, maxRoundingMs: 86_400_000 },
  ],
  [{ max_time_rounding: '1day' }, null],
])('what is asked of an offline code: %j', (fields, offline) => {
  expect(ask(fields).request.offline).toEqual(offline);
});

test('a one-time code is time-bound without an end', () => {
  const fields = { type: 'time_bound', starts_at: '2026-11-22T16:00Z', is_offline_access_code: true };
  expect(ask({ ...fields, is_one_time_use: true }).request.endsAt).toBeNull();
  expect(refusal(fields)).toContain('type: time_bound needs');
});

test('every parameter reaches the request', () => {
  const asked = ask({
    name: 'Anna',
    code: '0007',
    preferred_code_length: 6,
    starts_at: '2026-11-22T16:00:00+01:00',
    ends_at: '2026-11-22T17:30Z',
    type: 'time_bound',
    prefer_native_scheduling: false,
    allow_external_modification: true,
    use_backup_access_code_pool: true,
    common_code_key: 'family',
    attempt_for_offline_device: false,
    is_offline_access_code: false,
    is_one_time_use: false,
    max_time_rounding: '1d',
    strict_start: true,
    weekly_windows: [{ days: ['monday', 'monday', 'friday'], start: '22:00', end: '06:00' }],
    max_uses: 5,
    unknown_to_this_version: 'ignored',
  });
  expect(asked).toMatchObject({
    request: {
      name: 'Anna',
      preferredCodeLength: 6,
      commonCodeKey: 'family',
      startsAt: Date.UTC(2026, 10, 22, 15),
      endsAt: Date.UTC(2026, 10, 22, 17, 30),
      preferNativeScheduling: false,
      allowExternalModification: true,
      strictStart: true,
      useBackupPool: true,
      weeklyWindows: [{ days: ['monday', 'friday'], start: '22:00', stop: '06:00' }],
      maxUses: 5,
    },
    attemptForOfflineDevice: false,
  });
  expect(asked.request.pin?.reveal()).toBe('0007');
});

const START = '2026-11-22T16:00:00.000Z';
const END = '2026-11-23T11:00:00.000Z';

describe('the type', () => {
  test.each([
    [{ type: 'ongoing', starts_at: START, ends_at: END }, null, null],
    [{ type: 'ongoing', ends_at: END }, null, null],
    [{ type: 'ongoing', starts_at: START }, START, null],
    [{ starts_at: START }, START, null],
    [{ type: 'time_bound', starts_at: START, ends_at: END }, START, END],
    [{ starts_at: START, ends_at: END }, START, END],
    [{ type: null, starts_at: START, ends_at: null }, START, null],
  ])('%j has a time frame from %s to %s', (fields, startsAt, endsAt) => {
    const { request } = ask(fields);
    expect(request.startsAt).toBe(startsAt && Date.parse(startsAt));
    expect(request.endsAt).toBe(endsAt && Date.parse(endsAt));
  });
});

test.each([
  [{ is_external_modification_allowed: true }, true],
  [{ allow_external_modification: true, is_external_modification_allowed: true }, true],
  [{ allow_external_modification: false }, false],
  [{ allow_external_modification: null, is_external_modification_allowed: true }, true],
])('the two names of external modification mean the same: %j', (fields, allowed) => {
  expect(ask(fields).request.allowExternalModification).toBe(allowed);
});

test('a window may end at the midnight after its day', () => {
  const windows = [{ days: ['sunday'], start: '18:00', end: '24:00' }];
  expect(ask({ weekly_windows: windows }).request.weeklyWindows).toEqual([
    { days: ['sunday'], start: '18:00', stop: '00:00' },
  ]);
});

const window = { days: ['monday'], start: '09:00', end: '17:00' };

test.each([
  [{ code: Number(CANARY) }, 'leading zeros'],
  [{ code: '123' }, '4 to 12 digits'],
  [{ code: '1234567890123' }, '4 to 12 digits'],
  [{ code: '12a4' }, '4 to 12 digits'],
  [{ code: [CANARY] }, '4 to 12 digits'],
  [{ name: 'x'.repeat(201) }, 'name: must be'],
  [{ common_code_key: 7 }, 'common_code_key: must be'],
  [{ starts_at: '2026-11-22T16:00:00' }, 'starts_at: must be an ISO 8601 time with Z or an offset'],
  [{ ends_at: '2026-02-30T16:00:00Z' }, 'ends_at: must be'],
  [{ ends_at: '9999-12-31T23:59:59Z' }, 'ends_at: must be in the years'],
  [{ type: 'time_bound' }, 'type: time_bound needs starts_at and ends_at'],
  [{ type: 'time_bound', starts_at: START }, 'type: time_bound needs starts_at and ends_at'],
  [{ type: 'timebound' }, 'type: must be one of ongoing, time_bound'],
  [{ prefer_native_scheduling: 'yes' }, 'prefer_native_scheduling: must be true or false'],
  [
    { allow_external_modification: true, is_external_modification_allowed: false },
    'allow_external_modification: is_external_modification_allowed means the same and differs',
  ],
  [{ is_offline_access_code: true, use_offline_access_code: false }, 'use_offline_access_code: is_offline'],
  [{ max_time_rounding: '2h' }, 'max_time_rounding: must be one of 1hour, 1h, 1day, 1d'],
  [{ is_one_time_use: true }, 'is_one_time_use: only offline access codes'],
  [{ max_time_rounding: '2h' }, 'max_time_rounding: must be one of 1hour, 1h, 1day, 1d'],
  [{ preferred_code_length: 4.5 }, 'preferred_code_length: must be a whole number'],
  [{ max_uses: 0 }, 'max_uses: must be a whole number from 1 to 1000'],
  [{ max_uses: 1001 }, 'max_uses: must be a whole number from 1 to 1000'],
  [{ weekly_windows: [] }, 'weekly_windows: must be a list'],
  [{ weekly_windows: [{ ...window, days: [] }] }, 'weekly_windows: must be a list'],
  [{ weekly_windows: [{ ...window, days: ['Monday'] }] }, 'weekly_windows: must be a list'],
  [{ weekly_windows: [{ ...window, start: '24:00' }] }, 'weekly_windows: must be a list'],
  [{ weekly_windows: [{ ...window, end: '9:00' }] }, 'weekly_windows: must be a list'],
  [{ weekly_windows: Array.from({ length: 21 }, () => window) }, 'weekly_windows: must be a list'],
])('what is wrong is said: %j', (fields, why) => {
  expect(refusal(fields)).toContain(why);
});

test('every mistake is named, each once', () => {
  const text = refusal({ code: '1', name: 5, strict_start: 'now' });
  expect(text.match(/(name|code|strict_start):/g)).toEqual(['name:', 'code:', 'strict_start:']);
});

test('a refusal never repeats what was sent', () => {
  const junk = fc.oneof(
    fc.constant(CANARY),
    fc.constant(Number(CANARY)),
    fc.constant([{ [CANARY]: CANARY }]),
  );
  const names = (
    'code starts_at ends_at type strict_start max_time_rounding preferred_code_length ' +
    'weekly_windows max_uses is_one_time_use use_backup_access_code_pool'
  ).split(' ');
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), junk), (wrong) => {
      expect(refusal(wrong)).not.toContain(CANARY);
    }),
  );
});
