import { describe, expect, test } from 'vitest';
import { accept } from '../../src/core/request/accept.ts';
import { unmetLock, type LockState } from '../../src/core/lock.ts';
import { accessCodeSchema, type AccessCodeObject } from '../../src/wire/access-code.ts';
import { createRequestSchema } from '../../src/wire/request.ts';
import { accessCodeOf, viewOf } from '../../src/wire/view.ts';
import { PLAIN, POLICY, SCHEDULING } from '../support/core-world.ts';

// What the four pages show as the answer to a create request, field by field, for the online codes that this version
// makes; and, for the offline codes of a later version, that the one schema has room for them.

const DEVICE = '6aae9d08-fed6-4ca5-8328-e36849ab48fe';

/** The code that comes of a create request at a moment, as the local API will show it. */
function createdAt(at: string, accessCodeId: string, parameters: object): AccessCodeObject {
  const now = { earliest: Date.parse(at), latest: Date.parse(at) };
  const { request } = createRequestSchema.parse(parameters);
  const lock = { ...unmetLock(DEVICE), radio: 'zwave', capabilities: PLAIN, online: true } as const;
  const before: LockState = { lock, codes: [], slots: [] };
  const entry = { kind: 'valid', request: { accessCodeId, ...request } } as const;
  const document = { generation: 1, version: 1, codes: [entry], tombstones: [] };
  const sources = { draw: () => 0, siblings: () => [] };
  const { state } = accept(before, document, sources, now, POLICY).step;
  const view = viewOf(state, { policy: POLICY, now, isRadioUp: true });
  const [code] = state.codes.map((one) => accessCodeOf(one, view));
  if (code === undefined) throw new Error('no code came of the request');
  expect(accessCodeSchema.parse(JSON.parse(JSON.stringify(code)))).toEqual(code);
  return code;
}

/** What every one of the samples of online codes has. */
const ONLINE = {
  device_id: DEVICE,
  errors: [],
  warnings: [],
  common_code_key: null,
  is_managed: true,
  is_waiting_for_code_assignment: null,
  pulled_backup_access_code_id: null,
  is_backup_access_code_available: false,
  is_backup: null,
  appearance: null,
  is_external_modification_allowed: false,
  is_offline_access_code: false,
  is_one_time_use: false,
} as const;

/** What the hub adds to them: fields of later versions of the pages, and extensions. */
const EXTENSIONS = { origin: 'cloud', strict_start: false, weekly_windows: null, max_uses: null, uses: 0 };

describe('the answer to a create request', () => {
  test('of an ongoing code', () => {
    const id = 'daf89de3-ad3a-49aa-93bd-25f27d58f699';
    const parameters = { device_id: DEVICE, name: 'my ongoing code', code: '1234' };
    expect(createdAt('2023-10-19T02:15:04.911Z', id, parameters)).toEqual({
      ...ONLINE,
      access_code_id: id,
      type: 'ongoing',
      code: '1234',
      created_at: '2023-10-19T02:15:04.911Z',
      starts_at: null,
      ends_at: null,
      name: 'my ongoing code',
      status: 'setting',
      is_scheduled_on_device: null,
      display_status: 'Issuing',
      pending_mutations: [
        {
          mutation_code: 'creating',
          created_at: '2023-10-19T02:15:04.911Z',
          message: 'The code is being put on the lock.',
        },
      ],
      ...EXTENSIONS,
    });
  });

  test('of a time-bound code', () => {
    const id = '1bbd1eba-e4a2-4f96-b1b9-8498a5405b2b';
    const parameters = {
      device_id: DEVICE,
      name: 'my time-bound code',
      starts_at: '2025-01-01T16:00:00Z',
      ends_at: '2025-01-22T12:00:00Z',
      code: '2345',
    };
    expect(createdAt('2023-10-19T02:21:58.738Z', id, parameters)).toEqual({
      ...ONLINE,
      access_code_id: id,
      type: 'time_bound',
      code: '2345',
      created_at: '2023-10-19T02:21:58.738Z',
      starts_at: '2025-01-01T16:00:00.000Z',
      ends_at: '2025-01-22T12:00:00.000Z',
      name: 'my time-bound code',
      status: 'unset',
      is_scheduled_on_device: false,
      display_status: 'Scheduled',
      pending_mutations: [
        {
          mutation_code: 'deferring_creation',
          created_at: '2023-10-19T02:21:58.738Z',
          scheduled_at: '2025-01-01T15:30:00.000Z',
          message: 'The code goes on the lock at 2025-01-01T15:30:00.000Z.',
        },
      ],
      ...EXTENSIONS,
    });
  });

  test('of the older page, whose answers have fewer fields', () => {
    const id = '22222222-2222-2222-2222-222222222222';
    const at = '2023-01-01T00:00:00.000Z';
    const common = { access_code_id: id, code: '1234', common_code_key: null, created_at: at, errors: [] };
    expect(createdAt(at, id, { name: 'Ongoing Access Code', code: '1234' })).toMatchObject({
      ...common,
      name: 'Ongoing Access Code',
      type: 'ongoing',
      status: 'setting',
      warnings: [],
      is_managed: true,
    });
    const window = { starts_at: '2023-01-02T00:00:00Z', ends_at: '2023-01-05T00:00:00Z' };
    expect(createdAt(at, id, { name: 'Temporary Access Code', code: '1234', ...window })).toMatchObject({
      ...common,
      name: 'Temporary Access Code',
      type: 'time_bound',
      status: 'unset',
      starts_at: '2023-01-02T00:00:00.000Z',
      ends_at: '2023-01-05T00:00:00.000Z',
      warnings: [],
      is_managed: true,
    });
  });
});

test('a code that the lock will schedule itself is false until the lock has its schedule, and true from then on', () => {
  const window = { starts_at: '2025-01-01T16:00:00Z', ends_at: '2025-01-22T12:00:00Z' };
  const { request } = createRequestSchema.parse({ code: '2345', ...window });
  const at = Date.parse('2025-01-01T12:00:00Z');
  const now = { earliest: at, latest: at };
  const lock = { ...unmetLock(DEVICE), capabilities: SCHEDULING, online: true };
  const entry = { kind: 'valid', request: { accessCodeId: 'native', ...request } } as const;
  const document = { generation: 1, version: 1, codes: [entry], tombstones: [] };
  const sources = { draw: () => 0, siblings: () => [] };
  const { state } = accept({ lock, codes: [], slots: [] }, document, sources, now, POLICY).step;
  const shown = (isScheduledOnDevice: boolean) =>
    state.codes.map((code) => {
      const view = viewOf(state, { policy: POLICY, now, isRadioUp: true });
      return accessCodeOf({ ...code, isScheduledOnDevice }, view).is_scheduled_on_device;
    });
  expect(shown(false)).toEqual([false]);
  expect(shown(true)).toEqual([true]);
});

test.each([
  ['hourly', '2023-11-10T00:00:00.000Z', '2023-11-15T18:00:00.000Z', false],
  ['daily', '2023-11-17T00:00:00.000Z', '2023-12-18T00:00:00.000Z', false],
  ['one-time-use', '2023-11-12T00:00:00.000Z', null, true],
])('the schema has room for an offline code: %s', (_kind, starts_at, ends_at, is_one_time_use) => {
  const offline = {
    access_code_id: 'f078dce8-3c5e-4bc4-bd08-3ad013ee8be6',
    device_id: '9689dc30-77d8-4728-9968-b3abd0835f47',
    type: 'time_bound',
    code: null,
    created_at: '2023-11-07T03:51:56.096Z',
    errors: [],
    warnings: [],
    starts_at,
    ends_at,
    name: 'my offline code',
    status: 'unset',
    common_code_key: null,
    is_managed: true,
    is_waiting_for_code_assignment: true,
    is_scheduled_on_device: false,
    pulled_backup_access_code_id: null,
    is_backup_access_code_available: false,
    is_backup: null,
    appearance: null,
    is_external_modification_allowed: false,
    is_offline_access_code: true,
    is_one_time_use,
    display_status: 'Scheduled',
    pending_mutations: [],
    ...EXTENSIONS,
  };
  expect(accessCodeSchema.parse(offline)).toEqual(offline);
});
