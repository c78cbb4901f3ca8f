import { describe, expect, test } from 'vitest';
import { BACK, codesScene, failureOf, FRONT, hours } from './http-codes-rig.ts';

const STAY = { starts_at: hours(48), ends_at: hours(72) };

describe('several codes at once', () => {
  test('have one PIN and one key, and are changed together', async () => {
    const scene = await codesScene();
    const { accessCodes } = scene.seam;
    const made = await accessCodes.createMultiple({ device_ids: [FRONT, BACK], name: 'Cleaner', ...STAY });
    expect(made.map(({ device_id }) => device_id)).toEqual([FRONT, BACK]);
    expect(new Set(made.map(({ code }) => code)).size).toBe(1);
    const keys = new Set(made.map(({ common_code_key: key }) => key));
    expect([...keys]).toEqual([expect.stringMatching(/^auto_set_by_create_multiple_[0-9a-f-]{36}$/)]);
    const [common_code_key] = keys;
    if (common_code_key == null) throw new Error('not linked');
    await accessCodes.updateMultiple({ common_code_key, ends_at: hours(80), name: 'Gardener' });
    const ids = made.map(({ access_code_id }) => access_code_id);
    for (const code of await accessCodes.list({ access_code_ids: ids })) {
      expect(code).toMatchObject({ name: 'Gardener', starts_at: STAY.starts_at, ends_at: hours(80) });
    }
    expect(await failureOf(accessCodes.updateMultiple({ common_code_key: 'none' }))).toBe(
      '404 access_code_not_found',
    );
    const past = accessCodes.updateMultiple({ common_code_key, ends_at: hours(1) });
    expect(await failureOf(past)).toBe('400 invalid_input');
  });

  test('are made or refused as a whole, or odd locks have a PIN of their own', async () => {
    const scene = await codesScene();
    const { accessCodes } = scene.seam;
    const device_ids = [FRONT, BACK];
    const seven = { device_ids, code: '1234567' };
    expect(await failureOf(accessCodes.createMultiple(seven))).toBe('400 invalid_input');
    expect(await accessCodes.list({ device_id: FRONT })).toEqual([]);
    await accessCodes.create({ device_id: BACK, code: '8642' });
    const taken = accessCodes.createMultiple({ device_ids, code: '8642' });
    expect(await failureOf(taken)).toBe('409 duplicate_access_code');
    const unknown = accessCodes.createMultiple({ device_ids: [FRONT, 'nobody'] });
    expect(await failureOf(unknown)).toBe('404 device_not_found');
    expect(await accessCodes.list({ device_id: FRONT })).toEqual([]);
    const [first, odd] = await accessCodes.createMultiple({
      ...seven,
      behavior_when_code_cannot_be_shared: 'create_random_code',
    });
    expect(first).toMatchObject({ code: '1234567', common_code_key: null });
    expect(odd).toMatchObject({ code: expect.stringMatching(/^\d{4}$/), common_code_key: null });
  });

  test('are made once, however often a PUT comes within its patience, and twice by two POSTs', async () => {
    const scene = await codesScene();
    const { accessCodes } = scene.seam;
    const asked = { device_ids: [FRONT, BACK], name: 'Cleaner' };
    const first = await accessCodes.createMultiple(asked);
    scene.clock.at += 90_000;
    expect(await accessCodes.createMultiple(asked)).toEqual(first);
    const restarted = await scene.seamAfterRestart();
    expect(await restarted.accessCodes.createMultiple(asked)).toEqual(first);
    const others = await accessCodes.createMultiple({ ...asked, name: 'Gardener' });
    expect(others).not.toEqual(first);
    expect(await accessCodes.list({ device_id: FRONT })).toHaveLength(2);
    scene.clock.at += 200_000;
    await accessCodes.createMultiple(asked);
    expect(await accessCodes.list({ device_id: FRONT })).toHaveLength(3);
    for (const count of [4, 5]) {
      await scene.send('POST', '/access_codes/create_multiple', asked);
      expect(await accessCodes.list({ device_id: FRONT })).toHaveLength(count);
    }
  });

  test('with a PIN are no duplicates of themselves when the PUT comes again', async () => {
    const scene = await codesScene();
    const asked = { device_ids: [FRONT, BACK], code: '2468' };
    const first = await scene.seam.accessCodes.createMultiple(asked);
    expect(await scene.seam.accessCodes.createMultiple(asked)).toEqual(first);
    expect(first.map(({ common_code_key: key }) => key)).toEqual([null, null]);
  });
});

describe('PINs of a lock', () => {
  test('are drawn as the lock takes them', async () => {
    const scene = await codesScene();
    const { accessCodes } = scene.seam;
    await accessCodes.reportDeviceConstraints({ device_id: BACK, supported_code_lengths: [5, 8] });
    const { code } = await accessCodes.generateCode({ device_id: BACK });
    expect(code).toMatch(/^\d{5}$/);
    expect(await failureOf(accessCodes.create({ device_id: BACK, code: '123456' }))).toBe(
      '400 invalid_input',
    );
    await accessCodes.reportDeviceConstraints({ device_id: BACK, min_code_length: 6, max_code_length: 7 });
    await accessCodes.create({ device_id: BACK, code: '1234567' });
    for (const wrong of [
      {},
      { min_code_length: 4 },
      { min_code_length: 8, max_code_length: 4 },
      { supported_code_lengths: [] },
      { supported_code_lengths: [13, 20] },
      { supported_code_lengths: [4], min_code_length: 4, max_code_length: 8 },
    ]) {
      const asked = accessCodes.reportDeviceConstraints({ device_id: BACK, ...wrong });
      expect(await failureOf(asked)).toBe('400 invalid_input');
    }
    expect(await failureOf(accessCodes.generateCode({ device_id: 'nobody' }))).toBe('404 device_not_found');
  });

  test('stand in for a code that does not reach its lock, and the same one whenever it is asked for', async () => {
    const scene = await codesScene();
    const { accessCodes } = scene.seam;
    const { access_code_id } = await accessCodes.create({
      device_id: FRONT,
      starts_at: hours(-1),
      ends_at: hours(20),
      use_backup_access_code_pool: true,
    });
    const { access_code_id: ongoing } = await accessCodes.create({ device_id: FRONT });
    const pull = (id: string) => accessCodes.pullBackupAccessCode({ access_code_id: id });
    expect(await failureOf(pull(access_code_id))).toBe('404 backup_access_code_not_found');
    scene.happen(FRONT);
    const backup = await pull(access_code_id);
    expect(backup).toMatchObject({ is_backup: true, ends_at: hours(20), status: 'set' });
    expect(scene.pins(FRONT)).toContain(backup.code);
    expect((await pull(access_code_id)).access_code_id).toBe(backup.access_code_id);
    expect(await accessCodes.get({ access_code_id })).toMatchObject({
      pulled_backup_access_code_id: backup.access_code_id,
    });
    expect(await failureOf(pull(ongoing))).toBe('400 access_code_not_time_bound');
    expect(await failureOf(pull('nobody'))).toBe('404 access_code_not_found');
    const both = await scene.send('POST', '/access_codes/pull_backup_access_code', { access_code_id });
    expect(both.body).toMatchObject({
      access_code: { access_code_id: backup.access_code_id },
      backup_access_code: { access_code_id: backup.access_code_id },
    });
  });
});
