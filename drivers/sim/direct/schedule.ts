import type { Outcome } from '../../../src/core/operation.ts';
import { WEEK_DAYS, type LocalWindow, type Schedule, type WeekDayWindow } from '../../../src/core/slot.ts';
import type { SimLock } from '../lock/lock.ts';
import { exchange, type Heard } from './link.ts';
import { confirm, done, failure, refused, unanswered, unknown, type Failure, type Radio } from './outcome.ts';

/** The last minute of a day stands for its end: the wire has no 24:00. */
const LAST_MINUTE = '23:59';
const END_OF_DAY = '24:00';
/** Written and read, and read again where something had to be erased. */
const READ_BACKS_MAX = 2;

/** What a lock stores for a slot: of both kinds, also when it goes by one of them only. */
interface Schedules {
  readonly yearDay: LocalWindow | null;
  /** Ascending by their number, as the wire carries them. */
  readonly weekDays: readonly WeekDayWindow[];
}

/** What the lock would answer for a slot. */
export function heldSchedules(lock: SimLock, slot: number): Schedules {
  const yearDay = lock.codes.schedule(slot);
  return {
    yearDay: yearDay === undefined ? null : { start: yearDay.start, stop: yearDay.stop },
    weekDays: lock.codes.weekDays(slot).map(({ day, start, stop }) => ({ day, start, stop })),
  };
}

/**
 * What the hub makes of it, `null` for none. A lock does not tell which kind it goes by, so a slot that has both, after a
 * change that was cut short, counts as a week without any day: no wish is like it, and it is written anew.
 */
export function scheduleFrom({ yearDay, weekDays }: Schedules): Schedule | null {
  if (weekDays.length === 0) return yearDay;
  if (yearDay !== null) return { weekDays: [] };
  const shown = weekDays.map((window) =>
    window.stop === LAST_MINUTE ? { ...window, stop: END_OF_DAY } : window,
  );
  return { weekDays: shown.sort(byDayAndStart) };
}

/** Asks for the year-day schedule, and for week-day schedules until one is empty. */
export async function askSchedules(radio: Radio, lock: SimLock, slot: number): Promise<Heard<Schedules>> {
  const yearDay = await exchange(radio, lock, () => heldSchedules(lock, slot).yearDay);
  if (yearDay.kind !== 'answer') return yearDay;
  const weekDays: WeekDayWindow[] = [];
  while (weekDays.length < lock.model.weekDaySchedules) {
    const next = await exchange(radio, lock, () => heldSchedules(lock, slot).weekDays[weekDays.length]);
    if (next.kind !== 'answer') return next;
    if (next.value === undefined) break;
    weekDays.push(next.value);
  }
  return { kind: 'answer', value: { yearDay: yearDay.value, weekDays } };
}

/** Sets the schedule of a slot, or takes it off with `null`; the other kind goes, and the result is read back. */
export async function setSchedule(
  radio: Radio,
  lock: SimLock,
  slot: number,
  wanted: Schedule | null,
): Promise<Outcome> {
  if (!lock.model.schedules) return refused('unsupported', 'the lock keeps no schedules');
  const target = onWire(wanted);
  if (target.weekDays.length > lock.model.weekDaySchedules) {
    return refused('unsupported', 'the lock keeps fewer week-day schedules');
  }
  const failed = await write(radio, lock, slot, target);
  if (failed !== undefined) return failed;
  for (let readBack = 1; readBack <= READ_BACKS_MAX; readBack++) {
    const held = await askSchedules(radio, lock, slot);
    if (held.kind === 'radio_down') return failure(held);
    if (held.kind !== 'answer') return unknown('schedule written, and not read back');
    if (isSame(held.value, target)) return done('read_back');
    const erased = await eraseRest(radio, lock, slot, held.value, target);
    if (erased !== undefined) return erased;
  }
  return unknown('schedule written, and it reads as another');
}

/** Erases what a slot without a PIN still has of schedules; answers only what went wrong. */
export async function clearLeftSchedules(
  radio: Radio,
  lock: SimLock,
  slot: number,
): Promise<Failure | undefined> {
  const held = await askSchedules(radio, lock, slot);
  if (held.kind !== 'answer') return unanswered(held);
  if (scheduleFrom(held.value) === null) return undefined;
  const cleared = await setSchedule(radio, lock, slot, null);
  return cleared.kind === 'done' ? undefined : cleared;
}

async function write(
  radio: Radio,
  lock: SimLock,
  slot: number,
  { yearDay, weekDays }: Schedules,
): Promise<Failure | undefined> {
  if (yearDay !== null) return confirm(radio, lock, () => lock.radioSetSchedule(slot, yearDay));
  for (const [index, window] of weekDays.entries()) {
    const set = await confirm(radio, lock, () => lock.radioSetWeekDay(slot, index + 1, window));
    if (set !== undefined) return set;
  }
  return undefined;
}

/** Erases what is left of an earlier schedule; the last entry first, so that no gap ends a later reading early. */
async function eraseRest(
  radio: Radio,
  lock: SimLock,
  slot: number,
  held: Schedules,
  target: Schedules,
): Promise<Failure | undefined> {
  for (let entry = held.weekDays.length; entry > target.weekDays.length; entry--) {
    const erased = await confirm(radio, lock, () => lock.radioSetWeekDay(slot, entry, null));
    if (erased !== undefined) return erased;
  }
  if (held.yearDay === null || target.yearDay !== null) return undefined;
  return confirm(radio, lock, () => lock.radioSetSchedule(slot, null));
}

/** A wish as the lock can store it. */
function onWire(wanted: Schedule | null): Schedules {
  if (wanted === null) return { yearDay: null, weekDays: [] };
  if (!('weekDays' in wanted)) return { yearDay: { start: wanted.start, stop: wanted.stop }, weekDays: [] };
  const weekDays = wanted.weekDays.map(({ day, start, stop }) => ({
    day,
    start,
    stop: stop === END_OF_DAY ? LAST_MINUTE : stop,
  }));
  return { yearDay: null, weekDays };
}

function isSame(a: Schedules, b: Schedules): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function byDayAndStart(a: WeekDayWindow, b: WeekDayWindow): number {
  return WEEK_DAYS.indexOf(a.day) - WEEK_DAYS.indexOf(b.day) || a.start.localeCompare(b.start);
}
