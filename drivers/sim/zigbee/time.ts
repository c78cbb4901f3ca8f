import { MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';
import type { LockClock, YearlyHour } from '../lock/lock-clock.ts';
import type { SimLock } from '../lock/lock.ts';
import { concat, Reader, ShortFrameError, u16, type Bytes } from './bytes.ts';
import { readValue, STATUS } from './zcl.ts';

/** Seconds from the epoch of Unix to that of Zigbee, 2000-01-01. */
export const EPOCH_2000_SECONDS = 946_684_800;
const TIME = { now: 0, zone: 2, summerStart: 3, summerEnd: 4, summerShift: 5 } as const;

/** Attributes that a lock asks a hub for: the time, the zone and when summer time holds. */
export const TIME_QUESTION: Bytes = concat(...Object.values(TIME).map(u16));

/** Sets the clock of a lock by what the hub answers. An answer without the time is none. */
export function hearTime(lock: SimLock, payload: Bytes): void {
  const told = new Map<number, number>();
  const reader = new Reader(payload);
  try {
    while (reader.left > 0) {
      const id = reader.u16();
      if (reader.u8() !== STATUS.success) continue;
      const value = readValue(reader, reader.u8());
      if (typeof value === 'number') told.set(id, value);
    }
  } catch (error) {
    if (!(error instanceof ShortFrameError)) throw error;
  }
  const now = told.get(TIME.now);
  if (now === undefined) return;
  const standardMinutes = minutes(told.get(TIME.zone) ?? 0);
  const [start, end] = [told.get(TIME.summerStart), told.get(TIME.summerEnd)];
  const dst = start && end ? { start: yearlyHour(start), end: yearlyHour(end) } : null;
  const dstMinutes = standardMinutes + minutes(told.get(TIME.summerShift) ?? 0);
  lock.clock.zone = { standardMinutes, dstMinutes, dst };
  lock.clock.setUtc((now + EPOCH_2000_SECONDS) * SECOND_MS);
}

/** The wall time of a lock as its cluster carries it: seconds since the first moment of 2000 on that wall. */
export function localSeconds(clock: LockClock): number {
  return Math.floor(Date.parse(`${clock.local()}Z`) / SECOND_MS) - EPOCH_2000_SECONDS;
}

/** The same for a wall time as text, to the minute where it names no second. */
export function secondsOf(local: string): number {
  return Date.parse(`${local}Z`) / SECOND_MS - EPOCH_2000_SECONDS;
}

/** `YYYY-MM-DDTHH:mm`, and the second only where it is not the first of its minute. */
export function wallTimeOf(seconds: number): string {
  const text = new Date((seconds + EPOCH_2000_SECONDS) * SECOND_MS).toISOString();
  return seconds % 60 === 0 ? text.slice(0, 16) : text.slice(0, 19);
}

function minutes(seconds: number): number {
  return (seconds * SECOND_MS) / MINUTE_MS;
}

function yearlyHour(seconds: number): YearlyHour {
  const at = new Date((seconds + EPOCH_2000_SECONDS) * SECOND_MS);
  return { month: at.getUTCMonth() + 1, day: at.getUTCDate(), hour: at.getUTCHours() };
}
