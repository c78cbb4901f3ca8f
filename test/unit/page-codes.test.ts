import { describe, expect, test } from 'vitest';
import type { CodesAnswer, PageCode, PageUnmanagedCode } from '../../src/http/page/types.ts';
import {
  changeBody,
  createBody,
  draftOf,
  emptyDraft,
  pinHint,
  wrongIn,
  type CodeLock,
  type Draft,
} from '../../src/page/views/codes/draft.ts';
import { groupedCodes, NO_FILTER, statusSaid, weekText } from '../../src/page/views/codes/listing.ts';

const ZONE = 'Europe/Berlin';
const NOW = Date.parse('2026-11-22T12:00:00Z');

function lock(id: string, over: Partial<CodeLock> = {}): CodeLock {
  return {
    device_id: id,
    name: `Lock ${id}`,
    online: true,
    supported_code_lengths: [4, 5, 6],
    code_constraints: [],
    has_native_schedules: false,
    offline: null,
    slots: { used: 0, total: 30 },
    ...over,
  };
}

function code(id: string, over: Partial<PageCode> = {}): PageCode {
  return {
    access_code_id: id,
    device_id: 'a',
    type: 'ongoing',
    created_at: '2026-11-01T00:00:00.000Z',
    errors: [],
    warnings: [],
    starts_at: null,
    ends_at: null,
    name: null,
    status: 'set',
    display_status: '',
    common_code_key: null,
    is_managed: true,
    is_waiting_for_code_assignment: null,
    is_scheduled_on_device: null,
    pulled_backup_access_code_id: null,
    is_backup_access_code_available: false,
    is_backup: null,
    appearance: null,
    is_external_modification_allowed: false,
    is_offline_access_code: false,
    is_one_time_use: false,
    pending_mutations: [],
    origin: 'local',
    strict_start: false,
    weekly_windows: null,
    max_uses: null,
    uses: 0,
    has_code: true,
    slot: 1,
    why: null,
    can_change: true,
    can_delete: true,
    issue: null,
    ...over,
  };
}

const fussy = lock('b', {
  supported_code_lengths: [4, 6],
  code_constraints: [
    { constraint_type: 'no_zeros' },
    { constraint_type: 'name_length', min_length: 2, max_length: 5 },
    { constraint_type: 'name_must_be_unique' },
  ],
});
const locks = [lock('a'), fussy];
const at = (draft: Partial<Draft>, changed: PageCode | null = null, codes: readonly PageCode[] = []) =>
  wrongIn({ ...emptyDraft(['a']), ...draft }, { locks, codes, code: changed, zone: ZONE, now: NOW });

describe('what is wrong with a draft', () => {
  test('nothing, where only a lock is chosen', () => {
    expect(at({})).toEqual({});
    expect(at({ deviceIds: [] })).toHaveProperty('deviceIds');
  });

  test('a PIN is judged by the rules of every lock that is chosen', () => {
    expect(at({ code: '123' }).code).toBe('This lock takes 4 to 6 digits.');
    expect(at({ code: '12a4' }).code).toBe('Only digits.');
    expect(at({ code: '10305' })).toEqual({});
    expect(at({ code: '10305', deviceIds: ['a', 'b'] }).code).toBe(
      'Lock b: this lock takes 4 or 6 digits; the digit 0 must not be in it.',
    );
    expect(pinHint(locks)).toBe('4 or 6 digits; the digit 0 must not be in it.');
  });

  test('a name is judged by its length, and by the other names where they must differ', () => {
    expect(at({ name: 'Long name', deviceIds: ['b'] })).toHaveProperty('name');
    expect(at({ name: 'A', deviceIds: ['b'] })).toHaveProperty('name');
    const anna = code('1', { name: 'Anna', device_id: 'b' });
    expect(at({ name: 'Anna', deviceIds: ['b'] }, null, [anna])).toHaveProperty('name');
    expect(at({ name: 'Anna', deviceIds: ['b'] }, anna, [anna])).toEqual({});
    expect(at({ name: 'Long name' })).toEqual({});
  });

  test('times have to exist, to be in order and to be still to come', () => {
    const window = { span: 'window' } as const;
    expect(at(window)).toHaveProperty('endsAt');
    expect(at({ ...window, startsAt: '2027-03-28T02:30' })).toHaveProperty('startsAt');
    expect(at({ ...window, endsAt: '2026-11-22T12:59' })).toHaveProperty('endsAt');
    expect(at({ ...window, endsAt: '2026-11-22T13:01' })).toEqual({});
    const backwards = { ...window, startsAt: '2026-12-02T10:00', endsAt: '2026-12-02T10:00' };
    expect(at(backwards)).toHaveProperty('endsAt');
    expect(at({ ...backwards, span: 'always' })).toEqual({});
  });

  test('what the hub can not take away again is said before it is tried', () => {
    const rich = code('1', {
      name: 'Anna',
      max_uses: 3,
      weekly_windows: [{ days: ['monday'], start: '09:00', end: '10:00' }],
    });
    expect(Object.keys(at({}, rich)).toSorted()).toEqual(['maxUses', 'name', 'weekly']);
  });
});

describe('what is sent', () => {
  test('a new code has only what was filled in', () => {
    expect(createBody({ ...emptyDraft(['a']), name: ' Anna ' }, ZONE, NOW)).toEqual({
      device_id: 'a',
      name: 'Anna',
    });
    expect(createBody({ ...emptyDraft(['a', 'b']), code: '0042' }, ZONE, NOW)).toEqual({
      device_ids: ['a', 'b'],
      code: '0042',
    });
  });

  test('an end without a start begins now, and of a minute that comes twice the later is meant', () => {
    const draft = { ...emptyDraft(['a']), span: 'window', endsAt: '2027-10-31T02:30' } as const;
    expect(createBody(draft, ZONE, NOW)).toEqual({
      device_id: 'a',
      starts_at: '2026-11-22T12:00:00.000Z',
      ends_at: '2027-10-31T01:30:00.000Z',
    });
  });

  test('a change has only what is different, and times that nobody touched stay as exact as they are', () => {
    const guest = code('1', {
      name: 'Anna',
      starts_at: '2026-11-23T10:00:07.123Z',
      ends_at: '2026-11-25T10:00:00.000Z',
    });
    const draft = draftOf(guest, ZONE);
    expect(draft.startsAt).toBe('2026-11-23T11:00');
    expect(changeBody(draft, guest, ZONE, NOW)).toEqual({});
    expect(changeBody({ ...draft, name: 'Berta' }, guest, ZONE, NOW)).toEqual({ name: 'Berta' });
    expect(changeBody({ ...draft, span: 'always' }, guest, ZONE, NOW)).toEqual({ type: 'ongoing' });
    expect(changeBody({ ...draft, endsAt: '2026-11-26T11:00' }, guest, ZONE, NOW)).toEqual({
      starts_at: '2026-11-23T10:00:00.000Z',
      ends_at: '2026-11-26T10:00:00.000Z',
    });
  });
});

describe('the list', () => {
  const wrong = { error_code: 'failed_to_set_on_device', message: 'no' };
  const answer: CodesAnswer = {
    locks,
    codes: [
      code('1', { name: 'Anna' }),
      code('2', { name: 'Berta', status: 'unset', origin: 'cloud' }),
      code('3', { name: 'Anton', device_id: 'b', errors: [wrong], status: 'setting' }),
      code('4', { device_id: 'b' }),
    ],
    unmanaged_codes: [foreign('5', 'a')],
  };
  const ids = (filter: Partial<typeof NO_FILTER>) =>
    groupedCodes(answer, { ...NO_FILTER, ...filter }).map(({ lock: { device_id }, codes, unmanaged }) => [
      device_id,
      ...[...codes, ...unmanaged].map(({ access_code_id }) => access_code_id),
    ]);

  test('the lock and the code with a problem come first', () => {
    expect(ids({})).toEqual([
      ['b', '3', '4'],
      ['a', '1', '2', '5'],
    ]);
  });

  test('it is found by name and id, and filtered by lock, status and owner', () => {
    expect(ids({ text: 'an' })).toEqual([
      ['b', '3'],
      ['a', '1'],
    ]);
    expect(ids({ text: '4' })).toEqual([['b', '4']]);
    expect(ids({ deviceId: 'a', status: 'set' })).toEqual([['a', '1', '5']]);
    expect(ids({ status: 'problems' })).toEqual([['b', '3']]);
    expect(ids({ status: 'unmanaged' })).toEqual([['a', '5']]);
    expect(ids({ origin: 'cloud' })).toEqual([['a', '2']]);
  });

  test('a status is said in words', () => {
    expect(statusSaid(code('1')).text).toBe('Works now');
    expect(statusSaid(code('1', { status: 'unset' })).text).toBe('Later');
    expect(statusSaid(code('1', { status: 'unset', errors: [wrong] })).text).toBe('Not on the lock');
    expect(statusSaid(code('1', { status: 'unset', is_scheduled_on_device: true })).text).toBe(
      'Ready on the lock',
    );
    expect(weekText([{ days: ['monday', 'friday'], start: '09:00', end: '12:30' }])).toBe(
      'Mon, Fri 09:00–12:30',
    );
  });
});

function foreign(id: string, deviceId: string): PageUnmanagedCode {
  return {
    access_code_id: id,
    device_id: deviceId,
    type: 'ongoing',
    created_at: '2026-11-01T00:00:00.000Z',
    errors: [],
    warnings: [],
    starts_at: null,
    ends_at: null,
    name: null,
    status: 'set',
    display_status: '',
    is_managed: false,
    has_code: true,
    slot: 9,
  };
}
