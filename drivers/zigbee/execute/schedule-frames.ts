import type { Schedule } from '../../../src/core/slot.ts';
import {
  clearWeekDay,
  clearYearDay,
  getWeekDay,
  getYearDay,
  setWeekDay,
  setYearDay,
  TYPE,
} from '../door-lock.ts';
import type { Silence } from '../answer.ts';
import type { ZigbeeLock } from '../lock.ts';
import { fromYearDay, toYearDay } from '../local-time.ts';
import { fromWeekDays, toWeekDays, type WeekDay } from '../week-day.ts';

/** Schedules as a slot of a lock stores them. */
export type Entries =
  | { readonly kind: 'year_day'; readonly times: NonNullable<ReturnType<typeof toYearDay>> }
  | { readonly kind: 'week_days'; readonly entries: readonly WeekDay[] };

/** A wish as this lock can store it; `undefined` if it cannot. */
export function entriesOf({ profile }: ZigbeeLock, wanted: Schedule): Entries | undefined {
  if (!('weekDays' in wanted)) {
    const times = toYearDay(wanted);
    return times && { kind: 'year_day', times };
  }
  const entries = toWeekDays(wanted);
  const fits =
    entries !== undefined && entries.length > 0 && entries.length <= profile.capabilities.weekDaySchedules;
  return fits ? { kind: 'week_days', entries } : undefined;
}

/** The user type under which a lock goes by these. */
export function typeOf(entries: Entries): number {
  return entries.kind === 'year_day' ? TYPE.yearDay : TYPE.weekDay;
}

/** Writes them; what was answered to the first that was not taken. */
export async function writeEntries(
  lock: ZigbeeLock,
  slot: number,
  entries: Entries,
): Promise<Silence | 'taken' | 'refused'> {
  const base = baseOf(lock);
  const left = entries.kind === 'year_day' ? undefined : await eraseFrom(lock, slot, entries.entries.length);
  if (left !== undefined) return left;
  const answers =
    entries.kind === 'year_day'
      ? [() => setYearDay(lock, slot, base, entries.times)]
      : entries.entries.map((entry, index) => () => setWeekDay(lock, slot, base + index, entry));
  for (const send of answers) {
    const answer = await send();
    if (answer.kind !== 'answer') return answer;
    if (answer.payload.status !== 0) return 'refused';
  }
  return 'taken';
}

/** Erases what a longer week would leave open behind a shorter one; what was not answered, if so. */
async function eraseFrom(lock: ZigbeeLock, slot: number, first: number): Promise<Silence | undefined> {
  const base = baseOf(lock);
  for (let index = first; index < lock.profile.capabilities.weekDaySchedules; index += 1) {
    const held = await getWeekDay(lock, slot, base + index);
    if (held.kind === 'no_answer' || held.kind === 'not_delivered') return held;
    if (held.kind !== 'answer' || held.payload.status !== 0) return undefined;
    const cleared = await clearWeekDay(lock, slot, base + index);
    if (cleared.kind === 'no_answer' || cleared.kind === 'not_delivered') return cleared;
  }
  return undefined;
}

/**
 * The schedule of a slot by which the lock goes for users of a type; `null`: it has none of that kind. Locks leave the
 * tail off where they have none, which cannot be told from a broken frame (trap 4): both are none, and a wish is never
 * equal to that.
 */
export async function readSchedule(
  lock: ZigbeeLock,
  slot: number,
  type: number | null,
): Promise<Schedule | null | Silence> {
  if (type === TYPE.unrestricted) return null;
  const base = baseOf(lock);
  if (type === TYPE.weekDay) return readWeek(lock, slot, base);
  const answer = await getYearDay(lock, slot, base);
  if (answer.kind === 'unreadable') return null;
  if (answer.kind !== 'answer') return answer;
  return answer.payload.status === 0 ? fromYearDay(answer.payload) : null;
}

async function readWeek(lock: ZigbeeLock, slot: number, base: number): Promise<Schedule | null | Silence> {
  const entries: WeekDay[] = [];
  for (let index = 0; index < lock.profile.capabilities.weekDaySchedules; index += 1) {
    const answer = await getWeekDay(lock, slot, base + index);
    if (answer.kind === 'unreadable') break;
    if (answer.kind !== 'answer') return answer;
    if (answer.payload.status !== 0) break;
    entries.push(answer.payload);
  }
  return entries.length === 0 ? null : fromWeekDays(entries);
}

/** Erases what a slot has of both kinds, the last entry first; the lock may answer that there was none. */
export async function eraseSchedules(
  lock: ZigbeeLock,
  slot: number,
): Promise<Silence | { readonly kind: 'taken' }> {
  const base = baseOf(lock);
  for (let index = lock.profile.capabilities.weekDaySchedules - 1; index >= 0; index -= 1) {
    const answer = await clearWeekDay(lock, slot, base + index);
    if (answer.kind === 'no_answer' || answer.kind === 'not_delivered') return answer;
  }
  const answer = await clearYearDay(lock, slot, base);
  return answer.kind === 'no_answer' || answer.kind === 'not_delivered' ? answer : { kind: 'taken' };
}

/** Number of the first schedule of a user: some makes count from 0, some from 1; the probe found out. */
function baseOf({ profile }: ZigbeeLock): number {
  return profile.findings.scheduleBase ?? 0;
}
