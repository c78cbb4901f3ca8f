import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import { capacityOf } from '../../src/core/request/capacity.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { isBackupAvailable, poolSize, poolStatus, replenish } from '../../src/core/request/pool.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, POLICY, request } from '../support/core-world.ts';
import { THIRTY, backups, pool, refusal, stay, withPool } from '../support/pool-world.ts';

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
