import { describe, expect, test } from 'vitest';
import { startAudit } from '../../src/core/plan/audit.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, POLICY, request, SCHEDULING } from '../support/core-world.ts';

const START = Date.parse('2026-06-10T15:00:00Z');
const END = Date.parse('2026-06-12T15:00:00Z');
const STAY = { startsAt: START, endsAt: END };
const PRELOAD = START - 72 * HOUR_MS;

function audit(world: CoreWorld): void {
  world.take({ state: startAudit(world.state, world.now), events: [] });
}

/** A lock that knows a code and its schedule since an hour. */
function preloaded(): CoreWorld {
  const world = new CoreWorld(SCHEDULING);
  world.desire(request('a', '1234', STAY));
  world.passTo(PRELOAD + HOUR_MS);
  world.worked();
  world.told();
  return world;
}

describe('the clock of a lock that holds a schedule', () => {
  test('is looked at after a day together with other work, and after a day and a half without', () => {
    const world = preloaded();
    world.passTo(PRELOAD + 30 * HOUR_MS);
    expect(world.worked()).toEqual([]);
    world.desire(request('a', '1234', STAY), request('b', '4321'));
    world.work();
    expect(world.worked()).toEqual(['read_slot 2', 'read_clock', 'set_pin 2']);
    world.passTo(PRELOAD + 30 * HOUR_MS + 35 * HOUR_MS);
    expect(world.worked()).toEqual([]);
    world.passTo(PRELOAD + 30 * HOUR_MS + 37 * HOUR_MS);
    expect(world.worked()).toEqual(['read_clock']);
  });

  test('is left alone up to 30 s, and set and looked at again above', () => {
    for (const [aheadMs, work] of [
      [30 * SECOND_MS, ['read_clock']],
      [-31 * SECOND_MS, ['read_clock', 'set_clock', 'read_clock']],
    ] as const) {
      const world = preloaded();
      world.clockAheadMs = aheadMs;
      world.passTo(PRELOAD + 37 * HOUR_MS);
      expect(world.worked()).toEqual(work);
      expect(world.told()).toEqual([]);
    }
  });

  test('that is wrong by more than five minutes is an alarm until it is right', () => {
    const world = preloaded();
    world.clockAheadMs = 6 * MINUTE_MS;
    world.passTo(PRELOAD + 37 * HOUR_MS);
    expect(world.worked()).toEqual(['read_clock', 'set_clock', 'read_clock']);
    expect(world.told()).toEqual(['device.clock_wrong', 'device.clock_corrected']);
    expect(world.schedules.size).toBe(1);
  });

  test('that stays wrong carries no schedule, and carries them again when it is right', () => {
    const world = preloaded();
    world.clockAheadMs = -6 * MINUTE_MS;
    world.isClockStuck = true;
    world.passTo(PRELOAD + 37 * HOUR_MS);
    expect(world.told()).toContain('device.clock_wrong');
    // Its schedule would open at the wrong time, and without one the PIN would open at once.
    expect(world.pins.size).toBe(0);
    world.passTo(START - 31 * MINUTE_MS);
    expect(world.pins.size).toBe(0);
    world.passTo(START);
    expect([world.pins.size, world.schedules.size]).toEqual([1, 0]);
    expect(world.code('a')?.status).toBe('set');
    world.isClockStuck = false;
    world.worked();
    world.passTo(END - 1);
    world.passTo(END);
    expect(world.pins.size).toBe(0);
  });

  test('is set again when the zone changes its offset', () => {
    const world = new CoreWorld(SCHEDULING);
    const [startsAt, endsAt] = [Date.parse('2026-03-07T20:00:00Z'), Date.parse('2026-03-09T20:00:00Z')];
    world.desire(request('a', '1234', { startsAt, endsAt }));
    world.passTo(Date.parse('2026-03-08T06:59:59Z'));
    world.worked();
    world.passTo(Date.parse('2026-03-08T07:01:00Z'));
    expect(world.worked()).toEqual(['set_clock']);
  });

  test('that cannot be asked is set every day', () => {
    const world = preloaded();
    world.passTo(PRELOAD + 36 * HOUR_MS);
    world.nextOutcome = { kind: 'refused', reason: 'unsupported', message: 'no clock' };
    world.passTo(PRELOAD + 37 * HOUR_MS);
    world.worked();
    world.passTo(PRELOAD + 62 * HOUR_MS);
    expect(world.worked()).toEqual(['set_clock']);
  });
});

describe('an audit', () => {
  test('compares all slots for two frames where the lock has a checksum', () => {
    const world = new CoreWorld({ ...PLAIN, checksum: true });
    world.desire(request('a', '1234'), request('b', '4321'));
    world.work();
    world.worked();
    world.now += DAY_MS;
    audit(world);
    world.work();
    expect(world.worked()).toEqual(['compare_checksum']);
    expect(world.state.lock.audit).toMatchObject({ dueSince: null, doneAt: world.now, framesLeft: 58 });
    expect(world.state.slots[0]).toMatchObject({ proof: 'checksum', provenAt: world.now });
  });

  test('finds what nobody told of, and it is put right', () => {
    const world = new CoreWorld({ ...PLAIN, checksum: true });
    world.desire(request('a', '1234'), request('b', '4321'));
    world.work();
    world.told();
    world.worked();
    world.pins.set(2, '9999');
    world.now += DAY_MS;
    audit(world);
    world.work();
    const known = ['compare_checksum', 'read_slot 1', 'read_slot 2', 'set_pin 2'];
    // The difference may be somebody's code in a slot of which nobody has told us yet.
    expect(world.worked()).toEqual([...known, 'read_slot 3', 'read_slot 4', 'read_slot 5']);
    expect(world.told()).toContain('access_code.modified_external_to_seam b');
    expect(world.pins.get(2)).toBe('4321');
    expect(world.state.lock.audit.dueSince).toBeNull();
  });

  test('reads our slots one by one elsewhere, and not the others', () => {
    const world = new CoreWorld(PLAIN);
    world.pins.set(1, '7777');
    world.desire(request('a', '1234'), request('b', '4321'));
    world.work();
    world.worked();
    world.now += DAY_MS;
    audit(world);
    world.work();
    expect(world.worked()).toEqual(['read_slot 2', 'read_slot 3']);
  });

  test('keeps to its frames a day and goes on the next day', () => {
    const world = new CoreWorld({ ...SCHEDULING, lastSlot: 40 });
    const codes = Array.from({ length: 20 }, (_, index) => request(`c${index}`, String(1000 + index)));
    world.desire(...codes);
    world.work();
    world.worked();
    world.now += DAY_MS;
    audit(world);
    world.work();
    // Four frames a slot: its code and its schedule.
    expect(world.worked()).toHaveLength(15);
    expect(world.state.lock.audit.dueSince).not.toBeNull();
    world.passTo(world.now + DAY_MS);
    expect(world.worked()).toHaveLength(5);
    expect(world.state.lock.audit.dueSince).toBeNull();
  });

  test('waits for everything else', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.now += DAY_MS;
    audit(world);
    world.desire(request('a', '1234'), request('b', '4321'));
    const kinds = plan(world.state, POLICY, world.reading).operations.map(({ reason }) => reason);
    expect(kinds).not.toContain('audit');
  });

  test('is due when a lock comes back', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.worked();
    world.hear({ kind: 'offline' });
    world.now += HOUR_MS;
    world.pins.clear();
    world.hear({ kind: 'online' });
    world.work();
    expect(world.worked()).toEqual(['read_slot 1', 'set_pin 1']);
  });
});

describe('a code that is armed', () => {
  const ARMING = { ...PLAIN, disabledCodes: true };

  test('is on the lock three days early, disabled, and enabled at its lead', () => {
    const world = new CoreWorld(ARMING);
    world.desire(request('a', '1234', STAY));
    world.passTo(PRELOAD);
    expect(world.worked()).toEqual(['read_slot 1', 'set_pin 1']);
    expect(world.disabled.has(1)).toBe(true);
    expect(world.code('a')).toMatchObject({ status: 'unset', isScheduledOnDevice: false, slot: 1 });
    world.told();
    world.passTo(START - 30 * MINUTE_MS - 1);
    expect(world.worked()).toEqual([]);
    world.passTo(START - 30 * MINUTE_MS);
    expect(world.worked()).toEqual(['set_pin 1']);
    expect(world.disabled.size).toBe(0);
    expect(world.told().at(-1)).toBe('access_code.set_on_device a');
    world.passTo(END);
    expect(world.pins.size).toBe(0);
    expect(world.state.lock.repeatedWrites).toEqual([]);
  });

  test('comes off at once where the lock enables it, and none is armed there again', () => {
    const world = new CoreWorld(ARMING);
    world.refusesDisabled = true;
    world.desire(request('a', '1234', STAY), request('b', '4321', STAY));
    world.passTo(PRELOAD);
    expect(world.pins.size).toBe(0);
    expect(world.state.lock.armRefused).toBe(true);
    // Nobody was told that they were there, and they were not meant to be.
    expect(world.told()).not.toContain('access_code.removed_from_device a');
    expect(world.code('a')).toMatchObject({ everOnDevice: false, slot: null });
    world.worked();
    world.passTo(START - 31 * MINUTE_MS);
    expect(world.worked()).toEqual([]);
    world.passTo(START);
    expect(world.pins.size).toBe(2);
  });

  test('that is moved away while it is enabled is disabled before anything else', () => {
    const world = new CoreWorld(ARMING);
    world.desire(request('a', '1234', STAY));
    world.passTo(START);
    world.worked();
    world.desire(request('n', '9876'), request('a', '1234', { startsAt: START + 10 * HOUR_MS, endsAt: END }));
    const [first] = plan(world.state, POLICY, world.reading).operations;
    expect(first).toMatchObject({ priority: 'remove', operation: { kind: 'set_pin', enabled: false } });
    world.work();
    expect(world.disabled.has(1)).toBe(true);
  });

  test('with a strict start is enabled by the lock’s own measured time before it', () => {
    const world = new CoreWorld(ARMING);
    world.tookMs = 2500;
    world.desire(request('a', '1234', { ...STAY, strictStart: true }));
    world.passTo(START - 2501);
    expect(world.disabled.has(1)).toBe(true);
    world.passTo(START - 2500);
    expect(world.disabled.size).toBe(0);
  });
});
