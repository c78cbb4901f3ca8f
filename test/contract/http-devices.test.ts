import { describe, expect, test } from 'vitest';
import { accept } from '../../src/core/request/accept.ts';
import type { LoggedEvent } from '../../src/store/store.ts';
import { POLICY, request } from '../support/core-world.ts';
import { BACK, codesScene, failureOf, FRONT, hours, refusalOf, type CodesScene } from './http-codes-rig.ts';

function told({ store }: CodesScene, eventTypes: readonly string[]): readonly LoggedEvent['event'][] {
  return store.events.list({ eventTypes }, null, 100).map(({ event }) => event);
}

describe('what is noted about a lock', () => {
  test('its name is shown and found, stays over a restart, is told, and can be taken away', async () => {
    const scene = await codesScene();
    const { devices, locks } = scene.seam;
    const { display_name: model } = await devices.get({ device_id: FRONT });
    await devices.update({ device_id: FRONT, name: ' Front door ' });
    const later = await scene.seamAfterRestart();
    expect(await later.locks.get({ name: 'Front door' })).toMatchObject({
      device_id: FRONT,
      display_name: 'Front door',
      nickname: 'Front door',
      properties: { name: 'Front door', appearance: { name: model }, model: { display_name: model } },
    });
    await devices.update({ device_id: FRONT, name: 'Front door' });
    expect(told(scene, ['device.name_changed'])).toEqual([
      expect.objectContaining({ device_id: FRONT, from: { name: null }, to: { name: 'Front door' } }),
    ]);
    await devices.update({ device_id: FRONT, name: null });
    expect(await locks.get({ device_id: FRONT })).toMatchObject({ display_name: model, nickname: null });
    expect(scene.woken).toEqual([]);
  });

  test('notes are merged, taken away one by one and found by their values', async () => {
    const { seam } = await codesScene();
    const { devices } = seam;
    const noted = async () => (await devices.get({ device_id: FRONT })).custom_metadata;
    await devices.update({ device_id: FRONT, custom_metadata: { room: '101', booked: true, floor: '1' } });
    await devices.update({ device_id: FRONT, custom_metadata: { room: '102', floor: '' } });
    expect(await noted()).toEqual({ room: '102', booked: true });
    const found = async (custom_metadata_has: Record<string, string | boolean>) =>
      (await devices.list({ custom_metadata_has })).map(({ device_id }) => device_id);
    expect(await found({ room: '102', booked: true })).toEqual([FRONT]);
    expect(await found({ room: '101' })).toEqual([]);
    expect(await found({ toString: 'x' })).toEqual([]);
    expect((await devices.list({ search: '102' })).map(({ device_id }) => device_id)).toEqual([FRONT]);
  });

  test('what is out of bounds is refused and changes nothing', async () => {
    const scene = await codesScene();
    const { seam, send } = scene;
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key${index}`, 'x']));
    for (const wrong of [
      { custom_metadata: { ['x'.repeat(41)]: 'x' } },
      { custom_metadata: { 'a.b': 'x' } },
      { custom_metadata: { a: 'x'.repeat(501) } },
      { custom_metadata: many },
      { custom_metadata: { a: 1 } },
      { name: '' },
      { name: 'x'.repeat(201) },
      { is_managed: false },
    ]) {
      const answer = await send('PATCH', '/devices/update', { device_id: FRONT, ...wrong });
      expect([wrong, answer.status]).toEqual([wrong, 400]);
    }
    expect(await seam.devices.get({ device_id: FRONT })).toMatchObject({
      nickname: null,
      custom_metadata: {},
    });
    expect(await failureOf(seam.devices.update({ device_id: 'nobody', name: 'x' }))).toBe(
      '404 device_not_found',
    );
    const reader = scene.seamWith('read');
    expect(await failureOf(reader.devices.update({ device_id: FRONT, name: 'x' }))).toBe('403 forbidden');
    expect(await failureOf(scene.seam.devices.unmanaged.get({ device_id: FRONT }))).toBe(
      '404 device_not_found',
    );
  });

  test('its pool of backup codes is switched on and off by its loop', async () => {
    const scene = await codesScene();
    const { devices } = scene.seam;
    await devices.update({ device_id: FRONT, backup_access_code_pool_enabled: true });
    expect(scene.woken).toEqual([FRONT]);
    const isOn = async () =>
      (await scene.send('POST', '/devices/get', { device_id: FRONT })).body as Record<string, unknown>;
    expect(await isOn()).toMatchObject({
      device: { properties: { backup_access_code_pool_enabled: true } },
    });
    await devices.update({ device_id: FRONT, backup_access_code_pool_enabled: false });
    expect(await isOn()).toMatchObject({
      device: { properties: { backup_access_code_pool_enabled: false } },
    });
  });
});

/** As a client asks for the front door to be deleted, with a key that may do that. */
async function remove(scene: CodesScene): Promise<Readonly<Record<string, unknown>>> {
  const { client } = scene.seamWith('admin');
  return (await client.delete('/devices/delete', { params: { device_id: FRONT } })).data as Record<
    string,
    unknown
  >;
}

describe('lists of locks', () => {
  test.each([
    [{ connected_account_id: 'another' }, []],
    [{ connected_account_ids: [] }, []],
    [{ customer_key: 'anybody' }, []],
    [{ space_id: 'any' }, []],
    [{ connect_webview_id: 'any' }, []],
    [{ user_identifier_key: 'anybody' }, []],
    [{ device_types: ['smartthings_lock', 'yale_lock'] }, [FRONT, BACK]],
    [{ device_type: 'august_lock' }, []],
    [{ manufacturer: 'yale' }, []],
    [{ device_ids: [BACK] }, [BACK]],
    [{ search: '2222' }, [BACK]],
    [{ search: '222' }, []],
    [{ created_before: hours(100_000) }, [FRONT, BACK]],
    [{ created_before: hours(-100_000) }, []],
  ] as const)('have all that %j finds', async (filter, wanted) => {
    const { seam } = await codesScene();
    const found = await seam.devices.list(filter as object);
    expect(found.map(({ device_id }) => device_id)).toEqual(wanted);
    const { device_ids: _ids, ...ofLocks } = filter as { device_ids?: unknown };
    if (_ids === undefined) expect(await seam.locks.list(ofLocks)).toHaveLength(wanted.length);
  });

  test('of what is not managed are empty', async () => {
    const { seam } = await codesScene();
    expect(await seam.createPaginator(seam.devices.unmanaged.list()).flattenToArray()).toEqual([]);
  });
});

describe('a bolt', () => {
  test('is moved by a command that can be waited for, and its end is an event', async () => {
    const scene = await codesScene();
    const { store, seam, clock, woken, send } = scene;
    const begun = await seam.locks.unlockDoor({ device_id: FRONT }, { waitForActionAttempt: false });
    expect(begun).toMatchObject({ action_type: 'UNLOCK_DOOR', status: 'pending', result: null, error: null });
    expect(woken).toEqual([FRONT]);
    const [command] = store.commands.open(FRONT, 10);
    expect(command).toMatchObject({ commandId: begun.action_attempt_id, type: 'unlock_door' });
    const settled = { state: 'failed', error: { code: 'jammed', message: 'The bolt is stuck.' } } as const;
    store.transaction(() => store.commands.settle(begun.action_attempt_id, settled, clock.at));
    expect(
      await seam.actionAttempts.get(
        { action_attempt_id: begun.action_attempt_id },
        { waitForActionAttempt: false },
      ),
    ).toMatchObject({
      status: 'error',
      error: { type: 'jammed', message: 'The bolt is stuck.' },
    });
    const types = ['action_attempt.unlock_door.failed', 'action_attempt.unlock_door.succeeded'];
    expect(told(scene, types)).toEqual([
      expect.objectContaining({
        event_type: 'action_attempt.unlock_door.failed',
        device_id: FRONT,
        action_attempt_id: begun.action_attempt_id,
        action_type: 'UNLOCK_DOOR',
        status: 'error',
      }),
    ]);
    expect(await failureOf(seam.locks.lockDoor({ device_id: 'nobody' }))).toBe('404 device_not_found');
    expect((await send('GET', '/locks/list?x=1', undefined)).status).toBe(200);
  });

  test('is moved by nobody whose key may only read', async () => {
    const scene = await codesScene();
    const reader = scene.seamWith('read');
    expect(await failureOf(reader.locks.unlockDoor({ device_id: FRONT }))).toBe('403 forbidden');
    expect(scene.store.commands.openCount()).toBe(0);
  });
});

describe('a lock that is deleted', () => {
  test('is taken out once, however often it is asked for, and what it holds is told', async () => {
    const scene = await codesScene();
    const { access_code_id } = await scene.seam.accessCodes.create({ device_id: FRONT });
    scene.happen(FRONT);
    const first = await remove(scene);
    expect(first).toMatchObject({
      ok: true,
      action_attempt: { action_type: 'REMOVE_DEVICE', status: 'pending' },
      access_codes_left_on_device: [{ access_code_id, is_managed: true }],
    });
    expect(await remove(scene)).toEqual(first);
    expect(scene.store.commands.openCount()).toBe(1);
    expect(scene.woken).toContain('radios');
  });

  test('is forgotten with its codes once it has left, and each is told', async () => {
    const scene = await codesScene();
    const { access_code_id } = await scene.seam.accessCodes.create({ device_id: FRONT });
    scene.happen(FRONT);
    scene.happen(FRONT, (lock) => lock.hear({ kind: 'removed' }));
    await expect(scene.seam.locks.unlockDoor({ device_id: FRONT })).rejects.toThrow('has met no such lock');
    expect(await remove(scene)).toEqual({
      ok: true,
      action_attempt: null,
      access_codes_left_on_device: [{ access_code_id, is_managed: true }],
    });
    expect(told(scene, ['access_code.deleted', 'device.deleted'])).toMatchObject([
      { event_type: 'access_code.deleted', access_code_id },
      { event_type: 'device.deleted', device_id: FRONT },
    ]);
    expect(await failureOf(scene.seam.devices.get({ device_id: FRONT }))).toBe('404 device_not_found');
    expect(await failureOf(remove(scene))).toBe('404 device_not_found');
  });

  test('is kept while the cloud has codes on it', async () => {
    const scene = await codesScene();
    scene.happen(FRONT, (lock) => {
      const sources = { draw: lock.draw, siblings: () => [] };
      const whole = { generation: 1, version: 1, codes: [request('x', '4711')], tombstones: [] };
      lock.take(accept(lock.state, whole, sources, lock.reading, POLICY).step);
    });
    scene.happen(FRONT, (lock) => lock.hear({ kind: 'removed' }));
    expect(await refusalOf(remove(scene))).toMatchObject({ statusCode: 403, code: 'cloud_owned' });
    expect(scene.store.lockState(FRONT)?.codes).toHaveLength(1);
  });
});

test('a new code answers with an attempt that ends when the lock holds it', async () => {
  const scene = await codesScene();
  const create = async (more: object) => {
    const { body } = await scene.send('POST', '/access_codes/create', { device_id: FRONT, ...more });
    return (body as { action_attempt: { action_attempt_id: string; status: string } }).action_attempt;
  };
  const made = await create({ code: '4711' });
  expect(made).toMatchObject({ action_type: 'CREATE_ACCESS_CODE', status: 'pending', result: null });
  scene.happen(FRONT);
  const { action_attempt_id } = made;
  expect(await scene.seam.actionAttempts.get({ action_attempt_id })).toMatchObject({
    status: 'success',
    result: { access_code_id: action_attempt_id },
  });
  expect(await create({ starts_at: hours(100), ends_at: hours(101) })).toMatchObject({ status: 'success' });
});
