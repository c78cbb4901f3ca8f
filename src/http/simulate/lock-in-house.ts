import type { LockState } from '../../core/lock.ts';
import { ApiProblem, notFound } from '../problem.ts';
import type { ApiParts } from '../route.ts';
import type { Address, SimulatedHouse } from '../simulation.ts';

/** A lock as the hub knows it, and the way to it in the simulated house. */
interface LockInHouse {
  readonly state: LockState;
  readonly address: Address;
  readonly house: SimulatedHouse;
}

/** Finds a lock in the simulated house; a problem for one that is not there, or has left its network, and for a keypad. */
export function lockInHouse({ store, simulation }: ApiParts, deviceId: string): LockInHouse | ApiProblem {
  if (simulation === null) throw new Error('a route of the simulation was served without one');
  const state = store.lockState(deviceId);
  if (state === undefined || state.lock.model === null) return notFound('device');
  const { address, capabilities } = state.lock;
  if (capabilities?.isKeypad === true) return NO_LOCK;
  return address === null ? REMOVED : { state, address, house: simulation.house };
}

const NO_LOCK = new ApiProblem(400, 'device_not_a_lock', 'That is a keypad, at which nothing is simulated.');
const REMOVED = new ApiProblem(400, 'device_removed', 'The lock is no longer in the radio network.');
