import type { Controller, Models } from 'zigbee-herdsman';
import { Device, InterviewState } from 'zigbee-herdsman/dist/controller/model/device.js';
import type { RadioStorage } from '../../src/lock-driver.ts';
import { answerOfError } from './answer.ts';
import { knownFindings, lockEndpointOf } from './profile.ts';

/** Short address of a device that has none (Zigbee specification). */
const NO_ADDRESS = 0xfffe;

/**
 * Makes the library know locks again that it has lost: the stick still has their keys, and they are still in its network.
 * Where a lock is now is asked for; its parent answers while it sleeps. Until then anything it says tells it as well.
 */
export function recall(controller: Controller, addresses: readonly string[]): void {
  for (const ieee of addresses) {
    if (controller.getDeviceByIeeeAddr(ieee) !== undefined) continue;
    const nothing = [undefined, undefined, undefined, undefined] as const;
    Device.create('EndDevice', ieee, NO_ADDRESS, ...nothing, InterviewState.Pending, undefined);
  }
}

/** Whether nobody knows where on the network the device is. */
export function isAstray(device: Models.Device): boolean {
  return device.networkAddress === NO_ADDRESS;
}

/** Asks for the short address of a device; the library takes the answer as an event. */
export async function seek(device: Models.Device): Promise<void> {
  await device.requestNetworkAddress().catch((error: unknown) => answerOfError(error));
}

/** Who answered only in part looks like something else: its end points have no clusters, and its make no name. */
export function isInterviewed(device: Models.Device, storage: RadioStorage): boolean {
  if (device.interviewState === InterviewState.Successful) return true;
  return lockEndpointOf(device) !== undefined && knownFindings(device.ieeeAddr, storage) !== undefined;
}
