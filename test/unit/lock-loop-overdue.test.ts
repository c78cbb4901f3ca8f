import { expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { request } from '../support/core-world.ts';
import { loopWorld } from '../support/loop-world.ts';

test('a lock that is left alone for hours is never late, and neither is one whose radio is slow', async () => {
  const hub = await loopWorld();
  hub.execute = async (operation) => {
    await hub.time.sleep(30 * SECOND_MS);
    return hub.lock(operation);
  };
  hub.desire(request('a', '1234'), request('b', '5678'));
  for (let minutes = 0; minutes < 180; minutes += 1) {
    await hub.pass(MINUTE_MS);
    expect(hub.reconciler.overdue()).toEqual([]);
  }
  expect(hub.pins.size).toBe(2);
});

test('a lock whose wall clock steps by hours is not late', async () => {
  const hub = await loopWorld();
  for (const offsetMs of [5 * HOUR_MS, -5 * HOUR_MS, 0]) {
    hub.clock.offsetMs = offsetMs;
    await hub.pass(10 * MINUTE_MS);
    expect(hub.reconciler.overdue()).toEqual([]);
  }
});

test('a loop whose timer is lost is late once it should have gone on, and not before', async () => {
  const hub = await loopWorld();
  // Timers that never end, as on an event loop that lost them.
  hub.clock.sleepFor = () => new Promise(() => {});
  hub.clock.sleepUntil = () => new Promise(() => {});
  hub.reconciler.wake('lock');
  await hub.pass(10 * MINUTE_MS);
  expect(hub.reconciler.overdue()).toEqual([]);
  await hub.pass(2 * HOUR_MS);
  expect(hub.reconciler.overdue()).toEqual(['lock']);
});

test('work that never ends makes its lock late', async () => {
  const hub = await loopWorld();
  hub.execute = () => new Promise(() => {});
  hub.clock.sleepFor = () => new Promise(() => {});
  hub.desire(request('a', '1234'));
  await hub.pass(30 * SECOND_MS);
  expect(hub.reconciler.overdue()).toEqual([]);
  await hub.pass(MINUTE_MS);
  expect(hub.reconciler.overdue()).toEqual(['lock']);
});
