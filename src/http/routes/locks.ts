import { z } from 'zod';
import { MINUTE_MS } from '../../core/time.ts';
import { actionAttemptOf, actionAttemptSchema } from '../action-attempts.ts';
import { takeCommand } from '../commands.ts';
import { deviceSchema } from '../device-object.ts';
import { getDevice, getDeviceParameters } from '../devices/getting.ts';
import { deviceFilters, devicesOf } from '../devices/listing.ts';
import type { Device } from '../device-object.ts';
import { ApiProblem, notFound } from '../problem.ts';
import { route, type Route } from '../route.ts';

/** Whoever asked has gone by then, so what has not begun is not to happen any more. */
const LIFETIME_MS = MINUTE_MS;

/** `/locks/*`: everything on this hub is a lock but a keypad. Older clients read it by that word. */
export const locks: readonly Route[] = [
  route({
    path: '/locks/list',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'The locks that this hub has met.',
    params: z.object(deviceFilters),
    answer: z.object({
      devices: z.array(deviceSchema),
      locks: z.array(deviceSchema).describe('The same once more.'),
    }),
    act: (context, params) => {
      const found = devicesOf(context, params).filter(isLock);
      return { devices: found, locks: found };
    },
  }),
  route({
    path: '/locks/get',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'One lock, by its id or its name.',
    params: getDeviceParameters,
    answer: z.object({ device: deviceSchema, lock: deviceSchema.describe('The same once more.') }),
    act: (context, params) => {
      const device = getDevice(context, params);
      return device instanceof ApiProblem ? device : { device, lock: device };
    },
  }),
  moving('/locks/lock_door', 'lock_door', 'Sends the bolt of a lock out, once.'),
  moving('/locks/unlock_door', 'unlock_door', 'Draws the bolt of a lock back, once.'),
];

/** The answer is there before the lock was asked; what comes of it is told by the action attempt. */
function moving(path: Route['path'], type: 'lock_door' | 'unlock_door', summary: string): Route {
  return route({
    path,
    verbs: ['POST'],
    scope: 'write',
    summary,
    params: z.object({ device_id: z.string() }),
    answer: z.object({ action_attempt: actionAttemptSchema }),
    act: (context, { device_id: deviceId }) => {
      if (context.store.lockState(deviceId)?.lock.model == null) return notFound('device');
      const command = takeCommand(context, { type, deviceId }, LIFETIME_MS);
      return { action_attempt: actionAttemptOf(command) };
    },
  });
}

function isLock({ capabilities_supported }: Device): boolean {
  return capabilities_supported.includes('access_code');
}
