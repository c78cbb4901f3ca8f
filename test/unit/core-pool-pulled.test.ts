import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { Outcome } from '../../src/core/operation.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { isBackupAvailable, poolStatus, pullBackup } from '../../src/core/request/pool.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { CoreWorld, POLICY, request, SCHEDULING } from '../support/core-world.ts';
import { THIRTY, digitsOf, pool, pull, refusal, stay, withPool } from '../support/pool-world.ts';

const UNREACHABLE: Outcome = { kind: 'unreachable', message: 'no answer' };

describe('pulling a backup', () => {
  test('takes a code that is on the lock, links both, tells it once and refills the pool', () => {
    const { world, endsAt } = withPool();
    const id = pull(world);
    expect(world.events).toEqual([
      {
        event_type: 'access_code.backup_access_code_pulled',
        occurredAt: world.now,
        device_id: 'lock',
        access_code_id: 'guest',
        details: { backup_access_code_id: id },
      },
    ]);
    expect(world.code('guest')?.pulledBackupId).toBe(id);
    expect(world.code(id)).toMatchObject({
      isBackup: true,
      backupOf: 'guest',
      startsAt: world.now,
      endsAt,
      status: 'set',
      name: `Backup ${id}`,
    });
    expect([...world.pins.values()]).toContain(digitsOf(world, id));
    expect(poolStatus(world.state, POLICY)).toMatchObject({ ready: 2, activePulled: 1 });
    world.told();
    world.work();
    expect(poolStatus(world.state, POLICY)).toMatchObject({ ready: 3, activePulled: 1 });
    expect(world.told()).toEqual([]);
    expect(isBackupAvailable(world.state, world.code('guest') as AccessCode)).toBe(false);
  });

  test('again answers the same code and changes nothing', () => {
    const { world } = withPool();
    const id = pull(world);
    world.work();
    const again = pullBackup(world.state, 'guest', {
      earliest: world.now + HOUR_MS,
      latest: world.now + HOUR_MS,
    });
    expect(again).toEqual({
      kind: 'pulled',
      backupAccessCodeId: id,
      step: { state: world.state, events: [] },
    });
  });

  test('works while the lock cannot be reached', () => {
    const { world } = withPool();
    world.hear({ kind: 'offline' });
    const id = pull(world);
    expect(world.code(id)?.status).toBe('set');
    expect([...world.pins.values()]).toContain(digitsOf(world, id));
  });

  test('is refused with the error types of the request', () => {
    const { world, startsAt, endsAt } = withPool();
    const guest = request('guest', '1234', { startsAt, endsAt, useBackupPool: true });
    world.desire(guest, request('owner', '8888'), request('other', '7777', { startsAt, endsAt }));
    world.work();
    expect(refusal(world, 'nobody')).toBe('access_code_not_found');
    expect(refusal(world, 'owner')).toBe('access_code_not_time_bound');
    expect(refusal(world, pool(world)[0]?.accessCodeId ?? '')).toBe('access_code_not_found');
    expect(refusal(world, pull(world))).toBe('access_code_not_found');
    world.desire(request('other', '7777', { startsAt, endsAt }));
    expect(refusal(world, 'guest')).toBe('access_code_not_found');
    world.state = { ...world.state, codes: world.state.codes.filter((code) => !code.isBackup) };
    expect(refusal(world, 'other')).toBe('backup_access_code_not_found');
  });

  test('is refused while no code of the pool is proven on the lock', () => {
    const world = new CoreWorld(THIRTY);
    const window = stay(world);
    world.desire(request('guest', '1234', { ...window, useBackupPool: true }));
    world.nextOutcome = UNREACHABLE;
    world.step();
    expect(pool(world)).toHaveLength(3);
    expect(refusal(world, 'guest')).toBe('backup_access_code_not_found');
    expect(isBackupAvailable(world.state, world.code('guest') as AccessCode)).toBe(false);
  });
});

describe('a pulled backup stands in for its original', () => {
  test('and ends with it: taken off by the hub, and told as any code that somebody had', () => {
    const { world, endsAt } = withPool();
    const id = pull(world);
    const digits = digitsOf(world, id);
    world.work();
    world.told();
    world.passTo(endsAt + MINUTE_MS);
    expect([...world.pins.values()]).not.toContain(digits);
    expect(world.code(id)).toBeUndefined();
    expect(world.told().filter((event) => event.endsWith(id))).toEqual([
      `access_code.changed ${id}`,
      `access_code.removed_from_device ${id}`,
      `access_code.deleted ${id}`,
    ]);
  });

  test('and is extended and shortened with it, in place', () => {
    const { world, startsAt, endsAt } = withPool();
    const id = pull(world);
    world.work();
    world.worked();
    for (const end of [endsAt + DAY_MS, endsAt - HOUR_MS]) {
      world.desire(request('guest', '1234', { startsAt, endsAt: end, useBackupPool: true }));
      expect(world.code(id)?.endsAt).toBe(end);
    }
    world.work();
    expect(world.worked()).toEqual([]);
    expect(world.code(id)?.status).toBe('set');
  });

  test('and goes when it is deleted before its end', () => {
    const { world } = withPool();
    const id = pull(world);
    const digits = digitsOf(world, id);
    world.desire();
    world.work();
    expect(world.code(id)).toBeUndefined();
    expect([...world.pins.values()]).not.toContain(digits);
  });

  test('and stays with one that ends and is made longer before it is off the lock', () => {
    const { world, startsAt, endsAt } = withPool();
    const id = pull(world);
    world.work();
    world.now = endsAt;
    world.hear({ kind: 'battery', level: 1, low: false });
    expect(world.code(id)?.status).toBe('removing');
    const longer = { startsAt, endsAt: endsAt + DAY_MS, useBackupPool: true };
    world.desire(request('guest', '1234', longer));
    world.work();
    expect([...world.pins.values()]).toEqual(expect.arrayContaining(['1234', digitsOf(world, id)]));
    expect(world.code(id)).toMatchObject({ status: 'set', endsAt: longer.endsAt });
    expect(pull(world)).toBe(id);
    world.passTo(longer.endsAt + MINUTE_MS);
    expect(world.code(id)).toBeUndefined();
  });

  test('and stays with one that a document forgets and the next one names again', () => {
    const { world, startsAt, endsAt } = withPool();
    const id = pull(world);
    world.desire();
    world.desire(request('guest', '1234', { startsAt, endsAt, useBackupPool: true }));
    world.work();
    expect(world.code(id)?.status).toBe('set');
    expect(pull(world)).toBe(id);
  });

  test('and is not named any more when it is gone, so that there can be another', () => {
    const { world, startsAt, endsAt } = withPool();
    const id = pull(world);
    world.desire();
    while (world.code(id) !== undefined) {
      const [first] = plan(world.state, POLICY, world.reading).operations;
      if (first?.accessCodeId === 'guest')
        world.nextOutcome = { kind: 'refused', reason: 'refused', message: 'busy' };
      world.step();
    }
    expect(world.code('guest')?.status).toBe('removing');
    world.desire(request('guest', '1234', { startsAt, endsAt, useBackupPool: true }));
    world.work();
    expect(world.code('guest')).toMatchObject({ pulledBackupId: null, status: 'set', warnings: [] });
    expect(pull(world)).not.toBe(id);
  });

  test('and goes when that one is put off, but not for the lead of a code that is put on just in time', () => {
    const { world, endsAt } = withPool();
    const id = pull(world);
    world.work();
    const digits = digitsOf(world, id);
    const startsAt = world.now + 20 * MINUTE_MS;
    world.desire(request('guest', '1234', { startsAt, endsAt, useBackupPool: true }));
    world.work();
    expect([...world.pins.values()]).toContain(digits);
    const later = { startsAt: endsAt + DAY_MS, endsAt: endsAt + 2 * DAY_MS, useBackupPool: true };
    world.desire(request('guest', '1234', later));
    world.work();
    expect([...world.pins.values()]).not.toContain(digits);
    expect(world.code('guest')).toMatchObject({ pulledBackupId: null, warnings: [] });
  });

  test('and keeps to its weekly windows', () => {
    const weeklyWindows = [{ days: ['tuesday' as const], start: '08:00', stop: '18:00' }];
    const world = new CoreWorld(THIRTY);
    const startsAt = world.now + HOUR_MS;
    const window = { startsAt, endsAt: startsAt + 20 * DAY_MS, weeklyWindows, useBackupPool: true };
    world.desire(request('guest', '1234', window));
    world.passTo(world.now + DAY_MS + 2 * HOUR_MS);
    const id = pull(world);
    const digits = digitsOf(world, id);
    expect([...world.pins.values()]).toContain(digits);
    world.passTo(world.now + DAY_MS);
    expect([...world.pins.values()]).not.toContain(digits);
    world.passTo(world.now + 6 * DAY_MS);
    expect([...world.pins.values()]).toContain(digits);
  });

  test('and its uses count against the limit of that one, which ends both', () => {
    const { world } = withPool(THIRTY, 2);
    const id = pull(world);
    world.work();
    const unlock = () => world.hear({ kind: 'unlocked', method: 'keycode', slot: world.code(id)?.slot ?? 0 });
    unlock();
    expect(world.code('guest')?.uses).toBe(1);
    world.now += HOUR_MS;
    unlock();
    world.work();
    expect(world.code('guest')).toBeUndefined();
    expect(world.code(id)).toBeUndefined();
    expect(world.state.lock.spent).toEqual([{ accessCodeId: 'guest', uses: 2 }]);
  });

  test('and gets its schedule, without a new write of the PIN, on a lock that keeps schedules', () => {
    const { world, endsAt } = withPool({ ...SCHEDULING, lastSlot: 30 });
    const id = pull(world);
    const slot = world.code(id)?.slot ?? 0;
    expect(world.code(id)?.status).toBe('set');
    world.work();
    expect(world.worked().filter((operation) => operation.endsWith(` ${slot}`))).toEqual([
      `set_schedule ${slot}`,
    ]);
    expect(world.schedules.get(slot)).toMatchObject({ stop: '2026-03-04T07:00' });
    expect(endsAt).toBe(Date.parse('2026-03-04T12:00:00Z'));
    // The guest is at the door: neither the next whole minute nor a late clock of the lock may shut it again.
    expect(world.schedules.get(slot)).toMatchObject({ start: expect.stringMatching(/^2026-03-02T/) });
    expect(world.code(id)?.status).toBe('set');
  });
});
