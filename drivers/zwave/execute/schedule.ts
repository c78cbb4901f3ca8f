import type { Outcome } from '../../../src/core/operation.ts';
import type { LocalWindow, Schedule, WeekDayWindow } from '../../../src/core/slot.ts';
import type { ZwaveLock } from '../lock.ts';
import { unproven } from '../outcome.ts';
import {
  disableSchedules,
  eraseWeekDay,
  eraseYearDay,
  readWeekDay,
  readYearDay,
  writeWeekDay,
  writeYearDay,
} from './schedule-frames.ts';
import { toWeekDay, inOrder } from './week-day.ts';
import { toYearDay } from './year-day.ts';

/** What was written is read, and read again where something of an earlier schedule had to be erased. */
const READ_BACKS_MAX = 2;

const refusedSchedule: Outcome = {
  kind: 'refused',
  reason: 'unsupported',
  message: 'the lock did not keep the schedule it was given',
};

/** What a lock stores for a slot: of both kinds, although it goes by one of them only. */
interface Held {
  readonly yearDay: LocalWindow | null;
  /** By their number in the lock, from 1, without gaps. */
  readonly weekDays: readonly WeekDayWindow[];
}

const NONE: Held = { yearDay: null, weekDays: [] };

/** The schedule of a slot, by radio; `null` when it has none. */
export async function readSchedule(lock: ZwaveLock, slot: number): Promise<Schedule | null | 'no_answer'> {
  const held = await readHeld(lock, slot);
  return held === 'no_answer' ? held : scheduleOf(held);
}

/**
 * Gives a slot its window or its week, exactly as named, in the lock's own wall time, and reads it back: locks
 * acknowledge what they then store wrongly (must-know 3). The new kind goes first and the other kind goes then, so that
 * the slot has a schedule at every moment.
 */
export async function setSchedule(lock: ZwaveLock, slot: number, wanted: Schedule): Promise<Outcome> {
  const target = targetOf(lock, wanted);
  if (target === undefined) return refusedSchedule;
  if (target.yearDay !== null) await writeYearDay(lock, slot, target.yearDay);
  for (const [index, window] of target.weekDays.entries()) await writeWeekDay(lock, slot, index + 1, window);
  return prove(lock, slot, target);
}

/**
 * Takes all schedules off a slot, so that a PIN there is valid at any time. Scheduling is switched off for the slot
 * first: no lock can be asked for that switch, and with it on and no schedule some locks open never.
 */
export async function clearSchedule(lock: ZwaveLock, slot: number): Promise<Outcome> {
  await disableSchedules(lock, slot);
  return proveNone(lock, slot);
}

/** Takes off what an emptied slot has left of schedules; answers only what went wrong. */
export async function clearLeftSchedules(lock: ZwaveLock, slot: number): Promise<Outcome | undefined> {
  const held = await readHeld(lock, slot);
  if (held === 'no_answer') return unproven;
  if (isSame(held, NONE)) return undefined;
  await disableSchedules(lock, slot);
  await eraseRest(lock, slot, held, NONE);
  const cleared = await proveNone(lock, slot);
  return cleared.kind === 'done' ? undefined : cleared;
}

async function proveNone(lock: ZwaveLock, slot: number): Promise<Outcome> {
  const outcome = await prove(lock, slot, NONE);
  return outcome === refusedSchedule ? unproven : outcome;
}

/** Reads a slot, erases what is not wanted there, and reads it again if there was any. */
async function prove(lock: ZwaveLock, slot: number, target: Held): Promise<Outcome> {
  for (let readBack = 1; readBack <= READ_BACKS_MAX; readBack += 1) {
    const held = await readHeld(lock, slot);
    if (held === 'no_answer') return unproven;
    if (isSame(held, target)) return { kind: 'done', proof: 'read_back' };
    if (!(await eraseRest(lock, slot, held, target))) return refusedSchedule;
  }
  return unproven;
}

/** Erases the last entry first, so that no gap ends a later reading early. False: there was nothing to erase. */
async function eraseRest(lock: ZwaveLock, slot: number, held: Held, target: Held): Promise<boolean> {
  let isErased = false;
  for (let entry = held.weekDays.length; entry > target.weekDays.length; entry -= 1) {
    await eraseWeekDay(lock, slot, entry);
    isErased = true;
  }
  if (held.yearDay === null || target.yearDay !== null) return isErased;
  await eraseYearDay(lock, slot);
  return true;
}

/** A lock without week-day schedules is asked one question, one with them at least two: each costs two frames. */
async function readHeld(lock: ZwaveLock, slot: number): Promise<Held | 'no_answer'> {
  const yearDay = await readYearDay(lock, slot);
  if (yearDay === 'no_answer') return yearDay;
  const weekDays: WeekDayWindow[] = [];
  for (let entry = 1; entry <= lock.profile.capabilities.weekDaySchedules; entry += 1) {
    const window = await readWeekDay(lock, slot, entry);
    if (window === 'no_answer') return window;
    if (window === null) break;
    weekDays.push(window);
  }
  return { yearDay, weekDays };
}

/**
 * A lock does not tell which kind it goes by. A slot that has both, after a change that was cut short, counts as a week
 * without any day: no wish is like it, and it is written anew.
 */
function scheduleOf({ yearDay, weekDays }: Held): Schedule | null {
  if (weekDays.length === 0) return yearDay;
  return yearDay === null ? inOrder(weekDays) : { weekDays: [] };
}

/** A wish as this lock can store it; `undefined` if it cannot. */
function targetOf({ profile }: ZwaveLock, wanted: Schedule): Held | undefined {
  if (!('weekDays' in wanted)) {
    const { start, stop } = wanted;
    return toYearDay(wanted) && { yearDay: { start, stop }, weekDays: [] };
  }
  const { weekDays } = wanted;
  const fits = weekDays.length > 0 && weekDays.length <= profile.capabilities.weekDaySchedules;
  return fits && weekDays.every(toWeekDay) ? { yearDay: null, weekDays } : undefined;
}

/** Week days are compared as the wire carries them: a lock cannot tell `23:59` from `24:00`. */
function isSame(held: Held, target: Held): boolean {
  const onWire = ({ yearDay, weekDays }: Held) =>
    JSON.stringify([yearDay?.start, yearDay?.stop, weekDays.map(toWeekDay)]);
  return onWire(held) === onWire(target);
}
