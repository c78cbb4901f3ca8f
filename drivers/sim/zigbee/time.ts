import { MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';
import type { LockClock, LockZone, YearlyHour } from '../lock/lock-clock.ts';
import type { SimLock } from '../lock/lock.ts';
import { concat, Reader, ShortFrameError, u16, type Bytes } from './bytes.ts';
import { readValue, STATUS } from './zcl.ts';

/** Seconds from the epoch of Unix to that of Zigbee, 2000-01-01. */
export const EPOCH_2000_SECONDS = 946_684_800;
/** No such time, on the wire. */
export const NO_TIME = 0xffff_ffff;

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
  const zone = told.get(TIME.zone) ?? 0;
  const [start, end] = [told.get(TIME.summerStart), told.get(TIME.summerEnd)];
  lock.clock.zone = zoneOf(zone, start ?? NO_TIME, end ?? NO_TIME, told.get(TIME.summerShift) ?? 0);
  lock.clock.setUtc((now + EPOCH_2000_SECONDS) * SECOND_MS);
}

/** A zone as the Time cluster tells it, all in seconds. Summer time holds at both ends, so it is over one second later. */
export function zoneOf(zone: number, start: number, end: number, shift: number): LockZone {
  const isTold = start !== NO_TIME && end !== NO_TIME && start !== 0 && end !== 0;
  const standardMinutes = minutes(zone);
  return {
    standardMinutes,
    dstMinutes: standardMinutes + minutes(shift),
    dst: isTold ? { start: yearlyHour(start), end: yearlyHour(end + 1) } : null,
  };
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
