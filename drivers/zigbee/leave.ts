import type { Models } from 'zigbee-herdsman';
import { answerOfError } from './answer.ts';
import { within } from './within.ts';

/** Longest a device may take to leave once it is told so. */
const LEAVE_MS = 15_000;

/** Sends a device out of the network. One that does not answer is only forgotten: it can't come back without being let in. */
export async function sendAway(device: Models.Device): Promise<void> {
  try {
    await within(device.removeFromNetwork(), LEAVE_MS);
  } catch (error) {
    answerOfError(error);
  }
  if (!device.isDeleted) device.removeFromDatabase();
}
