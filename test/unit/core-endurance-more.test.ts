import { describe, expect, test } from 'vitest';
import { startAudit } from '../../src/core/plan/audit.ts';
import { advance } from '../../src/core/settle/advance.ts';
import { explain } from '../../src/core/plan/explain.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Instant } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, POLICY, request, SCHEDULING } from '../support/core-world.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const SILENCE: Outcome = { kind: 'unknown', message: 'no answer' };
const ARMING = { ...PLAIN, disabledCodes: true };

function pass(world: CoreWorld, till: Instant, answer: (operation: Operation) => Outcome | null): void {
  for (let count = 0; world.now < till; count += 1) {
    expect(count).toBeLessThan(3000);
    world.take(advance(world.state, POLICY, world.reading));
    const { operations, wakeAt } = plan(world.state, POLICY, world.reading);
    const [planned] = operations;
    if (planned === undefined) {
      world.now = Math.min(wakeAt ?? till, till);
      continue;
    }
    world.nextOutcome = answer(planned.operation);
    world.step();
    world.now += 100;
  }
}

test('free slots that give no answer, however many, keep no code out', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'), request('b', '5678'));
  pass(world, NOON + MINUTE_MS, (operation) =>
    operation.kind === 'read_slot' && operation.slot <= 3 ? SILENCE : null,
  );
  expect([...world.pins.keys()]).toEqual([4, 5]);
});

test('a wave of lost writes leaves nobody outside: the first retry of each is free', () => {
  const world = new CoreWorld({ ...PLAIN, lastSlot: 60 });
  const codes = Array.from({ length: 40 }, (_, index) => request(`c${index}`, String(2000 + index)));
  world.desire(...codes);
  const lost = new Set<number>();
  pass(world, NOON + HOUR_MS / 2, (operation) => {
    if (operation.kind !== 'set_pin' || lost.has(operation.slot)) return null;
    lost.add(operation.slot);
    return SILENCE;
  });
  expect(world.pins.size).toBe(40);
});

test('a code that is held back by the budget says so at once', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.work();
  const blockedTill = world.now + HOUR_MS;
  world.state = { ...world.state, lock: { ...world.state.lock, repeatsBlockedUntil: blockedTill } };
  for (let edit = 0; edit < 2; edit += 1) {
    world.pins.set(1, '9999');
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.work();
    world.now += MINUTE_MS;
  }
  const errors = world.code('a')?.errors.map(({ code }) => code);
  expect(errors).toContain('failed_to_set_on_device');
});

test('while the budget is spent, a slot that somebody fights for is not read at each of his reports', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.work();
  for (let edit = 0; edit < 200; edit += 1) {
    world.pins.set(1, '9999');
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.work();
    world.now += MINUTE_MS / 6;
  }
  expect(world.worked().filter((work) => work === 'read_slot 1').length).toBeLessThan(25);
  world.passTo(world.now + 2 * HOUR_MS);
  expect(world.pins.get(1)).toBe('1234');
});

describe('an armed code', () => {
  const startsAt = NOON + 2 * DAY_MS;
  const stay = { startsAt, endsAt: startsAt + DAY_MS };

  test('that may be edited at the lock is not opened there before its time', () => {
    const world = new CoreWorld(ARMING);
    world.desire(request('a', '1234', { ...stay, allowExternalModification: true }));
    world.work();
    world.disabled.clear();
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.work();
    expect(world.disabled.has(1)).toBe(true);
    world.passTo(startsAt);
    expect(world.disabled.size).toBe(0);
  });

  test('is cleared and written where the lock does not enable it in place', () => {
    const world = new CoreWorld(ARMING);
    world.desire(request('a', '1234', stay));
    world.work();
    pass(world, startsAt, (operation) =>
      operation.kind === 'set_pin' && operation.enabled && world.pins.has(1)
        ? { kind: 'refused', reason: 'refused', message: 'occupied' }
        : null,
    );
    expect([world.pins.get(1), world.disabled.size]).toEqual(['1234', 0]);
    expect(world.code('a')?.status).toBe('set');
  });
});

test('an armed code whose new PIN another code has until it ends leaves no old PIN behind, and holds nothing back', () => {
  const world = new CoreWorld(ARMING);
  const first = request('first', '5678', { startsAt: NOON - HOUR_MS, endsAt: NOON + HOUR_MS });
  const stay = { startsAt: NOON + 2 * HOUR_MS, endsAt: NOON + 3 * HOUR_MS };
  world.desire(first, request('second', '1234', stay));
  world.work();
  world.desire(first, request('second', '5678', stay));
  world.work();
  expect([[...world.pins.values()], world.disabled.size]).toEqual([['5678'], 0]);
  expect(world.state.lock).toMatchObject({ versionReceived: 2, versionApplied: 2 });
  world.passTo(stay.startsAt);
  expect([world.code('second')?.status, [...world.pins.values()]]).toEqual(['set', ['5678']]);
});

test('a native code goes on without a schedule when the hub knows no time well, and its window is open for certain', () => {
  const world = new CoreWorld(SCHEDULING);
  world.desire(request('a', '1234', { startsAt: NOON - 2 * HOUR_MS, endsAt: NOON + DAY_MS }));
  const now = { earliest: NOON, latest: NOON + HOUR_MS };
  world.step();
  const kinds = plan(world.state, POLICY, now).operations.map(({ operation }) => operation.kind);
  expect(kinds).toEqual(['set_pin']);
});

test('a week on the lock gives way to single windows around a change of the clocks', () => {
  const world = new CoreWorld({ ...SCHEDULING, weekDaySchedules: 7 });
  world.now = Date.parse('2026-10-20T12:00:00Z');
  const weeklyWindows = [{ days: ['sunday'], start: '00:00', stop: '01:30' }] as const;
  world.desire(request('a', '1234', { weeklyWindows }));
  world.work();
  expect(world.schedules.get(1)).toHaveProperty('weekDays');
  // New York's clocks go back on 1 November at 6:00 UTC, so that 1:00 to 2:00 comes twice.
  world.passTo(Date.parse('2026-10-31T12:00:00Z'));
  expect(world.schedules.get(1)).toEqual({ start: '2026-11-01T00:00', stop: '2026-11-01T01:00' });
  world.passTo(Date.parse('2026-11-03T12:00:00Z'));
  expect(world.schedules.get(1)).toHaveProperty('weekDays');
});

test('an audit whose checksum differs finds a code in a slot that nobody has told of', () => {
  const world = new CoreWorld({ ...PLAIN, checksum: true });
  world.desire(request('a', '1234'));
  world.work();
  world.pins.set(4, '9999');
  world.now += DAY_MS;
  world.take({ state: startAudit(world.state, world.now), events: [] });
  world.told();
  world.work();
  expect(world.told().some((event) => event.startsWith('access_code.unmanaged.created'))).toBe(true);
  world.now += DAY_MS;
  world.take({ state: startAudit(world.state, world.now), events: [] });
  world.worked();
  world.work();
  expect(world.worked()).toEqual(['compare_checksum']);
});

test('a code that waits for another’s slot to be read says that', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.step();
  world.nextOutcome = SILENCE;
  world.step();
  world.desire(request('a', '1234'), request('b', '5678'));
  const why = explain(world.state, POLICY, world.reading).codes.get('b');
  expect(why?.message).toMatch(/^Slot 1 has to be read first/);
});

test('one PIN for two stays that follow each other: the later one is armed when the earlier one is gone, or gives way', () => {
  const world = new CoreWorld(ARMING);
  const first = { startsAt: NOON + 2 * HOUR_MS, endsAt: NOON + 3 * HOUR_MS };
  const second = { startsAt: NOON + 4 * HOUR_MS, endsAt: NOON + 5 * HOUR_MS };
  world.desire(request('second', '1234', second));
  world.work();
  expect(world.disabled.size).toBe(1);
  world.desire(request('second', '1234', second), request('first', '1234', first));
  expect(world.code('first')?.rejected).toBeNull();
  for (const [id, { startsAt, endsAt }] of [
    ['first', first],
    ['second', second],
  ] as const) {
    world.passTo(startsAt);
    expect([world.code(id)?.status, world.pins.size, world.disabled.size]).toEqual(['set', 1, 0]);
    expect(world.code(id)?.errors).toEqual([]);
    world.passTo(endsAt);
  }
  expect(world.pins.size).toBe(0);
});
