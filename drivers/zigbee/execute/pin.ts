import type { Operation, Outcome } from '../../../src/core/operation.ts';
import type { Pin } from '../../../src/core/pin.ts';
import type { Schedule } from '../../../src/core/slot.ts';
import { clearPinCode, setPinCode, setUserStatus, STATUS, TYPE } from '../door-lock.ts';
import type { ZigbeeLock } from '../lock.ts';
import { outcomeOfSilence, refusalOfPin, refused, unknown, unproven } from '../outcome.ts';
import { readContent, type Shown } from './content.ts';
import { putSchedule, scheduleAt } from './schedule.ts';
import { entriesOf, eraseSchedules, typeOf } from './schedule-frames.ts';

type SetPin = Extract<Operation, { readonly kind: 'set_pin' }>;

const DUPLICATE = 3;

const erased = (slot: number): Outcome => ({
  kind: 'done',
  proof: 'read_back',
  reading: { slot, content: { kind: 'empty' } },
});

/** Writes a PIN and proves it by reading the slot back. A slot with a schedule keeps it. */
export async function setPin(lock: ZigbeeLock, operation: SetPin): Promise<Outcome> {
  if (lock.profile.capabilities.nativeScheduling === null) return setUnrestricted(lock, operation);
  const before = await readContent(lock, operation.slot);
  if (before.kind !== 'shown') return outcomeOfSilence(before);
  const schedule = await scheduleAt(lock, operation.slot, before.content.kind === 'empty', before.type);
  if (schedule !== null && 'kind' in schedule) return outcomeOfSilence(schedule);
  return schedule === null
    ? setUnrestricted(lock, operation)
    : setScheduled(lock, operation, schedule, before);
}

async function setUnrestricted(lock: ZigbeeLock, { slot, pin, enabled }: SetPin): Promise<Outcome> {
  const status = enabled ? STATUS.enabled : STATUS.disabled;
  const answer = await setPinCode(lock, { slot, digits: pin.reveal(), status, type: TYPE.unrestricted });
  if (answer.kind === 'answer' && answer.payload.status !== 0)
    return answer.payload.status === DUPLICATE
      ? duplicateAt(lock, slot, pin, enabled)
      : refusalOfPin(answer.payload.status);
  if (answer.kind !== 'answer' && (answer.kind !== 'default' || answer.status !== 0))
    return outcomeOfSilence(answer);
  return prove(lock, slot, pin, answer.kind === 'answer');
}

/**
 * A PIN with a schedule never opens outside it: it goes on disabled and of the schedule's type, then its schedule goes
 * on and is read back, and only then it is enabled. What fails on the way leaves it disabled or empty.
 */
async function setScheduled(
  lock: ZigbeeLock,
  { slot, pin, enabled }: SetPin,
  schedule: Schedule,
  before: Shown,
): Promise<Outcome> {
  const entries = entriesOf(lock, schedule);
  if (entries === undefined) return refused('unsupported', 'the lock cannot keep this schedule');
  const type = typeOf(entries);
  const isThere =
    lock.notes.staged(slot) === null &&
    before.content.kind === 'pin' &&
    before.content.pin.equals(pin) &&
    before.type === type &&
    !before.content.enabled;
  if (!isThere) {
    const answer = await setPinCode(lock, { slot, digits: pin.reveal(), status: STATUS.disabled, type });
    if (answer.kind !== 'answer') return outcomeOfSilence(answer);
    if (answer.payload.status !== 0) return refusalOfPin(answer.payload.status);
    const failed = await putSchedule(lock, slot, schedule);
    if (failed !== undefined) return failed.kind === 'refused' ? withdrawn(lock, slot, failed) : failed;
    lock.notes.stage(slot, null);
  }
  if (enabled) {
    const answer = await setUserStatus(lock, slot, STATUS.enabled);
    if (answer.kind !== 'answer') return outcomeOfSilence(answer);
    if (answer.payload.status !== 0) return refused('refused', 'the lock did not enable the code');
  }
  const shown = await readContent(lock, slot);
  if (shown.kind !== 'shown') return outcomeOfSilence(shown);
  if (shown.type !== type)
    return withdrawn(lock, slot, refused('unsupported', 'the lock does not go by the schedule of this user'));
  return proofOf(shown, slot, pin, true);
}

/** What the lock would open for at any time is taken off again. */
async function withdrawn(lock: ZigbeeLock, slot: number, because: Outcome): Promise<Outcome> {
  const answer = await clearPinCode(lock, slot);
  if (answer.kind === 'answer' && answer.payload.status === 0) return because;
  return unknown('the lock kept no schedule, and did not say that it erased the PIN');
}

/** A lock that has the PIN in this very slot may call it a duplicate (SmartThings community 124785). */
async function duplicateAt(lock: ZigbeeLock, slot: number, pin: Pin, enabled: boolean): Promise<Outcome> {
  const shown = await readContent(lock, slot);
  if (shown.kind !== 'shown' || shown.content.kind !== 'pin' || !shown.content.pin.equals(pin))
    return refusalOfPin(DUPLICATE);
  if (shown.content.enabled !== enabled) {
    const answer = await setUserStatus(lock, slot, enabled ? STATUS.enabled : STATUS.disabled);
    if (answer.kind !== 'answer') return outcomeOfSilence(answer);
    if (answer.payload.status !== 0)
      return refused('refused', 'the lock did not change the status of the code');
  }
  return prove(lock, slot, pin, true);
}

async function prove(lock: ZigbeeLock, slot: number, pin: Pin, isTaken: boolean): Promise<Outcome> {
  const shown = await readContent(lock, slot);
  return shown.kind === 'shown' ? proofOf(shown, slot, pin, isTaken) : outcomeOfSilence(shown);
}

/** @param isTaken the lock said with status 0 that it took the PIN, which is all the proof where it shows none */
function proofOf({ content }: Shown, slot: number, pin: Pin, isTaken: boolean): Outcome {
  const isProven = content.kind === 'pin' ? content.pin.equals(pin) : content.kind === 'masked' && isTaken;
  return isProven ? { kind: 'done', proof: 'read_back', reading: { slot, content } } : unproven;
}

/** Empties a slot, proves it, and takes off what it has of schedules. */
export async function clearSlot(lock: ZigbeeLock, slot: number): Promise<Outcome> {
  const answer = await clearPinCode(lock, slot);
  if (answer.kind !== 'answer' && answer.kind !== 'default' && answer.kind !== 'unreadable')
    return outcomeOfSilence(answer);
  const shown = await readContent(lock, slot);
  if (shown.kind !== 'shown') return outcomeOfSilence(shown);
  if (shown.content.kind !== 'empty') return unproven;
  lock.notes.stage(slot, null);
  if (lock.profile.capabilities.nativeScheduling === null) return erased(slot);
  const cleared = await eraseSchedules(lock, slot);
  return cleared.kind === 'taken' ? erased(slot) : outcomeOfSilence(cleared);
}
