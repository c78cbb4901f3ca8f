import { z } from 'zod';
import { deviceOf, deviceSchema, type Device } from '../device-object.ts';
import { pageOf, pageParameters, paginationSchema } from '../paging.ts';
import { ApiProblem, invalidInput, notFound } from '../problem.ts';
import { route, type ApiParts, type Route } from '../route.ts';

const IDS_MAX = 1000;
const idList = z.array(z.string()).max(IDS_MAX).optional();

const listParameters = z.object({
  ...pageParameters,
  device_ids: idList,
  device_type: z.string().optional(),
  device_types: z.array(z.string()).max(IDS_MAX).optional(),
  manufacturer: z.string().optional(),
  connected_account_id: z.string().optional(),
  connected_account_ids: idList,
  search: z.string().optional().describe('Part of a name or an id.'),
});

const getParameters = z.object({
  device_id: z.string().optional(),
  name: z.string().optional(),
});

/** `/devices/*`. */
export const devices: readonly Route[] = [
  route({
    path: '/devices/list',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'The locks that this hub has met.',
    params: listParameters,
    answer: z.object({ devices: z.array(deviceSchema), pagination: paginationSchema }),
    act: (context, params) => {
      const found = allDevices(context).filter((device) => isWanted(device, params));
      const page = pageOf(found, (device) => device.device_id, params);
      return page instanceof ApiProblem ? page : { devices: page.items, pagination: page.pagination };
    },
  }),
  route({
    path: '/devices/get',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'One lock, by its id or its name.',
    params: getParameters,
    answer: z.object({ device: deviceSchema }),
    act: (context, { device_id, name }) => {
      if ((device_id === undefined) === (name === undefined)) {
        return invalidInput('Either device_id or name is needed.');
      }
      const device =
        device_id === undefined
          ? allDevices(context).find((other) => other.properties.name === name)
          : deviceOf(device_id, context);
      return device === undefined ? notFound('device') : { device };
    },
  }),
];

/** In ascending order of their ids. */
function allDevices(parts: ApiParts): readonly Device[] {
  return parts.store.deviceIds().flatMap((deviceId) => deviceOf(deviceId, parts) ?? []);
}

function isWanted(device: Device, params: z.output<typeof listParameters>): boolean {
  const { device_id, device_type, connected_account_id, display_name, properties } = device;
  const accounts = params.connected_account_ids ?? [params.connected_account_id ?? connected_account_id];
  const search = params.search?.toLowerCase() ?? '';
  return (
    (params.device_ids?.includes(device_id) ?? true) &&
    (params.device_types?.includes(device_type) ?? true) &&
    (params.device_type ?? device_type) === device_type &&
    (params.manufacturer ?? properties.manufacturer) === properties.manufacturer &&
    accounts.includes(connected_account_id) &&
    [device_id, display_name].some((text) => text.toLowerCase().includes(search))
  );
}
