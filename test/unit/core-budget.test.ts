import { describe, expect, test } from 'vitest';
import { plan } from '../../src/core/plan/plan.ts';
import type { Outcome } from '../../src/core/operation.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, POLICY, request } from '../support/core-world.ts';

/** Lets hours pass at a lock at which somebody undoes what we write, as soon as it is written. */
function fight(world: CoreWorld, slot: number, undo: () => void, hours: number): number[] {
  const writes: number[] = [];
  const end = world.now + hours * HOUR_MS;
  while (world.now < end) {
    const before = world.done.length;
    world.work();
    const written = world.done.slice(before).filter((work) => work === `set_pin ${slot}`);
    writes.push(...written.map(() => world.now));
    undo();
    world.hear({ kind: 'slot_changed', slot });
    world.now += MINUTE_MS;
  }
  return writes;
}

describe('a lock that fights back', () => {
  test('is written 15 times an hour and no more, told once each time, and served again when it stops', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.told();
    const writes = fight(world, 1, () => world.pins.set(1, '9999'), 5);
    for (const from of writes) {
      const inHour = writes.filter((at) => at >= from && at < from + HOUR_MS).length;
      expect(inHour).toBeLessThanOrEqual(15);
    }
    expect(writes.length).toBeGreaterThan(30);
    const told = world.told().filter((event) => event === 'device.write_budget_exhausted');
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(told.length).toBeLessThanOrEqual(5);
    world.passTo(world.now + 2 * HOUR_MS);
    expect(world.pins.get(1)).toBe('1234');
    expect(world.code('a')).toMatchObject({ status: 'set', errors: [] });
  });

  test('does not put off what the cloud wants', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    fight(world, 1, () => world.pins.set(1, '9999'), 1);
    world.work();
    const [block] = plan(world.state, POLICY, world.reading).blocked;
    expect(block).toMatchObject({ accessCodeId: 'a', because: 'write_budget_spent', slot: 1 });
    world.desire(request('a', '1234'), request('b', '4321'));
    world.work();
    expect(world.code('b')?.status).toBe('set');
    // A new version of the same code is a new wish.
    world.desire(request('a', '5678'), request('b', '4321'));
    world.work();
    expect(world.pins.get(1)).toBe('5678');
  });

  test('keeps a rest of the budget for what must go', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'), request('b', '4321'));
    world.work();
    fight(world, 1, () => world.pins.set(1, '9999'), 1);
    world.desire(request('a', '1234'));
    const lost: Outcome = { kind: 'refused', reason: 'refused', message: 'no' };
    world.nextOutcome = lost;
    world.step();
    world.worked();
    world.passTo(world.now + 10 * MINUTE_MS);
    expect(world.worked()).toContain('clear_slot 2');
    expect(world.pins.has(2)).toBe(false);
  });
});

test('what a code does by itself is no repetition', () => {
  const world = new CoreWorld({ ...PLAIN, disabledCodes: true });
  const startsAt = world.now + 10 * DAY_MS;
  world.desire(request('a', '1234', { startsAt, endsAt: startsAt + DAY_MS }));
  world.passTo(startsAt + HOUR_MS);
  world.desire(request('a', '4321', { startsAt, endsAt: startsAt + DAY_MS }));
  world.work();
  world.desire(request('a', '1234', { startsAt, endsAt: startsAt + DAY_MS }));
  world.work();
  world.desire();
  world.work();
  expect(world.code('a')).toBeUndefined();
  expect(world.state.lock.repeatedWrites).toEqual([]);
});

test('a write that the radio never sent is no write', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.step();
  for (let attempt = 0; attempt < 30; attempt += 1) {
    world.nextOutcome = { kind: 'radio_down', message: 'unplugged' };
    world.step();
    world.now += MINUTE_MS;
  }
  expect(world.state.lock.repeatedWrites).toEqual([]);
  world.work();
  expect(world.code('a')?.status).toBe('set');
});
