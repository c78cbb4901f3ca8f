import { z } from 'zod';
import { deviceSchema } from '../device-object.ts';
import { getDeviceParameters } from '../devices/getting.ts';
import { deviceFilters } from '../devices/listing.ts';
import { updateDeviceParameters } from '../devices/update.ts';
import { pageOf, pageParameters, paginationSchema } from '../paging.ts';
import { ApiProblem, invalidInput } from '../problem.ts';
import { route, type Route } from '../route.ts';

const NO_SUCH_DEVICE = new ApiProblem(
  404,
  'device_not_found',
  'There is no such unmanaged device: this hub manages every lock that it has met.',
);

const unmanagedSchema = deviceSchema.extend({ is_managed: z.literal(false) }).meta({
  id: 'UnmanagedDevice',
  description: 'There is never one: a hub manages every lock that it has met.',
});

/** `/devices/unmanaged/*`, for clients that ask. */
export const unmanagedDevices: readonly Route[] = [
  route({
    path: '/devices/unmanaged/get',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'There is no lock that the hub has met and does not manage.',
    params: getDeviceParameters,
    answer: z.object({ device: unmanagedSchema }),
    act: (_context, { device_id, name }) =>
      (device_id == null) === (name == null)
        ? invalidInput('Either device_id or name is needed.')
        : NO_SUCH_DEVICE,
  }),
  route({
    path: '/devices/unmanaged/list',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'Always empty: the hub manages every lock that it has met.',
    params: z.object({ ...pageParameters, ...deviceFilters }),
    answer: z.object({ devices: z.array(unmanagedSchema), pagination: paginationSchema }),
    act: (_context, params) => {
      const page = pageOf<z.infer<typeof unmanagedSchema>>([], (device) => device.device_id, params);
      return page instanceof ApiProblem ? page : { devices: page.items, pagination: page.pagination };
    },
  }),
  route({
    path: '/devices/unmanaged/update',
    verbs: ['PATCH', 'POST'],
    scope: 'write',
    summary: 'There is no lock that the hub has met and does not manage.',
    params: updateDeviceParameters.pick({ device_id: true, custom_metadata: true, is_managed: true }),
    answer: z.object({}),
    act: () => NO_SUCH_DEVICE,
  }),
];
