import { z } from 'zod';
import { deviceOf, type Device } from '../device-object.ts';
import { invalidInput, notFound, type ApiProblem } from '../problem.ts';
import type { ApiParts } from '../route.ts';
import { devicesOf } from './listing.ts';

export const getDeviceParameters = z.object({
  device_id: z.string().nullish(),
  name: z.string().nullish(),
});

/** One lock, by its id or what it is called. */
export function getDevice(
  parts: ApiParts,
  { device_id, name }: z.output<typeof getDeviceParameters>,
): Device | ApiProblem {
  if ((device_id == null) === (name == null)) return invalidInput('Either device_id or name is needed.');
  const device =
    device_id == null
      ? devicesOf(parts).find((other) => other.display_name === name)
      : deviceOf(device_id, parts);
  return device ?? notFound('device');
}
