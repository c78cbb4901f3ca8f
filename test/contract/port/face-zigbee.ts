import { vi } from 'vitest';
import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import type { ZigbeeModelName } from '../../../drivers/sim/zigbee/model.ts';
import { createZigbeeDriver } from '../../../drivers/zigbee/driver.ts';
import { makeNetworkKeys } from '../../../drivers/zigbee/keys.ts';
import type { LockDriver } from '../../../src/lock-driver.ts';
import { MemoryRadioStorage } from '../memory-radio-storage.ts';
import { startZigbeeHouse } from '../zigbee-rig.ts';
import { Cable } from './cable.ts';
import { ZONE, type Face } from './face.ts';
import { comeIn } from './join.ts';
import { deviceIdOf } from './rig.ts';

const ANSWER_MS = 1500;
const TIME_ASKED_MS = 20_000;

/** The Zigbee driver in front of a house with a lock of each of these profiles. */
export async function zigbeeFace(models: readonly ZigbeeModelName[]): Promise<Face> {
  const house = await startZigbeeHouse(models);
  const { locks } = house;
  const cable = await Cable.to(house.zigbee ?? '');
  const storage = new MemoryRadioStorage();
  const keys = makeNetworkKeys();
  return {
    locks,
    pace: 1,
    takesDeadline: true,
    driver: (options) =>
      createZigbeeDriver({
        ...options,
        port: cable.url,
        adapter: 'zstack',
        storage,
        keys,
        zone: ZONE,
        answerTimes: { questionMs: ANSWER_MS, writeMs: ANSWER_MS },
      }),
    gather: async (driver: LockDriver) => {
      const strangers = locks.filter(({ membership }) => !membership.joined);
      for (const lock of strangers) await comeIn(driver, lock);
      // A lock asks for the time a moment after it came in; until then a hub does not know whether it has it.
      const hasAsked = async (lock: SimLock): Promise<boolean> =>
        (await driver.execute(deviceIdOf(lock), { kind: 'set_clock' })).kind !== 'unknown';
      for (const lock of strangers) await vi.waitUntil(() => hasAsked(lock), { timeout: TIME_ASKED_MS });
    },
    unplug: () => cable.unplug(),
    plug: () => cable.plug(),
    stop: async () => {
      cable.unplug();
      await house.stop();
    },
  };
}
