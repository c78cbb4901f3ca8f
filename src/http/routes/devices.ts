import { z } from 'zod';
import { deviceSchema } from '../device-object.ts';
import { getDevice, getDeviceParameters } from '../devices/getting.ts';
import { deviceFilters, devicesOf } from '../devices/listing.ts';
import { removeDevice, removeDeviceParameters, removedDeviceSchema } from '../devices/remove.ts';
import { updateDevice, updateDeviceParameters } from '../devices/update.ts';
import { pageOf, pageParameters, paginationSchema } from '../paging.ts';
import { ApiProblem } from '../problem.ts';
import { route, type Route } from '../route.ts';

/** `/devices/*`. */
export const devices: readonly Route[] = [
  route({
    path: '/devices/list',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'The locks that this hub has met.',
    params: z.object({ ...pageParameters, ...deviceFilters }),
    answer: z.object({ devices: z.array(deviceSchema), pagination: paginationSchema }),
    act: (context, params) => {
      const page = pageOf(devicesOf(context, params), (device) => device.device_id, params);
      return page instanceof ApiProblem ? page : { devices: page.items, pagination: page.pagination };
    },
  }),
  route({
    path: '/devices/get',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'One lock, by its id or its name.',
    params: getDeviceParameters,
    answer: z.object({ device: deviceSchema }),
    act: (context, params) => {
      const device = getDevice(context, params);
      return device instanceof ApiProblem ? device : { device };
    },
  }),
  route({
    path: '/devices/update',
    verbs: ['PATCH', 'PUT', 'POST'],
    scope: 'write',
    summary: 'Names a lock, notes something about it, or switches its pool of backup codes.',
    params: updateDeviceParameters,
    answer: z.object({}),
    act: updateDevice,
  }),
  route({
    path: '/devices/delete',
    verbs: ['DELETE', 'POST'],
    scope: 'admin',
    summary: 'Takes a lock out of the radio network, or forgets one that is in none.',
    params: removeDeviceParameters,
    answer: removedDeviceSchema,
    act: removeDevice,
  }),
];
