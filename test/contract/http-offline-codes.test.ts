import { expect, test } from 'vitest';
import { igloohomeRules } from '../../drivers/offline/igloohome/rules.ts';
import { unmetLock, type LockState } from '../../src/core/lock.ts';
import { settleIssue, withIssueAsked } from '../../src/core/offline/settle-issue.ts';
import { PLAIN, pin, POLICY } from '../support/core-world.ts';
import { BACK, codesScene } from './http-codes-rig.ts';

const DOOR = '33333333-3333-4333-8333-333333333333';
const TIMES = { starts_at: '2026-03-10T10:20:00Z', ends_at: '2026-03-10T13:50:00Z' };

async function scene() {
  const codes = await codesScene();
  const offline = { vendor: 'igloohome', rules: igloohomeRules('UTC') } as const;
  const known = { radio: 'offline', address: 'sp-1', model: 'igloohome Keybox 3', online: true } as const;
  const capabilities = { ...PLAIN, lastSlot: 0, offline };
  const state = { lock: { ...unmetLock(DOOR), ...known, capabilities }, codes: [], slots: [] };
  codes.store.commit(undefined, state, []);
  const now = (): LockState => {
    const found = codes.store.lockState(DOOR);
    if (found === undefined) throw new Error('no door');
    return found;
  };
  const issue = (accessCodeId: string, digits: string): void => {
    const asked = withIssueAsked(now(), accessCodeId);
    const outcome = { kind: 'issued', pin: pin(digits), reference: null } as const;
    const step = settleIssue(asked, accessCodeId, outcome, POLICY, codes.clock.now());
    codes.store.commit(now(), step.state, step.events);
  };
  const ask = (path: string, more: object = {}) =>
    codes.send('POST', path, { device_id: DOOR, is_offline_access_code: true, ...TIMES, ...more });
  return { ...codes, now, issue, ask };
}

test('an offline code as the official client meets it: asked for, waited for, issued, and fixed', async () => {
  const { seam, issue, woken } = await scene();
  const { accessCodes } = seam;
  const made = await accessCodes.create({ device_id: DOOR, is_offline_access_code: true, ...TIMES });
  expect(woken).toContain(DOOR);
  expect(made).toMatchObject({
    type: 'time_bound',
    code: null,
    status: 'unset',
    starts_at: '2026-03-10T10:00:00.000Z',
    ends_at: '2026-03-10T14:00:00.000Z',
    is_waiting_for_code_assignment: true,
    is_offline_access_code: true,
    is_one_time_use: false,
  });
  const { access_code_id } = made;
  issue(access_code_id, '80417326');
  const got = await accessCodes.get({ access_code_id });
  expect(got).toMatchObject({ code: '80417326', status: 'set', is_waiting_for_code_assignment: null });
  for (const change of [
    accessCodes.update({ access_code_id, name: 'Anna' }),
    accessCodes.update({ access_code_id, ends_at: '2026-03-10T12:00:00Z' }),
    accessCodes.delete({ access_code_id }),
  ]) {
    await expect(change).rejects.toMatchObject({ statusCode: 400, code: 'invalid_input' });
  }
  expect(await accessCodes.list({ device_id: DOOR })).toHaveLength(1);
});

test('a preview tells the window or the refusal, and nothing is made', async () => {
  const { ask, now } = await scene();
  expect(await ask('/access_codes/preview')).toMatchObject({
    status: 200,
    body: {
      access_code: { code: null, starts_at: '2026-03-10T10:00:00.000Z' },
      offline_time_frame: { kind: 'hourly', ends_at: '2026-03-10T14:00:00.000Z' },
    },
  });
  expect(await ask('/access_codes/preview', { is_one_time_use: true, ends_at: null })).toMatchObject({
    body: {
      access_code: { ends_at: null, is_one_time_use: true },
      offline_time_frame: { kind: 'one_time', ends_at: '2026-03-11T10:00:00.000Z' },
    },
  });
  const long = { ends_at: '2026-04-10T14:20:00Z' };
  const refused = await ask('/access_codes/preview', long);
  expect(refused).toMatchObject({ status: 400, body: { error: { type: 'invalid_input' } } });
  expect(JSON.stringify(refused.body)).toContain(
    'the nearest accepted window is 2026-03-10T11:00:00.000Z to',
  );
  expect(await ask('/access_codes/preview', { ...long, max_time_rounding: '1day' })).toMatchObject({
    body: { offline_time_frame: { kind: 'daily', ends_at: '2026-04-10T11:00:00.000Z' } },
  });
  const nearest = {
    kind: 'daily',
    starts_at: '2026-03-10T11:00:00.000Z',
    ends_at: '2026-04-10T11:00:00.000Z',
    user_level_id: null,
  };
  expect(refused.body).toMatchObject({ error: { nearest } });
  expect((await ask('/access_codes/create', long)).body).toMatchObject({ error: { nearest } });
  const { starts_at, ends_at } = nearest;
  expect(await ask('/access_codes/preview', { starts_at, ends_at })).toMatchObject({
    status: 200,
    body: { offline_time_frame: nearest },
  });
  // Where more than the window is wrong, another window would not help.
  expect((await ask('/access_codes/create', { ...long, code: '1234' })).body).not.toHaveProperty(
    'error.nearest',
  );
  expect(
    await ask('/access_codes/preview', { device_id: BACK, is_offline_access_code: false }),
  ).toMatchObject({ body: { access_code: { code: null }, offline_time_frame: null } });
  expect(now().codes).toEqual([]);
});

test('what can not be asked for has its name in the answer', async () => {
  const { ask } = await scene();
  for (const [more, parameter] of [
    [{ code: '1234' }, 'code'],
    [{ max_uses: 2 }, 'max_uses'],
    [{ device_id: BACK }, 'is_offline_access_code'],
    [{ is_offline_access_code: false }, 'is_offline_access_code'],
    [{ use_offline_access_code: false }, 'use_offline_access_code'],
  ] as const) {
    expect(await ask('/access_codes/create', more)).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_input', validation_errors: { [parameter]: {} } } },
    });
  }
  const several = await ask('/access_codes/create_multiple', { device_ids: [DOOR] });
  expect(several).toMatchObject({ status: 400, body: { error: { type: 'invalid_input' } } });
});

test('the device tells which windows its offline codes may have', async () => {
  const { seam } = await scene();
  expect(await seam.devices.get({ device_id: DOOR })).toMatchObject({
    device_type: 'igloohome_lock',
    capabilities_supported: ['access_code'],
    can_program_offline_access_codes: true,
    can_remotely_unlock: false,
    errors: [],
    properties: {
      online: true,
      offline_access_codes_enabled: true,
      online_access_codes_enabled: false,
      model: { offline_access_codes_supported: true, online_access_codes_supported: false },
      offline_time_frame_options: [
        { min_duration: 'PT1H', max_duration: 'PT672H' },
        { min_duration: 'P29D', max_duration: 'P367D', matching_start_end_time: true },
        { min_duration: 'PT24H' },
      ],
    },
  });
  const plain = await seam.devices.get({ device_id: BACK });
  expect(plain).not.toHaveProperty('can_program_offline_access_codes');
  expect(plain.properties).not.toHaveProperty('offline_time_frame_options');
});

test('nobody waits for a lock that no radio reaches: what would be sent to it is refused, and it can be forgotten', async () => {
  const { send, store, seamWith } = await scene();
  expect(await send('POST', '/locks/unlock_door', { device_id: DOOR })).toMatchObject({
    body: { action_attempt: { status: 'error', error: { type: 'unsupported' } } },
  });
  await seamWith('admin').client.post('/devices/delete', { device_id: DOOR });
  expect(store.lockState(DOOR)).toBeUndefined();
});
