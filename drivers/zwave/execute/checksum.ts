import { UserIDStatus } from '@zwave-js/cc';
import { CRC16_CCITT } from '@zwave-js/core';
import { Bytes } from '@zwave-js/shared';
import type { HeldPin, Outcome } from '../../../src/core/operation.ts';
import type { ZwaveLock } from '../lock.ts';
import { noAnswer } from '../outcome.ts';
import { ask } from './ask.ts';

/** Asks for the checksum over all user codes, by radio, and compares it with that of what should be there. */
export async function compareChecksum({ node }: ZwaveLock, held: readonly HeldPin[]): Promise<Outcome> {
  const shown = await ask(() => node.commandClasses['User Code'].getUserCodeChecksum());
  if (shown === undefined) return noAnswer;
  return { kind: 'done', proof: 'checksum', matches: shown === userCodeChecksum(held) };
}

/**
 * The User Code Checksum of User Code CC version 2: CRC-16/AUG-CCITT over (slot as 16 bits, status, digits in ASCII) of
 * the occupied slots in ascending order, 0 when there are none (Z-Wave specification CC:0063.02.12.11.001 to .006; the
 * admin code does not count). Slots in other statuses, such as passage mode, never match: they are not ours.
 */
export function userCodeChecksum(held: readonly HeldPin[]): number {
  if (held.length === 0) return 0;
  const parts = held.flatMap(({ slot, pin, enabled }) => [
    Bytes.from([slot >> 8, slot & 0xff, enabled ? UserIDStatus.Enabled : UserIDStatus.Disabled]),
    Bytes.from(pin.reveal(), 'ascii'),
  ]);
  return CRC16_CCITT(Bytes.concat(parts));
}
