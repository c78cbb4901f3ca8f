import { describe, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, request, SCHEDULING } from '../support/core-world.ts';

const START = Date.parse('2026-03-10T15:00:00Z');
const END = Date.parse('2026-03-12T15:00:00Z');
const STAY = { startsAt: START, endsAt: END };

describe('an ongoing code', () => {
  test('goes on at once, into the lowest slot that was read and found empty', () => {
    const world = new CoreWorld(PLAIN);
    world.pins.set(1, '9999');
    world.desire(request('a', '0123'));
    world.work();
    expect(world.worked()).toEqual(['read_slot 1', 'read_slot 2', 'set_pin 2']);
    expect(world.pins).toEqual(
      new Map([
        [1, '9999'],
        [2, '0123'],
      ]),
    );
    expect(world.code('a')).toMatchObject({ status: 'set', slot: 2 });
    expect(world.told().slice(1)).toEqual([
      'access_code.created a',
      'access_code.changed a',
      expect.stringMatching(/^access_code\.unmanaged\.created /),
      'access_code.set_on_device a',
    ]);
    expect(world.state.lock.versionApplied).toBe(1);
  });

  test('with a later start waits for its lead and has no schedule', () => {
    const world = new CoreWorld(SCHEDULING);
    world.desire(request('a', '1234', { startsAt: START }));
    world.passTo(START - 30 * MINUTE_MS - 1);
    expect(world.pins.size).toBe(0);
    expect(world.code('a')?.status).toBe('unset');
    world.passTo(START - 30 * MINUTE_MS);
    expect([...world.pins.values()]).toEqual(['1234']);
    expect(world.schedules.size).toBe(0);
    expect(world.code('a')?.status).toBe('set');
  });

  test('that is gone from the document leaves the lock, and its slot comes free only then', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.told();
    world.desire();
    expect(world.code('a')).toMatchObject({ status: 'removing', slot: 1 });
    expect(world.state.lock.versionApplied).toBe(1);
    world.work();
    expect(world.pins.size).toBe(0);
    expect(world.code('a')).toBeUndefined();
    expect(world.state.slots.every((row) => row.owner === null)).toBe(true);
    expect(world.told()).toEqual([
      'access_code.changed a',
      'access_code.removed_from_device a',
      'access_code.deleted a',
    ]);
    expect(world.state.lock.versionApplied).toBe(2);
  });
});

describe('a just-in-time code', () => {
  test('is on the lock from its lead to its end', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', STAY));
    world.passTo(START - 31 * MINUTE_MS);
    expect(world.pins.size).toBe(0);
    world.passTo(START - 30 * MINUTE_MS);
    expect([...world.pins.values()]).toEqual(['1234']);
    world.passTo(END - 1);
    expect(world.pins.size).toBe(1);
    world.passTo(END);
    expect(world.pins.size).toBe(0);
    expect(world.code('a')).toBeUndefined();
  });

  test('that never was on the lock is deleted without a removal', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', STAY));
    world.told();
    world.desire();
    expect(world.told()).toEqual(['access_code.deleted a']);
    expect(world.worked()).toEqual([]);
  });

  test('moved beyond its lead comes off again and waits', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', STAY));
    world.passTo(START);
    world.desire(request('a', '1234', { startsAt: START + 48 * HOUR_MS, endsAt: END + 48 * HOUR_MS }));
    world.work();
    expect(world.pins.size).toBe(0);
    expect(world.code('a')).toMatchObject({ status: 'unset', slot: null });
    world.passTo(START + 48 * HOUR_MS);
    expect(world.code('a')?.status).toBe('set');
  });

  test('is the answer too where the request does not want native scheduling', () => {
    const world = new CoreWorld(SCHEDULING);
    world.desire(request('a', '1234', { ...STAY, preferNativeScheduling: false }));
    world.passTo(START - HOUR_MS);
    expect(world.pins.size).toBe(0);
    world.passTo(START);
    expect(world.pins.size).toBe(1);
    expect(world.schedules.size).toBe(0);
  });
});

describe('a native code', () => {
  test('is preloaded 72 hours ahead: clock, then schedule, then PIN; it is set only at its start', () => {
    const world = new CoreWorld(SCHEDULING);
    world.desire(request('a', '1234', STAY));
    world.passTo(START - 72 * HOUR_MS - 1);
    expect(world.worked()).toEqual([]);
    world.told();
    world.passTo(START - 72 * HOUR_MS);
    expect(world.worked()).toEqual(['read_slot 1', 'set_clock', 'set_schedule 1', 'set_pin 1']);
    // 15:00Z is 11:00 in New York after 8 March 2026, when its clocks go forward.
    expect(world.schedules.get(1)).toEqual({ start: '2026-03-10T11:00', stop: '2026-03-12T11:00' });
    expect(world.code('a')).toMatchObject({ status: 'unset', isScheduledOnDevice: true });
    expect(world.told()).toEqual(['access_code.scheduled_on_device a']);
    world.passTo(START);
    expect(world.code('a')?.status).toBe('set');
    expect(world.told()).toEqual(['access_code.set_on_device a']);
    world.passTo(END);
    expect(world.pins.size + world.schedules.size).toBe(0);
  });

  test('is extended in place, on the schedule of the lock', () => {
    const world = new CoreWorld(SCHEDULING);
    world.desire(request('a', '1234', STAY));
    world.passTo(START + HOUR_MS);
    world.worked();
    world.desire(request('a', '1234', { startsAt: START, endsAt: END + 24 * HOUR_MS }));
    world.work();
    expect(world.worked()).toEqual(['set_schedule 1']);
    expect(world.schedules.get(1)).toMatchObject({ stop: '2026-03-13T11:00' });
    world.passTo(END + HOUR_MS);
    expect(world.pins.size).toBe(1);
  });

  test('becomes ongoing by losing its schedule, and time-bound again by getting one', () => {
    const world = new CoreWorld(SCHEDULING);
    world.desire(request('a', '1234', STAY));
    world.passTo(START);
    world.worked();
    world.desire(request('a', '1234'));
    world.work();
    expect(world.worked()).toEqual(['clear_schedule 1']);
    world.desire(request('a', '1234', STAY));
    world.work();
    expect(world.worked()).toEqual(['set_schedule 1']);
  });

  test('falls back to just in time on a lock that refuses schedules', () => {
    const world = new CoreWorld(SCHEDULING);
    world.desire(request('a', '1234', STAY));
    world.now = START - 71 * HOUR_MS;
    world.step();
    world.step();
    world.nextOutcome = { kind: 'refused', reason: 'unsupported', message: 'no schedules' };
    world.work();
    expect(world.pins.size).toBe(0);
    world.passTo(START - 30 * MINUTE_MS);
    expect(world.pins.size).toBe(1);
    expect(world.code('a')?.status).toBe('set');
  });
});

describe('a change of PIN', () => {
  test('is one write over the old one', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.worked();
    world.desire(request('a', '4321'));
    expect(world.code('a')?.status).toBe('setting');
    world.work();
    expect(world.worked()).toEqual(['set_pin 1']);
    expect(world.pins.get(1)).toBe('4321');
    expect(world.code('a')?.status).toBe('set');
  });

  test('clears a masking lock first, because it would not show a refused write', () => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    world.desire(request('a', '1234'));
    world.work();
    expect(world.code('a')?.status).toBe('set');
    world.worked();
    world.desire(request('a', '4321'));
    world.work();
    expect(world.worked()).toEqual(['clear_slot 1', 'set_pin 1']);
  });

  test('that swaps two codes ends with both, though neither can go first', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1111'), request('b', '2222'));
    world.work();
    world.desire(request('a', '2222'), request('b', '1111'));
    world.work();
    expect(world.pins).toEqual(
      new Map([
        [1, '2222'],
        [2, '1111'],
      ]),
    );
    expect(world.code('a')?.errors).toEqual([]);
  });
});

test('what must go from a lock goes before anything new', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('old', '1234', STAY));
  world.passTo(START);
  world.now = END;
  world.desire(request('old', '1234', STAY), request('new', '5678'));
  world.worked();
  world.work();
  expect(world.worked()[0]).toBe('clear_slot 1');
});
