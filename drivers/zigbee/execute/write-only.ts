import { isUserSlot } from '../../../src/core/capability.ts';
import type { Outcome } from '../../../src/core/operation.ts';
import type { Pin } from '../../../src/core/pin.ts';
import { clearPinCode, setPinCode, STATUS, TYPE } from '../door-lock.ts';
import { ALL_USERS } from '../listen/meaning.ts';
import type { DoorLockEvent } from '../listen/raw-event.ts';
import type { ZigbeeLock } from '../lock.ts';
import { outcomeOfSilence, refusalOfPin, refused, unknown } from '../outcome.ts';

/** Events of the Door Lock cluster (ZCL 7.3.2.17). */
const KEYPAD = 0;
const UNLOCKED = 2;
const PIN_ADDED = 2;
const PIN_DELETED = 3;
const PIN_CHANGED = 4;

/**
 * Locks that never say what they hold (field note 6, Papaiz). All there is to go by is what they answered to our own
 * writes and what they told of edits at their keypad, which is remembered. A write without an answer leaves the slot
 * doubtful: it is ours, and is emptied when it is looked at. A slot of which nothing was ever told counts as empty, for
 * such a lock could not be used otherwise: a code that was there before the hub came can be overwritten.
 */
export async function readUnreadable(lock: ZigbeeLock, slot: number): Promise<Outcome> {
  const written = lock.notes.written(slot);
  if (written === 'doubtful') return clearUnreadable(lock, slot);
  const content =
    written === undefined ? ({ kind: 'empty' } as const) : ({ kind: 'masked', enabled: true } as const);
  return { kind: 'done', proof: 'supervision', reading: { slot, content } };
}

export async function setUnreadable(lock: ZigbeeLock, slot: number, pin: Pin): Promise<Outcome> {
  const before = lock.notes.written(slot);
  if (before === 'foreign') return unknown('somebody has put a code there since');
  lock.notes.noteWritten(slot, 'doubtful');
  const user = { slot, digits: pin.reveal(), status: STATUS.enabled, type: TYPE.unrestricted };
  const answer = await setPinCode(lock, user);
  const isRefused =
    answer.kind === 'answer' ? answer.payload.status !== 0 : answer.kind === 'default' && answer.status !== 0;
  // A lock that refuses holds what it held, the code before a change of its PIN as well.
  if (isRefused) lock.notes.noteWritten(slot, before);
  if (answer.kind !== 'answer') return outcomeOfSilence(answer);
  if (isRefused) return refusalOfPin(answer.payload.status);
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

/**
 * What somebody did at the keypad of such a lock. A code of theirs in a slot of ours makes it doubtful, so that it goes and
 * ours is written again; in any other slot it is never written over.
 */
export function noteEdit({ notes, profile, occupation }: ZigbeeLock, event: DoorLockEvent): void {
  const { kind, source, code, user } = event;
  // A lock may call our own work, too, an edit at its keypad.
  if (source !== KEYPAD || user === null || occupation.work?.slot === user) return;
  const isOurs = notes.written(user) === 'set' || notes.written(user) === 'doubtful';
  if (kind === 'operation') {
    // Whoever opens with a code that nobody here has written shows that there is one.
    if (code === UNLOCKED && !isOurs && isUserSlot(profile.capabilities, user))
      notes.noteWritten(user, 'foreign');
    return;
  }
  if (code === PIN_ADDED || code === PIN_CHANGED) {
    if (isUserSlot(profile.capabilities, user)) notes.noteWritten(user, isOurs ? 'doubtful' : 'foreign');
  } else if (code === PIN_DELETED) {
    if (isUserSlot(profile.capabilities, user)) notes.noteWritten(user, undefined);
    else if (user === ALL_USERS) notes.forgetWritten();
  }
}
