import type { Address, SimulatedHouse } from '../http/simulation.ts';
import type { HouseControl, HouseLock } from './house.ts';

/** The house as the local API acts on it: by radio addresses, which are all that a hub knows of a lock's door. */
export function simulatedHouse(house: HouseControl): SimulatedHouse {
  const at = async (address: Address): Promise<HouseLock> => {
    const lock = (await house.locks()).find((other) => other.address === address);
    if (lock === undefined) throw new Error(`There is no lock with the address ${address} in the house.`);
    return lock;
  };
  return {
    typePin: async (address, digits) => house.typePin((await at(address)).id, digits),
    pressLock: async (address) => house.act((await at(address)).id, 'lock'),
    program: async (address, digits, slots) => {
      const { id, slots: rows } = await at(address);
      const used = new Set(rows.map(({ slot }) => slot));
      const free = slots.findLast((slot) => !used.has(slot));
      if (free === undefined) return null;
      return (await house.act(id, 'program', { slot: free, pin: digits })) ? free : null;
    },
    setReachable: async (address, isReachable) => {
      await house.act((await at(address)).id, 'fault', { kind: isReachable ? 'none' : 'unreachable' });
    },
    askToLeave: async (address) => {
      await house.act((await at(address)).id, 'leave');
    },
  };
}
