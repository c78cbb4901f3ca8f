import { SeamHttpInvalidInputError } from '@seamapi/http';
import { describe, expect, test } from 'vitest';
import { BACK, byHand, codesScene, failureOf, FRONT, hours, refusalOf } from './http-codes-rig.ts';

const STAY = { starts_at: hours(48), ends_at: hours(72) };

describe('a code made by the official client', () => {
  test('goes on the lock, is changed there and is taken off', async () => {
    const scene = await codesScene();
    const made = await scene.seam.accessCodes.create({ device_id: FRONT, name: 'Anna', code: '0123' });
    expect(made).toMatchObject({
      device_id: FRONT,
      name: 'Anna',
      code: '0123',
      type: 'ongoing',
      status: 'setting',
      is_managed: true,
      origin: 'local',
      workspace_id: expect.any(String),
    });
    expect(scene.woken).toEqual([FRONT]);
    scene.happen(FRONT);
    expect(scene.pins(FRONT)).toEqual(['0123']);
    const { access_code_id } = made;
    await scene.seam.accessCodes.update({ access_code_id, code: '4567', name: 'Anna Berg' });
    const edited = await scene.seam.accessCodes.get({ access_code_id });
    expect(edited).toMatchObject({ code: '4567', name: 'Anna Berg' });
    expect(edited.pending_mutations).toContainEqual(
      expect.objectContaining({
        mutation_code: 'updating_code',
        from: { code: '0123' },
        to: { code: '4567' },
      }),
    );
    scene.happen(FRONT);
    expect(scene.pins(FRONT)).toEqual(['4567']);
    await scene.seam.accessCodes.delete({ access_code_id });
    expect(await scene.seam.accessCodes.get({ access_code_id })).toMatchObject({ status: 'removing' });
    // The answer was lost, so the client asks once more.
    await scene.seam.accessCodes.delete({ access_code_id });
    scene.happen(FRONT);
    expect(scene.pins(FRONT)).toEqual([]);
    expect(await failureOf(scene.seam.accessCodes.get({ access_code_id }))).toBe('404 not_found');
    expect(await failureOf(scene.seam.accessCodes.delete({ access_code_id }))).toBe(
      '404 access_code_not_found',
    );
    expect(scene.told()).toContainEqual(['access_code.deleted', access_code_id]);
  });

  test('has a time frame and a PIN of the hub', async () => {
    const scene = await codesScene();
    const made = await scene.seam.accessCodes.create({
      device_id: FRONT,
      ...STAY,
      starts_at: '2026-03-04T13:00:00+01:00',
      preferred_code_length: 6,
    });
    expect(made).toMatchObject({
      type: 'time_bound',
      status: 'unset',
      ...STAY,
      code: expect.stringMatching(/^\d{6}$/),
      is_scheduled_on_device: false,
    });
    const { access_code_id } = made;
    await scene.seam.accessCodes.update({ access_code_id, ends_at: hours(96) });
    expect(await scene.seam.accessCodes.get({ access_code_id })).toMatchObject({
      starts_at: STAY.starts_at,
      ends_at: hours(96),
    });
    await scene.seam.accessCodes.update({ access_code_id, type: 'ongoing' });
    expect(await scene.seam.accessCodes.get({ access_code_id })).toMatchObject({
      type: 'ongoing',
      starts_at: null,
      ends_at: null,
    });
  });

  test('has the extensions of this hub', async () => {
    const scene = await codesScene();
    const asked = {
      max_uses: 2,
      strict_start: true,
      weekly_windows: [{ days: ['monday'], start: '09:00', end: '17:00' }],
    };
    const made = await scene.send('POST', '/access_codes/create', { device_id: FRONT, ...asked });
    expect(made).toMatchObject({ status: 200, body: { ok: true, access_code: { ...asked, uses: 0 } } });
  });

  test('is refused with the classes of errors that the client knows, and leaves nothing behind', async () => {
    const scene = await codesScene();
    const { accessCodes } = scene.seam;
    await accessCodes.create({ device_id: FRONT, name: 'Anna', code: '1234' });
    const wrong = await accessCodes
      .create({ device_id: FRONT, ends_at: hours(1) })
      .catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(SeamHttpInvalidInputError);
    expect((wrong as SeamHttpInvalidInputError).getValidationErrorMessages('ends_at')).toEqual([
      'ends_at: needs starts_at as well.',
    ]);
    const twice = await refusalOf(accessCodes.create({ device_id: FRONT, code: '1234' }));
    expect(twice).toMatchObject({ statusCode: 409, code: 'duplicate_access_code' });
    expect(twice.message).toContain('"Anna"');
    expect(twice.message).not.toContain('1234');
    expect(await failureOf(accessCodes.create({ device_id: 'nobody' }))).toBe('404 device_not_found');
    for (const sent of [
      { code: '12' },
      { code: 1234 },
      { name: 7 },
      { type: 'time_bound' },
      { is_offline_access_code: true },
    ]) {
      const answer = await scene.send('POST', '/access_codes/create', { device_id: FRONT, ...sent });
      expect(answer).toMatchObject({
        status: 400,
        body: {
          ok: false,
          error: { type: 'invalid_input', validation_errors: { [Object.keys(sent)[0] ?? '']: {} } },
        },
      });
    }
    expect(await accessCodes.list({ device_id: FRONT })).toHaveLength(1);
  });
});

describe('codes are found', () => {
  test('by lock, id, PIN and text, without those of a pool, page by page', async () => {
    const scene = await codesScene();
    const { accessCodes } = scene.seam;
    const made = [];
    for (const name of ['Anna', 'Berta', 'Clara', 'Dora', 'Emma']) {
      scene.clock.at += 1;
      const device_id = name === 'Emma' ? BACK : FRONT;
      const pool = name === 'Anna' ? { ...STAY, use_backup_access_code_pool: true } : {};
      made.push(await accessCodes.create({ device_id, name, ...pool }));
    }
    scene.happen(FRONT);
    const ids = made.map(({ access_code_id }) => access_code_id);
    const names = async (given: Parameters<typeof accessCodes.list>[0]) =>
      (await accessCodes.list(given)).map(({ name }) => name);
    expect(await names({ device_id: FRONT })).toEqual(['Anna', 'Berta', 'Clara', 'Dora']);
    expect(await names({ access_code_ids: ids.slice(3) })).toEqual(['Dora', 'Emma']);
    expect(await names({ access_code_ids: ids.slice(4) })).toEqual(['Emma']);
    expect(await names({ search: 'er' })).toEqual(['Berta']);
    expect(await names({ search: ids[2] ?? '' })).toEqual(['Clara']);
    expect(await names({ search: made[4]?.code ?? '' })).toEqual(['Emma']);
    expect(await names({ device_id: FRONT, search: 'RA' })).toEqual(['Clara', 'Dora']);
    const pages = scene.seam.createPaginator(accessCodes.list({ device_id: FRONT, limit: 3 }));
    const [first, { nextPageCursor }] = await pages.firstPage();
    expect(first.map(({ name }) => name)).toEqual(['Anna', 'Berta', 'Clara']);
    const [second, end] = await pages.nextPage(nextPageCursor);
    expect(second.map(({ name }) => name)).toEqual(['Dora']);
    expect(end.hasNextPage).toBe(false);
    const code = made[1]?.code ?? '';
    expect(await accessCodes.get({ device_id: FRONT, code })).toMatchObject({ name: 'Berta' });
    expect(await failureOf(accessCodes.get({ device_id: BACK, code }))).toBe('404 not_found');
  });

  test('and what can not be looked for is said', async () => {
    const scene = await codesScene();
    const { accessCodes } = scene.seam;
    const made = await accessCodes.create({ device_id: FRONT });
    const { access_code_id } = made;
    for (const asked of [
      accessCodes.list({ device_id: FRONT, page_cursor: 'x' }),
      accessCodes.get({ device_id: FRONT }),
      accessCodes.get({ access_code_id, device_id: FRONT, code: '1234' }),
    ]) {
      expect(await failureOf(asked)).toBe('400 invalid_input');
    }
    // A hub has no customers, so none of its codes is theirs.
    expect(await accessCodes.list({ customer_key: 'x' })).toEqual([]);
    expect(await accessCodes.list({ customer_key: 'x', device_id: FRONT })).toEqual([]);
    for (const path of ['get', 'list']) {
      expect(await scene.send('POST', `/access_codes/${path}`, {})).toMatchObject({ status: 400 });
    }
    expect(await failureOf(accessCodes.list({ device_id: 'nobody' }))).toBe('404 device_not_found');
    expect(await failureOf(accessCodes.update({ access_code_id, device_id: BACK }))).toBe(
      '404 access_code_not_found',
    );
  });

  test('without their PINs by a key that may not see these', async () => {
    const scene = await codesScene();
    const { access_code_id, code } = await scene.seam.accessCodes.create({ device_id: FRONT });
    const id = await byHand(scene);
    const { accessCodes } = scene.seamWith('write');
    expect(await accessCodes.get({ access_code_id })).toMatchObject({ code: null });
    expect(await accessCodes.list({ device_id: FRONT, search: code ?? '' })).toEqual([]);
    expect(await accessCodes.unmanaged.get({ access_code_id: id })).toMatchObject({ code: null });
    expect(await accessCodes.unmanaged.list({ device_id: FRONT, search: '9999' })).toEqual([]);
    const found = accessCodes.get({ device_id: FRONT, code: code ?? '' });
    expect(await failureOf(found)).toBe('403 forbidden');
    await accessCodes.update({ access_code_id, code: '775533' });
    expect(JSON.stringify(await accessCodes.get({ access_code_id }))).not.toContain('775533');
    expect(scene.logged.join('\n')).not.toMatch(/775533|9999/);
  });
});
