import type { Outcome } from '../../../src/core/operation.ts';
import { sameSchedule } from '../../../src/core/schedule.ts';
import type { Schedule } from '../../../src/core/slot.ts';
import { setUserType, TYPE } from '../door-lock.ts';
import type { ZigbeeLock } from '../lock.ts';
import { outcomeOfSilence, refused, unproven } from '../outcome.ts';
import { readContent } from './content.ts';
import { entriesOf, eraseSchedules, readSchedule, typeOf, writeEntries } from './schedule-frames.ts';

const refusedSchedule = refused('unsupported', 'the lock did not keep the schedule it was given');

const done: Outcome = { kind: 'done', proof: 'read_back' };

/**
 * Gives a slot its schedule. An empty slot gets it together with its PIN: a lock keeps schedules only for users that it
 * has, and a PIN without one opens at any time.
 */
export async function setSchedule(lock: ZigbeeLock, slot: number, wanted: Schedule): Promise<Outcome> {
  const entries = entriesOf(lock, wanted);
  if (entries === undefined) return refusedSchedule;
  const shown = await readContent(lock, slot);
  if (shown.kind !== 'shown') return outcomeOfSilence(shown);
  if (shown.content.kind === 'empty') {
    lock.notes.stage(slot, wanted);
    return done;
  }
  // Schedule first: a user of a type without its schedule opens never, one without a type opens at any time.
  const outcome = await putSchedule(lock, slot, wanted);
  if (outcome !== undefined) return outcome;
  const typed = await setUserType(lock, slot, typeOf(entries));
  if (typed.kind !== 'answer') return outcomeOfSilence(typed);
  if (typed.payload.status !== 0) return refusedSchedule;
  lock.notes.stage(slot, null);
  return done;
}

/** Writes a schedule for a user that the lock has and reads it back; answers only what went wrong. */
export async function putSchedule(
  lock: ZigbeeLock,
  slot: number,
  wanted: Schedule,
): Promise<Outcome | undefined> {
  const entries = entriesOf(lock, wanted);
  if (entries === undefined) return refusedSchedule;
  const written = await writeEntries(lock, slot, entries);
  if (written === 'refused') return refusedSchedule;
  if (written !== 'taken') return outcomeOfSilence(written);
  const held = await readSchedule(lock, slot, typeOf(entries));
  if (held !== null && 'kind' in held) return outcomeOfSilence(held);
  return sameSchedule(held, wanted) ? undefined : refusedSchedule;
}

/** Takes the schedule off a slot, so that a PIN there is valid at any time. */
export async function clearSchedule(lock: ZigbeeLock, slot: number): Promise<Outcome> {
  lock.notes.stage(slot, null);
  const shown = await readContent(lock, slot);
  if (shown.kind !== 'shown') return outcomeOfSilence(shown);
  if (shown.content.kind === 'empty') return done;
  const typed = await setUserType(lock, slot, TYPE.unrestricted);
  if (typed.kind !== 'answer') return outcomeOfSilence(typed);
  if (typed.payload.status !== 0) return unproven;
  const erased = await eraseSchedules(lock, slot);
  return erased.kind === 'taken' ? done : outcomeOfSilence(erased);
}

/** What a slot has of a schedule, or what waits for its PIN. */
export async function scheduleAt(
  lock: ZigbeeLock,
  slot: number,
  isEmpty: boolean,
  type: number | null,
): Promise<Schedule | null | Exclude<Awaited<ReturnType<typeof readSchedule>>, Schedule | null>> {
  // A write that was cut short left the PIN, disabled, without the schedule that still waits for it.
  const staged = lock.notes.staged(slot);
  return isEmpty || staged !== null ? staged : readSchedule(lock, slot, type);
}
