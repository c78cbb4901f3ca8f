import { startHouse } from '../../../drivers/sim/house.ts';
import { createZwaveDriver } from '../../../drivers/zwave/driver.ts';
import { MemoryRadioStorage } from '../memory-radio-storage.ts';
import { keysOf } from '../zwave-rig.ts';
import { Cable } from './cable.ts';
import { ZONE, type Face } from './face.ts';

/** The Z-Wave driver in front of a house with a lock of each model. */
export async function zwaveFace(): Promise<Face> {
  process.env['TZ'] = ZONE;
  const house = await startHouse({ seed: 1 });
  const cable = await Cable.to(house.zwave);
  const storage = new MemoryRadioStorage();
  return {
    locks: house.locks,
    pace: 1,
    takesDeadline: true,
    driver: (options) =>
      createZwaveDriver({
        ...options,
        port: cable.url,
        storage,
        securityKeys: keysOf(house),
        testingHooks: { skipFirmwareIdentification: true },
      }),
    gather: () => Promise.resolve(),
    unplug: () => cable.unplug(),
    plug: () => cable.plug(),
    stop: async () => {
      cable.unplug();
      await house.stop();
    },
  };
}
