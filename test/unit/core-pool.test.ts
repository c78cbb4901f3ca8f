import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import { capacityOf } from '../../src/core/capacity.ts';
import type { Outcome } from '../../src/core/operation.ts';
import { plan } from '../../src/core/plan.ts';
import { isBackupAvailable, poolSize, poolStatus, pullBackup, replenish } from '../../src/core/pool.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, POLICY, request, SCHEDULING } from '../support/core-world.ts';

const THIRTY = { ...PLAIN, lastSlot: 30 };
const UNREACHABLE: Outcome = { kind: 'unreachable', message: 'no answer' };

/** A stay from tomorrow noon on, for so many days. */
function stay(world: CoreWorld, days = 1) {
  const startsAt = world.now + DAY_MS;
  return { startsAt, endsAt: startsAt + days * DAY_MS };
}

/** A lock with one stay that asked for the pool, under way, and nothing left to tell. */
function withPool(capabilities = THIRTY, maxUses: number | null = null) {
  const world = new CoreWorld(capabilities);
  const window = { ...stay(world), useBackupPool: true, maxUses };
  world.desire(request('guest', '1234', window));
  world.passTo(window.startsAt + HOUR_MS);
  world.told();
  world.worked();
  return { world, ...window };
}

function backups(world: CoreWorld): readonly AccessCode[] {
  return world.state.codes.filter((code) => code.isBackup);
}

function pool(world: CoreWorld): readonly AccessCode[] {
  return backups(world).filter((code) => code.backupOf === null);
}

function pull(world: CoreWorld, id = 'guest'): string {
  const pulled = pullBackup(world.state, id, world.reading);
  if (pulled.kind === 'refused') throw new Error(pulled.message);
  world.take(pulled.step);
  return pulled.backupAccessCodeId;
}

function refusal(world: CoreWorld, id: string) {
  const pulled = pullBackup(world.state, id, world.reading);
  return pulled.kind === 'refused' ? pulled.reason : pulled.kind;
}

function digitsOf(world: CoreWorld, id: string): string {
  return world.code(id)?.pin?.reveal() ?? '';
}

/** Requests for ongoing codes `name1`, `name2`, … */
function ongoing(name: string, count: number) {
  return Array.from({ length: count }, (_, index) => request(`${name}${index + 1}`, `${50_000 + index}`, {}));
}

/** Does all that is planned, on a lock that says no to the next so many PINs of the pool. */
function refusing(world: CoreWorld, times: number): () => void {
  let left = times;
  return () => {
    for (let turn = 0; turn < 200; turn += 1) {
      world.take(replenish(world.state, POLICY, world.draw, world.reading));
      const [first] = plan(world.state, POLICY, world.reading).operations;
      const isNo = first?.operation.kind === 'set_pin' && left > 0;
      if (isNo) {
        left -= 1;
        world.nextOutcome = { kind: 'refused', reason: 'duplicate_pin', message: 'taken' };
      }
      if (!world.step()) return;
    }
    throw new Error('no end in sight');
  };
}

function sizeOf(lastSlot: number, adminSlots: readonly number[] = [], backupPoolSize = 3): number {
  const { lock } = new CoreWorld({ ...PLAIN, lastSlot, adminSlots }).state;
  return poolSize(lock, { ...POLICY, backupPoolSize });
}

describe('a pool', () => {
  test('is off until a code of the lock asks for it', () => {
    const world = new CoreWorld(THIRTY);
    world.desire(request('a', '1234', stay(world)));
    world.passTo(world.now + DAY_MS);
    expect(backups(world)).toEqual([]);
    expect(poolStatus(world.state, POLICY)).toEqual({ enabled: false, size: 3, ready: 0, activePulled: 0 });
  });

  test('is real codes in real slots with PINs of their own, of which nobody is told', () => {
    const world = new CoreWorld(THIRTY);
    world.desire(request('guest', '1234', { ...stay(world), useBackupPool: true }));
    world.told();
    world.work();
    expect(pool(world)).toHaveLength(3);
    for (const code of pool(world)) {
      expect(code).toMatchObject({ status: 'set', origin: 'local', startsAt: null, endsAt: null });
      expect(code.name).toBe(`Backup ${code.accessCodeId}`);
      expect(world.pins.get(code.slot ?? 0)).toBe(code.pin?.reveal());
    }
    expect(new Set([...world.pins.values(), '1234']).size).toBe(4);
    expect(poolStatus(world.state, POLICY)).toEqual({ enabled: true, size: 3, ready: 3, activePulled: 0 });
    expect(world.told()).toEqual([]);
    expect(isBackupAvailable(world.state, world.code('guest') as AccessCode)).toBe(true);
  });

  test('holds what the site says, at most a tenth of the slots that codes may use', () => {
    expect([9, 10, 29, 30, 250].map((lastSlot) => sizeOf(lastSlot))).toEqual([0, 1, 2, 3, 3]);
    expect(sizeOf(30, [29, 30, 31])).toBe(2);
    expect(sizeOf(250, [], 40)).toBe(25);
    expect(poolSize({ ...new CoreWorld(PLAIN).state.lock, capabilities: null }, POLICY)).toBe(0);
  });

  test('never draws a PIN that the lock has already', () => {
    const { state, reading } = withPool().world;
    const empty = { ...state, codes: state.codes.filter((code) => !code.isBackup) };
    let salt = 0;
    const stuck = (below: number): number => (below > 1_000_000 ? (salt += 1) : 1);
    const { codes } = replenish(empty, POLICY, stuck, reading).state;
    expect(new Set(codes.map((code) => code.pin?.reveal())).size).toBe(4);
  });

  test('is repaired when somebody edits it at the lock', () => {
    const { world } = withPool();
    const [code] = pool(world);
    world.pins.set(code?.slot ?? 0, '0000');
    world.hear({ kind: 'slot_changed', slot: code?.slot ?? 0 });
    expect(poolStatus(world.state, POLICY).ready).toBe(2);
    world.work();
    expect(world.pins.get(code?.slot ?? 0)).toBe(code?.pin?.reveal());
    expect(poolStatus(world.state, POLICY).ready).toBe(3);
    expect(world.told()).toEqual([]);
  });

  test('gets another code at once for one that the lock refuses', () => {
    const { world } = withPool();
    const refuse = refusing(world, 1);
    const [first] = pool(world);
    world.state = { ...world.state, codes: world.state.codes.filter((code) => code !== first) };
    refuse();
    expect(poolStatus(world.state, POLICY).ready).toBe(3);
    // Once another slot changes, the lock may take what it refused; nothing is taken off for that.
    const ready = pool(world).filter((code) => code.slot !== null);
    world.worked();
    world.hear({ kind: 'slot_changed', slot: 20 });
    world.pins.set(20, '9999');
    world.work();
    world.work();
    expect(pool(world)).toEqual(ready);
    expect(world.worked()).toEqual(['read_slot 20']);
  });

  test('forgets a PIN that the lock refused after an hour', () => {
    const { world } = withPool();
    const refuse = refusing(world, 1);
    world.state = { ...world.state, codes: world.state.codes.filter((code) => code !== pool(world)[0]) };
    refuse();
    expect(pool(world)).toHaveLength(4);
    world.passTo(world.now + HOUR_MS);
    world.work();
    expect(pool(world)).toHaveLength(3);
    expect(world.told()).toEqual([]);
  });

  test('does not go on drawing where the lock refuses them all', () => {
    const world = new CoreWorld(THIRTY);
    world.desire(request('guest', '1234', { ...stay(world), useBackupPool: true }));
    const refuse = refusing(world, Infinity);
    refuse();
    const tried = world.worked().filter((operation) => operation.startsWith('set_pin')).length;
    expect(tried).toBeGreaterThanOrEqual(10);
    expect(tried).toBeLessThanOrEqual(12);
    world.now += HOUR_MS;
    refuse();
    expect(world.worked().filter((operation) => operation.startsWith('set_pin')).length).toBeLessThanOrEqual(
      12,
    );
  });

  test('does without a PIN where the lock allows no further one', () => {
    const world = new CoreWorld(THIRTY);
    const none = {
      ...world.state,
      lock: { ...world.state.lock, poolEnabled: true, reportedPinLengths: [3] },
    };
    expect(replenish(none, POLICY, world.draw, world.reading).state.codes).toEqual([]);
  });

  test('goes when it is switched off', () => {
    const { world } = withPool();
    world.state = { ...world.state, lock: { ...world.state.lock, poolEnabled: false } };
    world.work();
    expect(backups(world)).toEqual([]);
    expect([...world.pins.values()]).toEqual(['1234']);
    expect(world.told()).toEqual([]);
  });
});

describe('the pool gives way', () => {
  test('to codes that need its slots, newest first, without an error of theirs', () => {
    const { world, startsAt, endsAt } = withPool();
    const [oldest] = pool(world);
    const guest = request('guest', '1234', { startsAt, endsAt, useBackupPool: true });
    world.desire(guest, ...ongoing('a', 28));
    world.work();
    expect(pool(world).map((code) => code.accessCodeId)).toEqual([oldest?.accessCodeId]);
    expect(world.state.codes.filter((code) => code.status === 'set')).toHaveLength(30);
    world.desire(guest, ...ongoing('a', 29));
    world.work();
    expect(pool(world)).toEqual([]);
    expect(world.told().filter((event) => event.includes('failed'))).toEqual([]);
    expect(world.code('a29')?.status).toBe('set');
    world.desire(guest);
    world.work();
    expect(pool(world)).toHaveLength(3);
  });

  test('once: a code on its way out is neither pulled nor taken back again', () => {
    const { world, startsAt, endsAt } = withPool();
    const guest = request('guest', '1234', { startsAt, endsAt, useBackupPool: true });
    world.desire(guest, ...ongoing('a', 29));
    world.hear({ kind: 'offline' });
    world.take(replenish(world.state, POLICY, world.draw, world.reading));
    expect(backups(world).map((code) => code.removingSince)).toEqual([world.now, world.now, world.now]);
    expect(poolStatus(world.state, POLICY).ready).toBe(0);
    expect(refusal(world, 'guest')).toBe('backup_access_code_not_found');
    world.now += HOUR_MS;
    expect(replenish(world.state, POLICY, world.draw, world.reading).state).toBe(world.state);
  });

  test('to codes that will need a slot, a day ahead, and to codes found on the lock', () => {
    const world = new CoreWorld(THIRTY);
    const later = { startsAt: world.now + 90 * DAY_MS, endsAt: world.now + 91 * DAY_MS };
    const future = Array.from({ length: 27 }, (_, index) => request(`f${index}`, `${60_000 + index}`, later));
    world.desire(request('guest', '1234', { ...later, useBackupPool: true }), ...future);
    world.work();
    expect(pool(world)).toHaveLength(3);
    world.now = later.startsAt - DAY_MS;
    world.work();
    expect(pool(world)).toHaveLength(2);
    world.pins.set(20, '9999');
    world.hear({ kind: 'slot_changed', slot: 20 });
    world.work();
    expect(pool(world)).toHaveLength(1);
  });

  test('so that it never takes more than what all others leave free', () => {
    const spans = fc.array(fc.record({ from: fc.nat({ max: 20 }), days: fc.integer({ min: 1, max: 8 }) }), {
      maxLength: 28,
    });
    fc.assert(
      fc.property(spans, (stays) => {
        const world = new CoreWorld({ ...PLAIN, lastSlot: 20 });
        const entries = stays.map(({ from, days }, index) => {
          const startsAt = world.now + DAY_MS + from * DAY_MS;
          const endsAt = startsAt + days * DAY_MS;
          return request(`c${index}`, `${70_000 + index}`, { startsAt, endsAt, useBackupPool: index === 0 });
        });
        world.desire(...entries);
        const { spareSlots } = capacityOf(world.state, POLICY, world.reading);
        world.work();
        const expected = stays.length === 0 ? 0 : Math.max(0, Math.min(2, spareSlots));
        expect(pool(world)).toHaveLength(expected);
      }),
      { numRuns: 60 },
    );
  });
});

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
