import { ZIGBEE_MODEL_NAMES } from '../../../drivers/sim/zigbee/model.ts';
import { createZigbeeDriver } from '../../../drivers/zigbee/driver.ts';
import { makeNetworkKeys } from '../../../drivers/zigbee/keys.ts';
import type { LockDriver } from '../../../src/lock-driver.ts';
import { MemoryRadioStorage } from '../memory-radio-storage.ts';
import { startZigbeeHouse } from '../zigbee-rig.ts';
import { Cable } from './cable.ts';
import { ZONE, type Face } from './face.ts';
import { comeIn } from './join.ts';

const ANSWER_MS = 1500;

/** The Zigbee driver in front of a house with a lock of each profile. */
export async function zigbeeFace(): Promise<Face> {
  const house = await startZigbeeHouse(ZIGBEE_MODEL_NAMES);
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
      for (const lock of locks) if (!lock.membership.joined) await comeIn(driver, lock);
    },
    unplug: () => cable.unplug(),
    plug: () => cable.plug(),
    stop: async () => {
      cable.unplug();
      await house.stop();
    },
  };
}
