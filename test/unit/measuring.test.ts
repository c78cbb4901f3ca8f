import { describe, expect, onTestFinished, test } from 'vitest';
import { SystemClock } from '../../src/clock.ts';
import { isMeasurementDue, measured, MEASURED_EVERY_MS } from '../../src/core/measured.ts';
import { createLog } from '../../src/log.ts';
import { startMeasuring } from '../../src/measuring.ts';
import { CoreWorld, PLAIN, request } from '../support/core-world.ts';
import { hubPlace } from './store-fixture.ts';

const LINK = { lastHeardAt: 0, rssiDbm: -70, linkQuality: null, roundTripMs: 40, frames: null };
const { lock } = new CoreWorld(PLAIN).state;
const online = { ...lock, online: true, batteryLevel: 0.8 };

describe('a lock is measured', () => {
  const last = { at: 1000, batteryLevel: 0.8, rssiDbm: -60, roundTripMs: 30 };

  test('at first, when its battery changes, and after some hours', () => {
    expect(isMeasurementDue(online, undefined, 5000)).toBe(true);
    expect(isMeasurementDue(online, last, 5000)).toBe(false);
    expect(isMeasurementDue({ ...online, batteryLevel: 0.7 }, last, 5000)).toBe(true);
    expect(isMeasurementDue(online, last, last.at + MEASURED_EVERY_MS)).toBe(true);
    // The clock was put back.
    expect(isMeasurementDue(online, last, last.at - MEASURED_EVERY_MS)).toBe(true);
  });

  test('never while it is not heard', () => {
    expect(isMeasurementDue({ ...online, online: false }, undefined, 1)).toBe(false);
  });

  test('as far as anybody knows something of it', () => {
    expect(measured(online, LINK, 5)).toEqual({ at: 5, batteryLevel: 0.8, rssiDbm: -70, roundTripMs: 40 });
    expect(measured(online, null, 5)).toEqual({ at: 5, batteryLevel: 0.8, rssiDbm: null, roundTripMs: null });
    expect(measured({ ...online, batteryLevel: null }, null, 5)).toBeNull();
  });
});

const at = (time: number) => ({ at: time, batteryLevel: 0.5, rssiDbm: null, roundTripMs: null });

describe('the store', () => {
  test('keeps the newest measurements of each lock, over a restart', () => {
    const place = hubPlace();
    const store = place.open({ bounds: { measurementsPerLockMax: 3 } });
    for (const time of [1, 2, 3, 4, 5]) store.history.measure('a', at(time));
    store.history.measure('b', at(1));
    store.close();
    const { history } = place.open();
    expect(history.measurements('a')).toEqual([3, 4, 5].map(at));
    expect(history.lastMeasured('a')).toEqual(at(5));
    expect(history.measurements('b')).toEqual([at(1)]);
    expect(history.lastMeasured('c')).toBeUndefined();
  });

  test('forgets what lies ahead of a clock that was put back, and a lock with all of its own', () => {
    const store = hubPlace().open();
    const world = new CoreWorld(PLAIN, 'a');
    store.commit(undefined, world.state, []);
    for (const time of [10, 20, 30]) store.history.measure('a', at(time));
    store.history.measure('a', at(15));
    expect(store.history.measurements('a')).toEqual([10, 15].map(at));
    store.forget('a');
    expect(store.history.measurements('a')).toEqual([]);
  });

  test('tells the newest operations of one lock, and what was known of deleted codes', () => {
    const store = hubPlace().open();
    store.transaction(() => {
      const first = store.begin('a', { kind: 'read_slot', slot: 3 }, null, 10);
      store.settled(first, 'done', 12);
      store.begin('b', { kind: 'read_clock' }, null, 11);
      store.begin('a', { kind: 'clear_slot', slot: 3 }, 'code', 20);
    });
    expect(store.history.operations('a', 10)).toEqual([
      {
        operationId: 3,
        kind: 'clear_slot',
        slot: 3,
        accessCodeId: 'code',
        begunAt: 20,
        outcome: null,
        settledAt: null,
      },
      {
        operationId: 1,
        kind: 'read_slot',
        slot: 3,
        accessCodeId: null,
        begunAt: 10,
        outcome: 'done',
        settledAt: 12,
      },
    ]);
    expect(store.history.operations('a', 1)).toHaveLength(1);
    const world = new CoreWorld(PLAIN, 'a');
    store.commit(undefined, world.state, []);
    const [before, start] = [world.state, world.now];
    world.desire(request('guest', '1234', { name: 'Ada', endsAt: start + 100_000, startsAt: start }));
    world.work();
    store.commit(before, world.state, world.events.splice(0));
    world.passTo(start + 60_000);
    const held = store.lockState('a');
    world.desire();
    world.work();
    store.commit(held, world.state, world.events);
    expect(store.history.formerCode('a', 'guest')).toEqual({
      name: 'Ada',
      startsAt: start,
      endsAt: start + 100_000,
      createdAt: start,
      deletedAt: world.now,
    });
    expect(store.history.tenures('a', start, world.now, 10)).toMatchObject([
      { slot: 1, accessCodeId: 'guest', isManaged: true },
    ]);
    expect(store.history.tenures('a', start - 10, start, 10)).toEqual([]);
    expect(store.history.formerCode('a', 'nobody')).toBeUndefined();
  });
});

test('batteries are followed without a row for every event', async () => {
  const store = hubPlace().open();
  const world = new CoreWorld(PLAIN, 'a');
  const commit = (): void => {
    store.commit(store.lockState('a'), world.state, []);
  };
  commit();
  const clock = new SystemClock();
  const log = createLog('error', { write: (line) => expect.unreachable(line) });
  const measuring = startMeasuring({
    store,
    clock,
    log,
    networks: () => [{ network: null }],
    hasRoom: () => true,
  });
  onTestFinished(() => measuring.stop());
  const levels = () => store.history.measurements('a').map(({ batteryLevel }) => batteryLevel);
  world.hear({ kind: 'battery', level: 0.9, low: false });
  commit();
  for (let count = 0; count < 50; count += 1) {
    world.hear({ kind: 'unlocked', method: 'manual', slot: null });
    world.hear({ kind: 'locked', method: 'manual', slot: null });
    commit();
  }
  world.hear({ kind: 'battery', level: 0.8, low: false });
  commit();
  expect(levels().slice(-2)).toEqual([0.9, 0.8]);
  expect(levels().length).toBeLessThanOrEqual(3);
});
