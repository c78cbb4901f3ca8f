import type { Outcome } from '../../../src/core/operation.ts';
import type { Pin } from '../../../src/core/pin.ts';
import { clearPinCode, setPinCode, STATUS, TYPE } from '../door-lock.ts';
import type { ZigbeeLock } from '../lock.ts';
import { outcomeOfSilence, refusalOfPin, refused } from '../outcome.ts';

/**
 * Locks that never say what they hold (field note 6, Papaiz). All there is to go by is what they answered to our own
 * writes, which is remembered; a write without an answer is not, and its slot is emptied when it is looked at.
 */
export async function readUnreadable(lock: ZigbeeLock, slot: number): Promise<Outcome> {
  const written = lock.notes.written(slot);
  if (written === 'doubtful') return clearUnreadable(lock, slot);
  const content =
    written === undefined
      ? ({ kind: 'empty' } as const)
      : ({ kind: 'masked', enabled: written === 'set' } as const);
  return { kind: 'done', proof: 'supervision', reading: { slot, content } };
}

export async function setUnreadable(lock: ZigbeeLock, slot: number, pin: Pin): Promise<Outcome> {
  lock.notes.noteWritten(slot, 'doubtful');
  const user = { slot, digits: pin.reveal(), status: STATUS.enabled, type: TYPE.unrestricted };
  const answer = await setPinCode(lock, user);
  if (answer.kind !== 'answer') return outcomeOfSilence(answer);
  if (answer.payload.status !== 0) {
    lock.notes.noteWritten(slot, undefined);
    return refusalOfPin(answer.payload.status);
  }
  lock.notes.noteWritten(slot, 'set');
  return { kind: 'done', proof: 'supervision' };
}

export async function clearUnreadable(lock: ZigbeeLock, slot: number): Promise<Outcome> {
  lock.notes.noteWritten(slot, 'doubtful');
  const answer = await clearPinCode(lock, slot);
  if (answer.kind !== 'answer') return outcomeOfSilence(answer);
  if (answer.payload.status !== 0) return refused('refused', 'the lock did not erase the PIN');
  lock.notes.noteWritten(slot, undefined);
  return { kind: 'done', proof: 'supervision', reading: { slot, content: { kind: 'empty' } } };
}
