import { describe, expect, test } from 'vitest';
import { accept } from '../../src/core/request/accept.ts';
import { POLICY, request } from '../support/core-world.ts';
import { byHand, codesScene, failureOf, FRONT, refusalOf, type CodesScene } from './http-codes-rig.ts';

/** The cloud's document for the front door. */
function document(scene: CodesScene, version: number, ...codes: readonly ReturnType<typeof request>[]): void {
  scene.happen(FRONT, (lock) => {
    const sources = { draw: lock.draw, siblings: () => [] };
    const whole = { generation: 1, version, codes, tombstones: [] };
    lock.take(accept(lock.state, whole, sources, lock.reading, POLICY).step);
  });
}

describe('a code that somebody put on a lock', () => {
  test('is listed, becomes one of the hub, is given back and is deleted', async () => {
    const scene = await codesScene();
    const { accessCodes } = scene.seam;
    const access_code_id = await byHand(scene);
    expect(await accessCodes.unmanaged.get({ access_code_id })).toMatchObject({
      code: '9999',
      is_managed: false,
      status: 'set',
      workspace_id: expect.any(String),
    });
    expect(await accessCodes.unmanaged.get({ device_id: FRONT, code: '9999' })).toMatchObject({
      access_code_id,
    });
    expect(await failureOf(accessCodes.get({ access_code_id }))).toBe('404 not_found');
    await accessCodes.unmanaged.update({ access_code_id, is_managed: false });
    await accessCodes.unmanaged.convertToManaged({ access_code_id, allow_external_modification: true });
    expect(await accessCodes.get({ access_code_id })).toMatchObject({
      is_managed: true,
      code: '9999',
      is_external_modification_allowed: true,
    });
    expect(await accessCodes.unmanaged.list({ device_id: FRONT })).toEqual([]);
    await scene.send('PATCH', '/access_codes/update', { access_code_id, is_managed: false });
    expect(await accessCodes.unmanaged.list({ device_id: FRONT })).toHaveLength(1);
    await accessCodes.unmanaged.update({ access_code_id, is_managed: true });
    await scene.send('PATCH', '/access_codes/update', { access_code_id, is_managed: false });
    for (let count = 0; count < 2; count += 1) await accessCodes.unmanaged.delete({ access_code_id });
    scene.happen(FRONT);
    expect(scene.pins(FRONT)).toEqual([]);
    expect(await failureOf(accessCodes.unmanaged.delete({ access_code_id }))).toBe(
      '404 access_code_not_found',
    );
    expect(scene.told()).toContainEqual(['access_code.unmanaged.removed', access_code_id]);
  });

  test('is no managed one, and the other way round', async () => {
    const scene = await codesScene();
    const { accessCodes } = scene.seam;
    const found = { access_code_id: await byHand(scene) };
    const made = await accessCodes.create({ device_id: FRONT });
    const ours = { access_code_id: made.access_code_id };
    for (const asked of [
      accessCodes.update({ ...found, name: 'a' }),
      accessCodes.delete(found),
      accessCodes.unmanaged.delete(ours),
      accessCodes.unmanaged.convertToManaged(ours),
      accessCodes.unmanaged.update({ ...ours, is_managed: false }),
    ]) {
      expect(await failureOf(asked)).toBe('404 access_code_not_found');
    }
    expect(await failureOf(accessCodes.unmanaged.get(ours))).toBe('404 not_found');
  });
});

describe('a code of the cloud', () => {
  test('is seen here and changed only there', async () => {
    const scene = await codesScene();
    document(scene, 1, request('x', '1234'));
    const { accessCodes } = scene.seam;
    expect(await accessCodes.get({ access_code_id: 'x' })).toMatchObject({ origin: 'cloud', code: '1234' });
    for (const asked of [
      accessCodes.update({ access_code_id: 'x', name: 'y' }),
      accessCodes.delete({ access_code_id: 'x' }),
    ]) {
      const { statusCode, code, message } = await refusalOf(asked);
      expect([statusCode, code]).toEqual([403, 'cloud_owned']);
      expect(message).toContain('belongs to the cloud');
    }
    expect(await accessCodes.get({ access_code_id: 'x' })).toMatchObject({ name: 'x', status: 'set' });
  });

  test('is changed here where that is allowed, until the cloud says again what it is', async () => {
    const scene = await codesScene(true);
    document(scene, 1, request('x', '1234'));
    const { accessCodes } = scene.seam;
    await accessCodes.update({ access_code_id: 'x', code: '5678' });
    scene.happen(FRONT);
    expect(scene.pins(FRONT)).toEqual(['5678']);
    expect(scene.told()).toContainEqual(['hub.local_override', 'x']);
    document(scene, 1, request('x', '1234'));
    expect(scene.pins(FRONT)).toEqual(['5678']);
    document(scene, 2, request('x', '1234'));
    expect(scene.pins(FRONT)).toEqual(['1234']);
  });
});
