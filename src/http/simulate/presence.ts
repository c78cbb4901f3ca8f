import { MINUTE_MS } from '../../core/time.ts';
import { takeCommand } from '../commands.ts';
import { ApiProblem } from '../problem.ts';
import type { ApiParts } from '../route.ts';
import { lockInHouse } from './lock-in-house.ts';

/** What the hub is to find out begins by then. */
const LIFETIME_MS = MINUTE_MS;

/** `/devices/simulate/connect` and `/disconnect`: the hub looks at once whether the lock is there. */
export async function simulateConnection(
  context: ApiParts,
  deviceId: string,
  isReachable: boolean,
): Promise<Record<string, never> | ApiProblem> {
  const found = lockInHouse(context, deviceId);
  if (found instanceof ApiProblem) return found;
  await found.house.setReachable(found.address, isReachable);
  takeCommand(context, { type: 'ping', deviceId }, LIFETIME_MS);
  return {};
}

/** `/devices/simulate/remove`: a lock leaves by what its keypad is told, while the hub lets one out. */
export async function simulateRemoval(
  context: ApiParts,
  deviceId: string,
): Promise<Record<string, never> | ApiProblem> {
  const found = lockInHouse(context, deviceId);
  if (found instanceof ApiProblem) return found;
  await found.house.askToLeave(found.address);
  takeCommand(context, { type: 'remove_device', deviceId }, LIFETIME_MS);
  return {};
}
