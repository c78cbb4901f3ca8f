import { SeamHttpApiError, SeamHttpEndpoints, type AccessCode } from '@seamapi/http';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DemoUnderTest } from './official-client-rig.ts';
import { until } from './world.ts';

/** A lock is written, read or asked, also one that others keep busy. */
const SOON_MS = 60_000;
const DAY_MS = 86_400_000;

let under: DemoUnderTest;
let seam: DemoUnderTest['seam'];

beforeAll(async () => {
  under = await DemoUnderTest.start();
  ({ seam } = under);
});
afterAll(() => under.demo.end('SIGINT'));

async function deviceId(id: string): Promise<string> {
  return (await under.device(id)).device_id;
}

/** The code once it is in this state, and nothing is wrong with it. */
function reaches(access_code_id: string, holds: (code: AccessCode) => boolean): Promise<AccessCode> {
  return until(`${access_code_id} is as wanted`, SOON_MS, async () => {
    const code = await seam.accessCodes.get({ access_code_id });
    return holds(code) ? code : undefined;
  });
}

async function pins(id: string): Promise<readonly unknown[]> {
  return (await under.lock(id)).slots.map(({ pin }) => pin);
}

function holdsPin(id: string, pin: string | null, isThere: boolean): Promise<true> {
  return until(`${pin} on ${id}: ${isThere}`, SOON_MS, async () =>
    (await pins(id)).includes(pin) === isThere ? true : undefined,
  );
}

describe('access codes', () => {
  test('are made, got, listed, changed and deleted, and the lock follows', async () => {
    const device_id = await deviceId('back-door');
    const drawn = await seam.accessCodes.generateCode({ device_id });
    expect(drawn).toMatchObject({ device_id, code: expect.stringMatching(/^\d{4,}$/) });
    const { access_code_id } = await seam.accessCodes.create({ device_id, name: 'Anna', code: '739154' });
    expect(await reaches(access_code_id, ({ status }) => status === 'set')).toMatchObject({
      code: '739154',
      origin: 'local',
    });
    await holdsPin('back-door', '739154', true);
    expect(await seam.accessCodes.get({ device_id, code: '739154' })).toMatchObject({ access_code_id });
    const listed = await seam
      .createPaginator(seam.accessCodes.list({ device_id, limit: 1 }))
      .flattenToArray();
    expect(listed.map((code) => code.access_code_id)).toContain(access_code_id);
    expect(listed).toHaveLength((await seam.accessCodes.list({ device_id })).length);
    await seam.accessCodes.update({ access_code_id, name: 'Anna Berg', code: '739155' });
    await holdsPin('back-door', '739155', true);
    expect(await pins('back-door')).not.toContain('739154');
    await seam.accessCodes.delete({ access_code_id });
    await holdsPin('back-door', '739155', false);
  });

  test('of several locks share a PIN and are changed together', async () => {
    const device_ids = [await deviceId('back-door'), await deviceId('office')];
    const made = await seam.accessCodes.createMultiple({ device_ids, name: 'Crew' });
    expect(new Set(made.map(({ code }) => code)).size).toBe(1);
    const [{ common_code_key, code }] = made as [AccessCode, AccessCode];
    for (const id of ['back-door', 'office']) await holdsPin(id, code, true);
    await seam.accessCodes.updateMultiple({ common_code_key: common_code_key ?? '', name: 'Night crew' });
    for (const { access_code_id } of made) {
      expect(await seam.accessCodes.get({ access_code_id })).toMatchObject({ name: 'Night crew' });
      await seam.accessCodes.delete({ access_code_id });
    }
    await holdsPin('back-door', code, false);
  });

  test('have a backup that stands in for one', async () => {
    const device_id = await deviceId('front-door');
    const { access_code_id } = await seam.accessCodes.create({
      device_id,
      starts_at: new Date(Date.now() - 1000).toISOString(),
      ends_at: new Date(Date.now() + DAY_MS).toISOString(),
      use_backup_access_code_pool: true,
    });
    await reaches(access_code_id, (code) => code.is_backup_access_code_available);
    // A lock that reports what was written to it has that read once more before it counts as proven.
    const backup = await until('a backup code is pulled', SOON_MS, async () => {
      const pulled: unknown = await seam.accessCodes
        .pullBackupAccessCode({ access_code_id })
        .catch((error: unknown) => error);
      if (!(pulled instanceof SeamHttpApiError)) return pulled as AccessCode;
      expect(pulled.code).toBe('backup_access_code_not_found');
    });
    expect(backup).toMatchObject({ is_backup: true, device_id });
    expect(await seam.accessCodes.pullBackupAccessCode({ access_code_id })).toMatchObject({
      access_code_id: backup.access_code_id,
    });
    await seam.devices.update({ device_id, backup_access_code_pool_enabled: false });
  });

  test('obey the lengths that somebody reported', async () => {
    const device_id = await deviceId('office');
    await seam.accessCodes.reportDeviceConstraints({ device_id, min_code_length: 6, max_code_length: 7 });
    expect((await seam.accessCodes.generateCode({ device_id })).code).toMatch(/^\d{6,7}$/);
  });

  test('that somebody puts on a lock are found, adopted, given up and deleted', async () => {
    const device_id = await deviceId('back-door');
    const { accessCodes } = seam;
    const { access_code_id, code } = await accessCodes.simulate.createUnmanagedAccessCode({
      device_id,
      name: 'Somebody',
      code: '860247',
    });
    expect(await pins('back-door')).toContain(code);
    expect(await accessCodes.unmanaged.get({ access_code_id })).toMatchObject({ is_managed: false, code });
    const listed = seam.createPaginator(accessCodes.unmanaged.list({ device_id, limit: 1 }));
    expect(await listed.flattenToArray()).toContainEqual(expect.objectContaining({ access_code_id }));
    await accessCodes.unmanaged.update({ access_code_id, is_managed: true });
    await seam.client.patch('/access_codes/update', { access_code_id, is_managed: false });
    await accessCodes.unmanaged.convertToManaged({ access_code_id });
    expect(await accessCodes.get({ access_code_id })).toMatchObject({ is_managed: true, code });
    await seam.client.patch('/access_codes/update', { access_code_id, is_managed: false });
    await accessCodes.unmanaged.delete({ access_code_id });
    await holdsPin('back-door', code, false);
  });
});

describe('locks', () => {
  test('are listed, got, named and noted about', async () => {
    const { devices, locks } = seam;
    const all = await seam.createPaginator(devices.list({ limit: 2 })).flattenToArray();
    // Six locks, and the keypad beside one of them.
    expect(all).toHaveLength(7);
    expect(await locks.list()).toHaveLength(6);
    const device_id = await deviceId('garage');
    await devices.update({ device_id, name: 'Garage', custom_metadata: { floor: '-1' } });
    expect(await devices.get({ name: 'Garage' })).toMatchObject({ device_id, nickname: 'Garage' });
    expect(await locks.get({ device_id })).toMatchObject({ display_name: 'Garage' });
    expect(await devices.list({ custom_metadata_has: { floor: '-1' } })).toHaveLength(1);
    expect(await devices.list({ customer_key: 'anybody' })).toEqual([]);
    expect(await seam.createPaginator(devices.unmanaged.list()).flattenToArray()).toEqual([]);
    const refused = { statusCode: 404, code: 'device_not_found' };
    await expect(devices.unmanaged.get({ device_id })).rejects.toMatchObject(refused);
    await expect(devices.unmanaged.update({ device_id, is_managed: true })).rejects.toMatchObject(refused);
    under.answered.add('/devices/unmanaged/get').add('/devices/unmanaged/update');
  });

  test('move their bolts, and the client waits until they have', async () => {
    const device_id = await deviceId('back-door');
    for (const [move, bolt] of [
      ['unlockDoor', 'unlocked'],
      ['lockDoor', 'locked'],
    ] as const) {
      const attempt = await seam.locks[move]({ device_id }, { waitForActionAttempt: { timeout: SOON_MS } });
      expect(attempt).toMatchObject({ status: 'success', result: { was_confirmed_by_device: true } });
      expect((await under.lock('back-door')).bolt).toBe(bolt);
      expect(await seam.actionAttempts.get(attempt)).toMatchObject({ status: 'success' });
      const { action_attempt_id } = attempt;
      await until('the movement names the attempt', SOON_MS, async () => {
        const query = { since: new Date(0).toISOString(), event_type: `lock.${bolt}` as const };
        return (await seam.events.list(query)).find(
          (event) => 'action_attempt_id' in event && event.action_attempt_id === action_attempt_id,
        );
      });
    }
    const attempts = seam.createPaginator(seam.actionAttempts.list({ device_id, limit: 1 }));
    const types = (await attempts.flattenToArray()).map(({ action_type }) => action_type);
    expect(types).toEqual(expect.arrayContaining(['LOCK_DOOR', 'UNLOCK_DOOR']));
  });

  test('are used by hands in the simulated house', async () => {
    const device_id = await deviceId('back-door');
    const { simulate } = seam.locks;
    const { access_code_id } = await seam.accessCodes.create({ device_id, name: 'Visitor', code: '518273' });
    await reaches(access_code_id, ({ status }) => status === 'set');
    const type = (code: string) => simulate.keypadCodeEntry({ device_id, code });
    expect(await type('999999')).toMatchObject({ status: 'success', result: { opened: false } });
    expect(await type('518273')).toMatchObject({ status: 'success', result: { opened: true } });
    expect((await under.lock('back-door')).bolt).toBe('unlocked');
    const unlocked = await until('the hub tells who came in', SOON_MS, async () =>
      (await seam.events.list({ since: new Date(0).toISOString(), event_type: 'lock.unlocked' })).find(
        (event) => 'access_code_id' in event && event.access_code_id === access_code_id,
      ),
    );
    expect(unlocked).toMatchObject({ method: 'keycode', device_id });
    expect(await seam.events.get({ event_id: unlocked.event_id })).toEqual(unlocked);
    const keypad = await seam.devices.get({ name: 'Front keypad' });
    await expect(
      simulate.keypadCodeEntry({ device_id: keypad.device_id, code: '518273' }),
    ).rejects.toMatchObject({ statusCode: 400, code: 'device_not_a_lock' });
    const pressed = await simulate.manualLockViaKeypad({ device_id });
    expect(await seam.actionAttempts.get(pressed)).toMatchObject({ status: 'success' });
    expect((await under.lock('back-door')).bolt).toBe('locked');
  });

  test('fall silent, come back, leave and are forgotten in the simulated house', async () => {
    const device_id = await deviceId('office');
    const isOnline = (online: boolean) =>
      until(`online is ${online}`, SOON_MS, async () =>
        (await seam.devices.get({ device_id })).properties.online === online ? true : undefined,
      );
    await seam.devices.simulate.disconnect({ device_id });
    expect((await under.lock('office')).fault).toBe('unreachable');
    await isOnline(false);
    await seam.devices.simulate.connect({ device_id });
    await isOnline(true);
    await seam.devices.simulate.remove({ device_id });
    await until('the lock has left', SOON_MS, async () =>
      (await seam.devices.get({ device_id })).errors.some(
        (error) => 'error_code' in error && error.error_code === 'device_removed',
      )
        ? true
        : undefined,
    );
    expect((await under.lock('office')).joined).toBe(false);
    // The cloud has codes on it.
    const forgotten = seam.client.delete('/devices/delete', { params: { device_id } });
    await expect(forgotten).rejects.toMatchObject({ statusCode: 403, code: 'cloud_owned' });
    under.answered.add('/devices/delete');
  });
});

test('webhooks are made, got, listed, changed and deleted', async () => {
  const { webhooks } = seam;
  const { webhook_id, secret } = await webhooks.create({ url: 'http://127.0.0.1:9/hook' });
  expect(secret).toMatch(/^whsec_/);
  await webhooks.update({ webhook_id, event_types: ['lock.unlocked'] });
  expect(await webhooks.get({ webhook_id })).toMatchObject({ event_types: ['lock.unlocked'] });
  expect(await webhooks.list()).toHaveLength(1);
  await webhooks.delete({ webhook_id });
  expect(await webhooks.list()).toEqual([]);
});

test('the simulation is documented where there is one', async () => {
  const document = (await seam.client.get<{ paths: object }>('/openapi.json')).data;
  expect(await new Validator().validate(document)).toMatchObject({ valid: true });
  expect(Object.keys(document.paths).filter((path) => path.includes('/simulate/'))).toHaveLength(6);
});

test('every endpoint of the client that the hub is to have was asked for and answered', () => {
  const prefixes = ['access_codes', 'devices', 'locks', 'events', 'action_attempts', 'webhooks'];
  // What a hub of its own locks has no use for.
  const notHere = [
    '/devices/list_device_providers',
    '/devices/report_provider_metadata',
    '/devices/simulate/connect_to_hub',
    '/devices/simulate/disconnect_from_hub',
    '/devices/simulate/paid_subscription',
    '/locks/configure_auto_lock',
  ];
  const known = Object.getOwnPropertyNames(SeamHttpEndpoints.prototype).filter((name) =>
    prefixes.includes(name.split('/')[1] ?? ''),
  );
  const wanted = known.filter((name) => !notHere.includes(name));
  expect(wanted.length).toBeGreaterThan(35);
  expect(wanted.filter((path) => !under.answered.has(path))).toEqual([]);
  expect(notHere.filter((path) => !known.includes(path))).toEqual([]);
});
