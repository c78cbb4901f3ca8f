import { beforeAll, describe, expect, test } from 'vitest';
import type { PageOffline } from '../../src/http/page/offline-types.ts';
import type { LockDetail, PageCode } from '../../src/http/page/types.ts';
import { timezone } from '../../src/page/time.ts';
import { emptyDraft, wrongIn, type CodeLock, type Draft } from '../../src/page/views/codes/draft.ts';
import { statusSaid } from '../../src/page/views/codes/listing.ts';
import { offlineBody, settled } from '../../src/page/views/codes/offline-draft.ts';
import { effectText, fixedText, limitsText } from '../../src/page/views/codes/offline-words.ts';
import { deedsOf } from '../../src/page/views/lock/deeds.ts';
import { devicesText, stateSaid } from '../../src/page/words.ts';

const ZONE = 'Europe/Berlin';
const NOW = Date.parse('2026-11-22T12:00:00Z');
const SPANS: PageOffline = {
  vendor: 'igloohome',
  rules: { kind: 'spans', hours_max: 672, days_min: 29, days_max: 367, one_time_hours: 24 },
};
const LEVELS: PageOffline = {
  vendor: 'dormakaba_oracode',
  rules: {
    kind: 'levels',
    days_max: 31,
    levels: [
      { user_level_id: '1', name: 'Guest', check_in: '16:00', check_out: '10:00', zone: 'Europe/Tirane' },
    ],
  },
};

beforeAll(() => (timezone.value = ZONE));

function lock(id: string, offline: PageOffline | null, total: number | null): CodeLock {
  return {
    device_id: id,
    name: `Lock ${id}`,
    online: true,
    supported_code_lengths: [4],
    code_constraints: [],
    has_native_schedules: false,
    offline,
    slots: { used: 0, total },
  };
}

const plain = lock('plain', null, 30);
const door = lock('door', { ...SPANS, vendor: 'lockhub' }, 30);
const igloo = lock('igloo', SPANS, 0);
const oracode = lock('oracode', LEVELS, 0);

/** What the page reads of a code to say how it stands. */
function code(over: Partial<PageCode>): PageCode {
  const told: Partial<PageCode> = {
    status: 'unset',
    errors: [],
    is_offline_access_code: true,
    is_scheduled_on_device: null,
    issue: {
      kind: 'hourly',
      starts_at: '2100-06-01T14:00:00.000Z',
      ends_at: '2100-06-01T18:00:00.000Z',
      user_level_id: null,
      state: 'waiting',
      asked_starts_at: '2100-06-01T14:20:00.000Z',
      asked_ends_at: null,
    },
    ...over,
  };
  return told as PageCode;
}

function draft(over: Partial<Draft>, ...chosen: CodeLock[]): Draft {
  return settled({ ...emptyDraft(chosen.map(({ device_id: id }) => id)), ...over }, chosen);
}

/** What can be asked of it. */
function types({ is_keypad }: Pick<LockDetail, 'is_keypad'>): readonly string[] {
  const { door: bolt, care } = deedsOf({ is_keypad });
  return [...bolt, ...care].map(({ type }) => type);
}

describe('the draft of an offline code', () => {
  test('is what the locks allow: forced by one without slots, chosen where both are, and nowhere else', () => {
    expect(draft({}, igloo)).toMatchObject({ isOffline: true, span: 'window' });
    expect(draft({}, door)).toMatchObject({ isOffline: false, span: 'always' });
    expect(draft({ isOffline: true, isOneTime: true }, door)).toMatchObject({
      isOffline: true,
      isOneTime: true,
      span: 'window',
    });
    expect(draft({ isOffline: true, isOneTime: true }, plain)).toMatchObject({
      isOffline: false,
      isOneTime: false,
    });
    expect(draft({ isOneTime: true }, oracode)).toMatchObject({ isOffline: true, isOneTime: false });
  });

  test('is for one lock, and needs an end unless it is for one use', () => {
    const setting = { locks: [plain, igloo], codes: [], code: null, zone: ZONE, now: NOW };
    expect(wrongIn(draft({}, igloo), setting)).toEqual({ endsAt: 'Say when it ends.' });
    expect(wrongIn(draft({ isOneTime: true }, igloo), setting)).toEqual({});
    expect(wrongIn(draft({ isOneTime: true }, igloo, plain), setting)).toHaveProperty('deviceIds');
    const times = { startsAt: '2026-12-02T11:00', endsAt: '2026-12-02T11:00' };
    expect(wrongIn(draft(times, igloo), setting)).toHaveProperty('endsAt');
    expect(wrongIn(draft({ ...times, endsAt: '2026-12-02T12:00' }, igloo), setting)).toEqual({});
    expect(wrongIn(draft({ ...times, endsAt: '2027-03-28T02:30' }, igloo), setting)).toHaveProperty('endsAt');
  });

  test('is sent with its times and how far they may move, and never with an end of a code for one use', () => {
    const times = { startsAt: '2026-12-02T11:20', endsAt: '2026-12-02T14:50', rounding: '1day' } as const;
    expect(offlineBody(draft({ ...times, name: ' Anna ' }, igloo), ZONE, NOW)).toEqual({
      device_id: 'igloo',
      is_offline_access_code: true,
      max_time_rounding: '1day',
      name: 'Anna',
      starts_at: '2026-12-02T10:20:00.000Z',
      ends_at: '2026-12-02T13:50:00.000Z',
    });
    const once = offlineBody(draft({ ...times, startsAt: '', isOneTime: true }, igloo), ZONE, NOW);
    expect(once).toMatchObject({ starts_at: '2026-11-22T12:00:00.000Z', is_one_time_use: true });
    expect(once).not.toHaveProperty('ends_at');
  });
});

describe('words about offline codes', () => {
  const frame = {
    kind: 'hourly',
    starts_at: '2100-06-01T14:00:00.000Z',
    ends_at: '2100-06-01T18:00:00.000Z',
    user_level_id: null,
  } as const;

  test('the window is told with what it differs by', () => {
    const asked = { starts_at: '2100-06-01T14:20:00.000Z', ends_at: '2100-06-01T17:50:00.000Z' };
    expect(effectText(frame, asked, SPANS)).toBe(
      'Opens 1 Jun 2100, 16:00 – 20:00. That starts 20 min earlier and ends 10 min later than asked for. Hourly offline code.',
    );
    expect(effectText(frame, frame, SPANS)).toContain('Exactly as asked for.');
    const once = { ...frame, kind: 'one_time', ends_at: '2100-06-02T14:00:00.000Z' } as const;
    expect(effectText(once, { ...frame, ends_at: null }, SPANS)).toMatch(/^Opens once, 1 Jun 2100, 16:00/);
    const long = { ...frame, ends_at: '2100-06-03T14:00:00.000Z' };
    expect(effectText(long, long, SPANS)).toContain('first be used within 24 hours');
    expect(effectText(long, long, { ...SPANS, vendor: 'lockhub' })).not.toContain('first be used');
    expect(effectText({ ...frame, user_level_id: '1' }, frame, LEVELS)).toContain('user level “Guest”');
  });

  test('the limits of a lock are told before somebody runs into them', () => {
    expect(limitsText(SPANS)).toBe(
      'Takes 1 hour to 28 days by whole hours, 29 to 367 days by whole days or one use within 24 hours.',
    );
    expect(limitsText(LEVELS)).toContain(
      '“Guest” (in from 16:00, out by 10:00), in the time of Europe/Tirane',
    );
  });

  test('how far its issuing is', () => {
    const issued = { ...code({}).issue, state: 'issued' } as NonNullable<PageCode['issue']>;
    const said = (over: Partial<PageCode>) => statusSaid(code(over)).text;
    expect(said({})).toBe('Waits for its digits');
    expect(statusSaid(code({ status: 'setting' })).tone).toBe('warn');
    expect(said({ issue: { ...issued, state: 'refused' } })).toBe('Not issued');
    expect(said({ status: 'set', issue: issued })).toBe('Issued');
    expect(said({ status: 'set', issue: { ...issued, starts_at: '2020-01-01T00:00:00.000Z' } })).toBe(
      'Works now',
    );
    expect(said({ status: 'removing', issue: issued })).toBe('Being removed');
    expect(fixedText(code({ can_delete: true }))).toContain('can be deleted until');
    expect(fixedText(code({ can_delete: false }))).toContain('nor taken back');
  });
});

test('a keypad has no bolt and no codes, and is not counted as a lock', () => {
  expect(types({ is_keypad: true })).toEqual(['ping', 'identify', 'check_link', 'reinterview']);
  expect(types({ is_keypad: false })).toEqual(expect.arrayContaining(['lock_door', 'unlock_door', 'audit']));
  expect(devicesText([{ is_keypad: false }, { is_keypad: true }])).toBe('1 lock, 1 keypad');
  expect(devicesText([{ is_keypad: false }])).toBe('1 lock');
  const bolt = { locked: null, jammed: false };
  expect(stateSaid({ ...bolt, is_keypad: true, radio: 'zwave' }).text).toBe('Keypad');
  expect(stateSaid({ ...bolt, is_keypad: false, radio: 'offline' }).text).toBe('Offline codes only');
  expect(stateSaid({ ...bolt, is_keypad: false, radio: 'zwave' }).text).toBe('Bolt not known');
});
