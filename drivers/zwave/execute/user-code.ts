import { UserIDStatus } from '@zwave-js/cc';
import { SupervisionStatus } from '@zwave-js/core';
import { SetCredentialResult, SetUserResult } from 'zwave-js';
import type { Outcome } from '../../../src/core/operation.ts';
import type { Pin } from '../../../src/core/pin.ts';
import type { SlotContent } from '../../../src/core/slot.ts';
import type { Evidence } from '../evidence.ts';
import type { ZwaveLock } from '../lock.ts';
import { unproven } from '../outcome.ts';
import { contentOf, contentOfReport } from '../slot-content.ts';
import { ask } from './ask.ts';

/** A complaint about a duplicate comes just before or after the failed write's answer. */
const DUPLICATE_WAIT_MS = 500;

/** What a slot of a User Code lock holds, by radio. */
export async function readUserCode(
  { node }: ZwaveLock,
  slot: number,
): Promise<SlotContent | 'no_answer' | 'no_slot'> {
  const report = await ask(() => node.commandClasses['User Code'].get(slot));
  if (report === undefined) return 'no_answer';
  return contentOfReport(report.userIdStatus, report.userCode) ?? 'no_slot';
}

/**
 * Writes a PIN into a slot of a User Code lock. With Supervision its success is the proof; without, the library
 * reads the slot back and takes asterisks for a success, which they are only where the slot was empty before.
 */
export async function setUserCode(
  lock: ZwaveLock,
  slot: number,
  pin: Pin,
  duplicate: Evidence,
): Promise<Outcome> {
  const { accessControl, profile } = lock;
  const type = profile.credentialType;
  const wasEmpty = accessControl.getCredentialCached(type, slot) === undefined;
  const { credential } = await accessControl.addUser(slot, {}, { type, slot, data: pin.reveal() });
  if (credential !== SetCredentialResult.OK) {
    return (await duplicate.within(DUPLICATE_WAIT_MS)) ? refusedDuplicate : unproven;
  }
  if (profile.supervised) return { kind: 'done', proof: 'supervision' };
  // The library's cache now holds what the lock showed a moment ago.
  const content = contentOf(accessControl.getCredentialCached(type, slot)?.data, true);
  if (content.kind === 'masked') {
    if (duplicate.heard) return refusedDuplicate;
    if (!wasEmpty) return unproven;
  }
  return { kind: 'done', proof: 'read_back', reading: { slot, content } };
}

/**
 * Writes a disabled PIN. The digits are ours and go out with the status in one command: the library's own way to
 * disable sends what it remembers, which may be asterisks (must-know 2). Supervision says that the lock took the
 * command and not that it left the code disabled, so the slot is read, and the reading tells what is true.
 */
export async function armUserCode(
  lock: ZwaveLock,
  slot: number,
  pin: Pin,
  duplicate: Evidence,
): Promise<Outcome> {
  const userCodes = lock.node.commandClasses['User Code'];
  const supervision = await userCodes.set(slot, UserIDStatus.Disabled, pin.reveal());
  const content = await readUserCode(lock, slot);
  if (content === 'no_answer' || content === 'no_slot') return unproven;
  const isTaken = supervision?.status === SupervisionStatus.Success;
  const shows = content.kind === 'pin' ? content.pin.equals(pin) : content.kind === 'masked' && isTaken;
  if (shows) {
    return { kind: 'done', proof: 'read_back', reading: { slot, content } };
  }
  if (await duplicate.within(DUPLICATE_WAIT_MS)) return refusedDuplicate;
  return supervision?.status === SupervisionStatus.Fail ? refusedDisabled : unproven;
}

/**
 * Empties a slot of a User Code lock, and looks: Supervision only says that the lock took the command, and what has
 * ended must be gone for certain before its slot is given away or its schedule goes.
 */
export async function clearUserCode(lock: ZwaveLock, slot: number): Promise<Outcome> {
  const result = await lock.accessControl.deleteUser(slot);
  if (result !== SetUserResult.OK) return unproven;
  const empty = { kind: 'done', proof: 'read_back', reading: { slot, content: { kind: 'empty' } } } as const;
  // Without Supervision the library has read the slot itself.
  if (!lock.profile.supervised) return empty;
  const content = await ask(async () => {
    const shown = await readUserCode(lock, slot);
    return shown === 'no_answer' ? undefined : shown;
  });
  return typeof content === 'object' && content.kind === 'empty' ? empty : unproven;
}

const refusedDisabled: Outcome = {
  kind: 'refused',
  reason: 'refused',
  message: 'the lock took no disabled code',
};

export const refusedDuplicate: Outcome = {
  kind: 'refused',
  reason: 'duplicate_pin',
  message: 'the lock already has this PIN',
};
