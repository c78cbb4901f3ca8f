import { expect, test } from 'vitest';
import { restored } from '../../src/core/observe/restored.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { CloudWait } from '../../src/reconcile/cloud-wait.ts';
import { request } from '../support/core-world.ts';
import { loopWorld } from '../support/loop-world.ts';

/** A hub that was restored from a backup with a code, which was taken off its lock since. */
async function restoredHub({ hasCloud = true, isOnline = false } = {}) {
  const hub = await loopWorld();
  hub.desire(request('a', '1234'));
  await hub.pass(MINUTE_MS);
  expect([...hub.pins.values()]).toEqual(['1234']);
  hub.pins.clear();
  const state = hub.store.lockState('lock');
  if (state === undefined) throw new Error('The lock is gone.');
  hub.store.commit(state, restored(state, hub.time.now), []);
  const wait = new CloudWait({ store: hub.store, clock: hub.clock, hasCloud });
  hub.mayWrite = () => wait.isOver();
  wait.start(
    () => isOnline,
    () => hub.reconciler.wake('lock'),
  );
  hub.reconciler.wake('lock');
  return { hub, wait };
}

test('without its cloud a restored hub waits for two minutes, and puts its codes on then', async () => {
  const { hub, wait } = await restoredHub();
  await hub.pass(110 * SECOND_MS);
  expect([...hub.pins.values()]).toEqual([]);
  await hub.pass(30 * SECOND_MS);
  expect([...hub.pins.values()]).toEqual(['1234']);
  await wait.stop();
});

test('with its cloud it waits until that has spoken', async () => {
  const { hub, wait } = await restoredHub({ isOnline: true });
  await hub.pass(8 * SECOND_MS);
  expect([...hub.pins.values()]).toEqual([]);
  await hub.pass(20 * SECOND_MS);
  expect([...hub.pins.values()]).toEqual(['1234']);
  await wait.stop();
});

test('a hub that has no cloud has nobody to wait for', async () => {
  const { hub, wait } = await restoredHub({ hasCloud: false });
  await hub.pass(10 * SECOND_MS);
  expect([...hub.pins.values()]).toEqual(['1234']);
  await wait.stop();
});

test('a hub that was not restored waits for nobody', async () => {
  const { store, clock } = await loopWorld();
  expect(new CloudWait({ store, clock, hasCloud: true }).isOver()).toBe(true);
});
