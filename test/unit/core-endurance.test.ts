import { describe, expect, test } from 'vitest';
import { advance } from '../../src/core/settle/advance.ts';
import type { Capabilities } from '../../src/core/capability.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { pullBackup } from '../../src/core/request/pool.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, POLICY, request, SCHEDULING } from '../support/core-world.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const SILENCE: Outcome = { kind: 'unknown', message: 'no answer' };

/** Lets hours pass at a lock that answers some operations its own way; answers how many operations there were. */
function pass(world: CoreWorld, till: Instant, answer: (operation: Operation) => Outcome | null): number {
  const before = world.done.length;
  while (world.now < till) {
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
    expect(world.done.length - before).toBeLessThan(3000);
  }
  return world.done.length - before;
}

function scheduled(): CoreWorld {
  const world = new CoreWorld(SCHEDULING);
  world.desire(request('a', '1234', { startsAt: NOON + 100 * HOUR_MS, endsAt: NOON + 110 * HOUR_MS }));
  world.passTo(NOON + 30 * HOUR_MS);
  return world;
}

describe('a lock clock that setting does not help', () => {
  test('is set once an hour and not again and again', () => {
    const world = scheduled();
    world.clockAheadMs = MINUTE_MS;
    world.isClockStuck = true;
    expect(pass(world, NOON + 70 * HOUR_MS, () => null)).toBeLessThan(20);
  });

  test('carries no schedule until it is right again, and is looked at until then', () => {
    const world = scheduled();
    world.clockAheadMs = -6 * MINUTE_MS;
    world.isClockStuck = true;
    world.passTo(NOON + 66 * HOUR_MS);
    expect(world.schedules.size).toBe(0);
    world.isClockStuck = false;
    world.passTo(NOON + 68 * HOUR_MS);
    expect(world.schedules.size).toBe(1);
    expect(world.told()).toContain('device.clock_corrected');
  });

  test('that never confirms, and shows that it is wrong, leaves the guest’s code to be set just in time', () => {
    const world = new CoreWorld(SCHEDULING);
    world.clockAheadMs = 10 * MINUTE_MS;
    world.isClockStuck = true;
    const startsAt = NOON + HOUR_MS;
    world.desire(request('a', '1234', { startsAt, endsAt: startsAt + 5 * HOUR_MS }));
    pass(world, startsAt, ({ kind }) => (kind === 'set_clock' ? SILENCE : null));
    expect([...world.pins.values()]).toEqual(['1234']);
    expect(world.schedules.size).toBe(0);
  });

  test('that neither confirms nor can be asked is not relied on', () => {
    const world = new CoreWorld(SCHEDULING);
    const startsAt = NOON + HOUR_MS;
    world.desire(request('a', '1234', { startsAt, endsAt: startsAt + 5 * HOUR_MS }));
    pass(world, startsAt, ({ kind }) => {
      if (kind === 'set_clock') return SILENCE;
      return kind === 'read_clock' ? { kind: 'refused', reason: 'unsupported', message: 'no clock' } : null;
    });
    expect([...world.pins.values()]).toEqual(['1234']);
    expect(world.schedules.size).toBe(0);
  });
});

describe('a look that always fails keeps nobody out', () => {
  test.each<[string, Capabilities, (operation: Operation) => boolean, (world: CoreWorld) => void]>([
    [
      'at a slot that somebody may have edited',
      PLAIN,
      (operation) => operation.kind === 'read_slot' && operation.slot === 1,
      (world) => world.hear({ kind: 'slot_changed', slot: 1 }),
    ],
    ['at the first free slot', PLAIN, (o) => o.kind === 'read_slot' && o.slot === 2, () => undefined],
  ])('%s', (_which, capabilities, fails, happens) => {
    const world = new CoreWorld(capabilities);
    world.desire(request('a', '1234'));
    world.work();
    happens(world);
    world.desire(request('a', '1234'), request('b', '5678'));
    pass(world, NOON + MINUTE_MS, (operation) => (fails(operation) ? SILENCE : null));
    expect([...world.pins.values()].toSorted()).toEqual(['1234', '5678']);
  });

  test('nor holds up what must go', () => {
    const world = new CoreWorld({ ...PLAIN, checksum: true });
    const endsAt = NOON + 90 * MINUTE_MS;
    world.desire(request('a', '1234', { startsAt: NOON, endsAt }));
    world.work();
    world.now = endsAt - 25 * MINUTE_MS;
    world.hear({ kind: 'offline' });
    world.hear({ kind: 'online' });
    pass(world, endsAt + 10 * SECOND_MS, ({ kind }) => (kind === 'clear_slot' ? null : SILENCE));
    expect(world.pins.size).toBe(0);
  });
});

describe('when the hub’s clock is set back', () => {
  test('a lock clock that was looked at tomorrow is set again, once', () => {
    const world = scheduled();
    world.passTo(NOON + 68 * HOUR_MS);
    expect(world.state.lock.clockRead).not.toBeNull();
    world.now -= 2 * DAY_MS;
    world.worked();
    world.desire(request('b', '5678', { startsAt: world.now + 10 * HOUR_MS, endsAt: world.now + DAY_MS }));
    expect(pass(world, world.now + MINUTE_MS, () => null)).toBeLessThan(12);
    expect(world.schedules.size).toBe(1);
  });

  test('an expired code is not kept for want of a budget', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', { startsAt: NOON, endsAt: NOON + 2 * HOUR_MS }));
    world.work();
    const ahead = Array.from({ length: 20 }, (_, index) => NOON + 7 * DAY_MS + index);
    world.state = { ...world.state, lock: { ...world.state.lock, repeatedWrites: ahead } };
    let lost = 0;
    pass(world, NOON + 2 * HOUR_MS + MINUTE_MS, ({ kind }) => {
      if (kind !== 'clear_slot') return null;
      lost += 1;
      return lost === 1 ? SILENCE : null;
    });
    expect(world.pins.size).toBe(0);
  });

  test('an audit that was due tomorrow ends today', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.now += DAY_MS;
    world.hear({ kind: 'offline' });
    world.hear({ kind: 'online' });
    world.now -= HOUR_MS;
    world.worked();
    pass(world, world.now + DAY_MS, () => null);
    expect(world.worked().length).toBeLessThan(3);
  });
});

test('a code with a strict start stays on when its own write makes the lock’s measured time shorter', () => {
  const world = new CoreWorld(PLAIN);
  const programmingMs = [...Array.from({ length: 98 }, () => 50), 20_000];
  world.state = { ...world.state, lock: { ...world.state.lock, programmingMs } };
  const startsAt = NOON + HOUR_MS;
  world.desire(request('a', '1234', { startsAt, endsAt: startsAt + HOUR_MS, strictStart: true }));
  world.passTo(startsAt + MINUTE_MS);
  expect(world.worked()).toEqual(['read_slot 1', 'set_pin 1']);
});

test('a schedule that the lock refuses is no reason to call a document applied', () => {
  const world = new CoreWorld(SCHEDULING);
  world.desire(request('a', '1234', { startsAt: NOON, endsAt: NOON + 5 * HOUR_MS }));
  pass(world, NOON + SECOND_MS, ({ kind }) => {
    if (kind === 'set_schedule') return { kind: 'refused', reason: 'unsupported', message: 'no' };
    return kind === 'set_pin' ? { kind: 'unreachable', message: 'no' } : null;
  });
  expect(world.pins.size).toBe(0);
  expect(world.state.lock.versionApplied).toBe(0);
});

test('a weekly code with no window left is not put on before its end', () => {
  const world = new CoreWorld({ ...PLAIN, disabledCodes: true });
  const endsAt = NOON + 2 * DAY_MS;
  const weeklyWindows = [{ days: ['monday'], start: '05:00', stop: '06:00' }] as const;
  world.desire(request('a', '1234', { startsAt: NOON - DAY_MS, endsAt, weeklyWindows }));
  world.passTo(endsAt - 1);
  expect(world.pins.size).toBe(0);
  world.passTo(endsAt);
  expect(world.code('a')).toBeUndefined();
});

test('a pulled backup code stays on when the clock is set back before the pull', () => {
  const world = new CoreWorld({ ...PLAIN, lastSlot: 30 });
  world.desire(request('a', '1234', { startsAt: NOON, endsAt: NOON + DAY_MS, useBackupPool: true }));
  world.work();
  const pulled = pullBackup(world.state, 'a', world.reading);
  if (pulled.kind !== 'pulled') throw new Error(pulled.message);
  world.take(pulled.step);
  const id = pulled.backupAccessCodeId;
  world.now -= 2 * HOUR_MS;
  world.work();
  expect(world.pins.has(world.code(id)?.slot ?? 0)).toBe(true);
  expect(world.code(id)?.status).toBe('set');
});

test('a slot kept for a code and found empty long ago is read before it is written, and left to whoever took it', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.step();
  world.nextOutcome = { kind: 'refused', reason: 'refused', message: 'busy' };
  world.step();
  expect(world.code('a')?.slot).toBe(1);
  world.pins.set(1, '9999');
  world.worked();
  world.now += 2 * MINUTE_MS;
  world.work();
  expect(world.worked()).toEqual(['read_slot 1', 'read_slot 2', 'set_pin 2']);
  expect(world.pins.get(1)).toBe('9999');
  expect(world.told().filter((event) => event.includes('external'))).toEqual([]);
});

describe('an edit that nobody may miss', () => {
  test('is one that is reported while its slot is being read', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.meanwhile = () => {
      world.pins.delete(1);
      world.hear({ kind: 'slot_cleared', slot: 1 });
    };
    world.work();
    expect(world.pins.get(1)).toBe('1234');
    expect(world.told()).toContain('access_code.deleted_external_to_seam a');
  });

  test('is one that is reported long after a write whose answer was lost, on a lock that masks', () => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    world.desire(request('a', '1234'));
    world.step();
    world.nextOutcome = SILENCE;
    world.step();
    world.now += 10 * MINUTE_MS;
    world.pins.set(1, '9999');
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.work();
    expect(world.pins.get(1)).toBe('1234');
  });

  test('is none when a slot of ours can’t be read: the code stays and is asked for again later', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.worked();
    const refused = { kind: 'refused', reason: 'slot_out_of_range', message: 'no such slot' } as const;
    expect(pass(world, world.now + HOUR_MS, () => refused)).toBeLessThan(10);
    expect(world.worked()).toEqual(['read_slot 1']);
    expect(world.code('a')?.status).toBe('set');
  });
});

test('a slot that shows empty right after our write is looked at again before anybody is blamed', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.work();
  world.told();
  world.worked();
  // The lock echoes our write, and shows what the slot held before it.
  world.hear({ kind: 'slot_changed', slot: 1 });
  const empty = { slot: 1, content: { kind: 'empty' } } as const;
  world.nextOutcome = { kind: 'done', proof: 'read_back', reading: empty };
  world.work();
  expect([world.worked(), world.told()]).toEqual([['read_slot 1'], []]);
  world.passTo(world.now + MINUTE_MS);
  expect([world.worked(), world.told()]).toEqual([['read_slot 1'], []]);
  world.pins.delete(1);
  world.hear({ kind: 'slot_changed', slot: 1 });
  world.work();
  expect(world.told()).toContain('access_code.deleted_external_to_seam a');
  expect(world.pins.get(1)).toBe('1234');
});

test('a preloaded code that is to be armed instead is disabled before its schedule goes', () => {
  const world = new CoreWorld({ ...SCHEDULING, disabledCodes: true });
  const stay = { startsAt: NOON + 50 * HOUR_MS, endsAt: NOON + 60 * HOUR_MS };
  world.desire(request('a', '1234', stay));
  world.work();
  expect(world.schedules.size).toBe(1);
  world.worked();
  world.desire(request('a', '5678', { ...stay, preferNativeScheduling: false }));
  world.nextOutcome = { kind: 'refused', reason: 'duplicate_pin', message: 'taken' };
  world.step();
  // Whatever becomes of that write, the old PIN waits for its window by its own schedule.
  expect([world.worked(), world.schedules.size]).toEqual([['set_pin 1'], 1]);
  world.desire(request('a', '4321', { ...stay, preferNativeScheduling: false }));
  world.work();
  expect(world.worked()).toEqual(['set_pin 1', 'clear_schedule 1']);
  expect(world.disabled.has(1)).toBe(true);
});
