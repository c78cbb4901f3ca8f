import { describe, expect, test } from 'vitest';
import { withCode } from '../../src/core/with.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { listedCodes, unmanagedCodes } from '../../src/core/request/unmanaged.ts';
import { accessCodeSchema, publicAccessCodeSchema, unmanagedCodeSchema } from '../../src/wire/access-code.ts';
import {
  accessCodeOf,
  publicAccessCodeOf,
  publicUnmanagedCodeOf,
  unmanagedCodeOf,
  viewOf,
} from '../../src/wire/view.ts';
import { CoreWorld, PLAIN, POLICY, request } from '../support/core-world.ts';

const ROOMY = { ...PLAIN, lastSlot: 30 };

function view(world: CoreWorld, isRadioUp = true) {
  return viewOf(world.state, { policy: POLICY, now: world.reading, isRadioUp });
}

/** The managed codes as the local API shows them, each checked by the schema. */
function shown(world: CoreWorld, isRadioUp = true) {
  const seen = view(world, isRadioUp);
  return listedCodes(world.state).map((code) => {
    const object = accessCodeOf(code, seen);
    expect(accessCodeSchema.parse(JSON.parse(JSON.stringify(object)))).toEqual(object);
    return object;
  });
}

/** The same as they leave the building. */
function told(world: CoreWorld) {
  const seen = view(world);
  return listedCodes(world.state).map((code) => publicAccessCodeSchema.parse(publicAccessCodeOf(code, seen)));
}

describe('while the radio is gone', () => {
  test('nobody knows of codes that are on the lock or on their way, and the rest is what it was', () => {
    const world = new CoreWorld(PLAIN);
    const startsAt = world.now + 9 * DAY_MS;
    const later = request('later', '3333', { startsAt, endsAt: startsAt + HOUR_MS });
    world.desire(request('on it', '1111'), request('leaving', '2222'), later);
    world.work();
    world.desire(request('on it', '1111'), request('on its way', '4444'), later);
    const statuses = (isRadioUp: boolean) =>
      Object.fromEntries(shown(world, isRadioUp).map((code) => [code.access_code_id, code.status]));
    expect(statuses(true)).toEqual({
      'on it': 'set',
      leaving: 'removing',
      later: 'unset',
      'on its way': 'setting',
    });
    expect(statuses(false)).toEqual({
      'on it': 'unknown',
      leaving: 'unknown',
      later: 'unset',
      'on its way': 'unknown',
    });
    for (const code of shown(world, false)) {
      expect(code.errors).toMatchObject([{ error_code: 'hub_disconnected', is_device_error: true }]);
    }
    expect(world.code('on it')?.status).toBe('set');
  });
});

describe('errors of the lock', () => {
  test('say since when the radio took the lock with it', () => {
    const world = new CoreWorld(PLAIN);
    const since = new Date(world.now).toISOString();
    world.hear({ kind: 'offline', because: 'radio_down' });
    world.now += HOUR_MS;
    expect(view(world, false).errors).toMatchObject([
      { error_code: 'device_offline', created_at: since },
      { error_code: 'hub_disconnected', created_at: since },
    ]);
  });

  test('are copied to its codes and told from their own', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234'));
    world.work();
    world.hear({ kind: 'offline' });
    const rejected = { code: 'invalid_input', message: 'ends_at: is in the past.' } as const;
    world.state = withCode(world.state, 'anna', (code) => ({ ...code, rejected }));
    expect(shown(world)[0]?.errors).toMatchObject([
      { error_code: 'invalid_input', is_access_code_error: true, created_at: expect.any(String) },
      { error_code: 'device_offline', is_device_error: true, created_at: new Date(world.now).toISOString() },
    ]);
  });

  test('are not said again of a code that was rejected for the same', () => {
    const world = new CoreWorld(PLAIN);
    world.hear({ kind: 'offline' });
    world.desire(
      { ...request('now or never', '1234'), attemptForOfflineDevice: false },
      request('b', '5678'),
    );
    expect(shown(world).map((code) => code.errors)).toMatchObject([
      [{ error_code: 'device_offline', is_access_code_error: true, message: expect.stringMatching(/wait/) }],
      [{ error_code: 'device_offline', is_device_error: true }],
    ]);
  });

  test('about the backup pool concern the codes that ask for it', () => {
    const world = new CoreWorld(PLAIN);
    const endsAt = world.now + DAY_MS;
    const guest = { startsAt: world.now, endsAt, useBackupPool: true };
    world.desire(request('anna', '1234'), request('guest', '5678', guest));
    world.work();
    const errors = shown(world).map((code) => [code.access_code_id, code.errors.map((e) => e.error_code)]);
    expect(errors).toEqual([
      ['anna', []],
      ['guest', ['empty_backup_access_code_pool']],
    ]);
  });
});

describe('the backup pool', () => {
  test('is in no list, and its codes can be pulled for time-bound codes', () => {
    const world = new CoreWorld(ROOMY);
    const endsAt = world.now + DAY_MS;
    const guest = { startsAt: world.now, endsAt, useBackupPool: true };
    world.desire(request('anna', '1234'), request('guest', '5678', guest));
    world.work();
    expect(world.state.codes).toHaveLength(2 + POLICY.backupPoolSize);
    expect(shown(world).map((code) => [code.access_code_id, code.is_backup_access_code_available])).toEqual([
      ['anna', false],
      ['guest', true],
    ]);
  });

  test('shows a code that was pulled from it', () => {
    const world = new CoreWorld(ROOMY);
    const endsAt = world.now + DAY_MS;
    world.desire(request('guest', '5678', { startsAt: world.now, endsAt, useBackupPool: true }));
    world.work();
    const backup = world.state.codes.find((code) => code.isBackup)?.accessCodeId ?? '';
    const pulled = { backupOf: 'guest', startsAt: world.now, endsAt };
    world.state = withCode(world.state, backup, (code) => ({ ...code, ...pulled }));
    world.state = withCode(world.state, 'guest', (code) => ({ ...code, pulledBackupId: backup }));
    world.step();
    const [original, standIn] = shown(world);
    expect(original).toMatchObject({
      is_backup: null,
      pulled_backup_access_code_id: backup,
      is_backup_access_code_available: false,
      warnings: [{ warning_code: 'using_backup_access_code' }],
    });
    expect(standIn).toMatchObject({
      access_code_id: backup,
      name: `Backup ${backup}`,
      type: 'time_bound',
      status: 'set',
      is_backup: true,
      is_backup_access_code_available: false,
      is_scheduled_on_device: null,
      starts_at: new Date(world.now).toISOString(),
      ends_at: new Date(endsAt).toISOString(),
    });
  });
});

test('the local API shows which PIN is replaced by which, and the cloud neither', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('anna', '1234'));
  world.work();
  world.desire(request('anna', '5678'));
  expect(shown(world)[0]).toMatchObject({
    code: '5678',
    pending_mutations: [{ mutation_code: 'updating_code', from: { code: '1234' }, to: { code: '5678' } }],
  });
  expect(told(world)[0]?.pending_mutations).toEqual([
    {
      mutation_code: 'updating_code',
      created_at: new Date(world.now).toISOString(),
      message: 'The lock still has the PIN that the code had before.',
    },
  ]);
  expect(JSON.stringify(told(world))).not.toMatch(/1234|5678/);
});

test('every kind of mutation has its shape', () => {
  const world = new CoreWorld(PLAIN);
  const startsAt = world.now;
  const endsAt = startsAt + DAY_MS;
  world.desire(request('anna', '1234', { startsAt, endsAt }));
  world.work();
  const since = world.now;
  const edits = {
    name: { from: 'Ann', since },
    code: { since },
    timeFrame: { startsAt, endsAt: endsAt + 1, since },
  };
  world.state = withCode(world.state, 'anna', (code) => ({ ...code, edits }));
  const at = { created_at: new Date(since).toISOString() };
  expect(shown(world)[0]?.pending_mutations).toMatchObject([
    { mutation_code: 'updating_name', ...at, from: { name: 'Ann' }, to: { name: 'anna' } },
    { mutation_code: 'updating_code', ...at, from: { code: '1234' }, to: { code: '1234' } },
    {
      mutation_code: 'updating_time_frame',
      ...at,
      from: {
        starts_at: new Date(startsAt).toISOString(),
        ends_at: new Date(endsAt + 1).toISOString(),
      },
      to: { starts_at: new Date(startsAt).toISOString(), ends_at: new Date(endsAt).toISOString() },
    },
  ]);
});

test('extensions are shown as they were asked for', () => {
  const world = new CoreWorld(PLAIN);
  const weeklyWindows = [{ days: ['monday', 'friday'], start: '08:00', stop: '12:00' }] as const;
  world.desire(request('anna', '1234', { weeklyWindows, maxUses: 3, strictStart: true }));
  expect(shown(world)[0]).toMatchObject({
    weekly_windows: [{ days: ['monday', 'friday'], start: '08:00', end: '12:00' }],
    max_uses: 3,
    uses: 0,
    strict_start: true,
    origin: 'cloud',
  });
});

/** A lock with a code that somebody programmed at it. */
function found(masks: boolean): CoreWorld {
  const world = new CoreWorld(PLAIN);
  world.masks = masks;
  world.pins.set(3, '4711');
  world.hear({ kind: 'slot_changed', slot: 3 });
  world.work();
  return world;
}

/** The codes that are not ours, as the local API shows them. */
const objects = (world: CoreWorld) =>
  unmanagedCodes(world.state).map((code) => unmanagedCodeSchema.parse(unmanagedCodeOf(code, view(world))));

describe('a code that the hub did not put there', () => {
  test('is shown with its PIN to the local API and without it to the cloud', () => {
    const world = found(false);
    expect(objects(world)).toMatchObject([
      {
        device_id: 'lock',
        type: 'ongoing',
        code: '4711',
        name: null,
        status: 'set',
        display_status: 'Not managed',
        is_managed: false,
        created_at: new Date(world.now).toISOString(),
        starts_at: null,
        ends_at: null,
        errors: [],
        warnings: [],
      },
    ]);
    expect(objects(world)[0]).not.toHaveProperty('cannot_be_managed');
    const [code] = unmanagedCodes(world.state);
    expect(JSON.stringify(publicUnmanagedCodeOf(code!, view(world)))).not.toContain('4711');
  });

  test('can not be managed where the lock does not show it', () => {
    expect(objects(found(true))).toMatchObject([{ code: null, cannot_be_managed: true }]);
  });

  test('is listed once while it is being deleted', () => {
    const world = found(false);
    const [id] = objects(world).map((code) => code.access_code_id);
    world.desireAndBury([], [id ?? '']);
    expect(listedCodes(world.state)).toEqual([]);
    expect(objects(world)).toMatchObject([
      { access_code_id: id, display_status: 'Removing', warnings: [{ warning_code: 'being_deleted' }] },
    ]);
    world.work();
    expect(objects(world)).toEqual([]);
    expect(world.pins.size).toBe(0);
  });

  test('is a code of ours once a document names it', () => {
    const world = found(false);
    const [id] = objects(world).map((code) => code.access_code_id);
    world.desire({ ...request(id ?? '', '4711', { name: 'Cleaner' }) });
    world.work();
    expect(objects(world)).toEqual([]);
    expect(shown(world)).toMatchObject([
      { access_code_id: id, name: 'Cleaner', status: 'set', is_managed: true },
    ]);
  });
});
