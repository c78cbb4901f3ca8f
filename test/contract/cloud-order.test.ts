import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { seededRandom } from '../../drivers/sim/random.ts';
import { SystemClock } from '../../src/clock.ts';
import { LossyInternet } from '../support/lossy-internet.ts';
import { interviewed, openHubStore, Scene, startHub, startMosquitto, until } from './cloud-rig.ts';
import { LossCloud } from './loss-cloud.ts';

const ROUNDS = 60;
/** Reports of one lock that may be on their way to the cloud together. */
const BURST = 4;
const BETWEEN_MS = 2;

test('a connection that holds and shuffles leaves no old report standing', async () => {
  const scene = new Scene();
  onTestFinished(() => scene.end());
  const broker = await startMosquitto(scene);
  const shuffling = { loss: 0, doubling: 0.3, windowMessages: 50, cutAfterMessages: Infinity };
  const internet = await LossyInternet.to(broker.port, shuffling, seededRandom(2));
  scene.atEnd(() => internet.close());
  const store = openHubStore(scene.dir);
  const deviceId = randomUUID();
  store.commit(undefined, interviewed(deviceId), []);
  startHub(scene, { url: broker.url, store });
  const cloud = new LossCloud('hub-1', internet.url, 5, new SystemClock());
  scene.atEnd(() => cloud.stop());
  await until('the lock is reported', () => cloud.hub.sink.ledger.report(deviceId));
  for (let round = 1; round <= ROUNDS; round += 1) {
    let batteryLevel = 0;
    for (let step = 1; step <= BURST; step += 1) {
      const state = store.lockState(deviceId);
      if (state === undefined) throw new Error('no such lock');
      batteryLevel = (round * BURST + step) / 1000;
      store.commit(state, { ...state, lock: { ...state.lock, batteryLevel } }, []);
      await sleep(BETWEEN_MS);
    }
    // What waited together arrives together, so nothing from before the first of two events is behind the second.
    for (const events of [2 * round - 1, 2 * round]) {
      store.append([{ event_type: 'lock.unlocked', occurredAt: 0, device_id: deviceId, details: {} }]);
      await until('the event arrives', () => cloud.events.length === events);
    }
    expect(cloud.hub.sink.ledger.report(deviceId)?.device.battery_level).toBe(batteryLevel);
  }
  expect(internet.toll.overtaken).toBeGreaterThan(ROUNDS / 2);
  expect(cloud.violations).toEqual([]);
});
