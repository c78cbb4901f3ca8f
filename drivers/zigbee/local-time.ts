import { nextOffsetChange, offsetMinutes } from '../../src/core/timing/local-time.ts';
import type { LocalWindow } from '../../src/core/slot.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../src/core/time.ts';

/** Zigbee counts seconds from here, in UTC or as the wall shows it (ZCL, Time cluster). */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const SECONDS_PER_MINUTE = 60;
const YEAR_MS = 366 * DAY_MS;
const STEP_MS = 14 * DAY_MS;
/** The largest number of seconds on the wire; the one above means "no time". */
const SECONDS_MAX = 0xffff_fffe;
const NO_TIME = 0xffff_ffff;

const WALL_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/;

/** A year-day schedule as the wire carries it: seconds of the lock's own wall time, both ends inside. */
export interface YearDay {
  readonly zigbeelocalstarttime: number;
  readonly zigbeelocalendtime: number;
}

/** Seconds since 2000 in UTC. */
export function zigbeeSeconds(at: Instant): number {
  return Math.floor((at - EPOCH_MS) / SECOND_MS);
}

/** The instant of so many seconds since 2000 in UTC. */
export function zigbeeInstant(seconds: number): Instant {
  return EPOCH_MS + seconds * SECOND_MS;
}

/** The instant at which a wall of the zone shows so many seconds since 2000; of two, either. */
export function localInstant(zone: string, seconds: number): Instant {
  const wall = zigbeeInstant(seconds);
  const near = wall - offsetMinutes(zone, wall) * MINUTE_MS;
  return wall - offsetMinutes(zone, near) * MINUTE_MS;
}

/** A window as the wire carries it; its last second is the one before the minute in which it stops. */
export function toYearDay({ start, stop }: LocalWindow): YearDay | undefined {
  const from = parse(start);
  const to = parse(stop);
  if (from === undefined || to === undefined || from >= to || to > SECONDS_MAX) return undefined;
  return { zigbeelocalstarttime: from, zigbeelocalendtime: to - 1 };
}

/** The window of a schedule on a lock; `null` for one that is not in whole minutes, and so not ours. */
export function fromYearDay(yearDay: YearDay): LocalWindow | null {
  const start = print(yearDay.zigbeelocalstarttime);
  const stop = print(yearDay.zigbeelocalendtime + 1);
  return start === null || stop === null ? null : { start, stop };
}

function parse(text: string): number | undefined {
  const [, year, month, day, hour, minute] = (WALL_TIME.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || minute === undefined) return undefined;
  const seconds = (Date.UTC(year, month - 1, day, hour, minute) - EPOCH_MS) / SECOND_MS;
  return seconds >= 0 ? seconds : undefined;
}

function print(seconds: number): string | null {
  if (seconds % SECONDS_PER_MINUTE !== 0) return null;
  return new Date(EPOCH_MS + seconds * SECOND_MS).toISOString().slice(0, 'YYYY-MM-DDTHH:mm'.length);
}

/** Attributes of the Time cluster as the hub serves them to its locks. */
export interface TimeAttributes {
  readonly time: number;
  readonly timeStatus: number;
  readonly timeZone: number;
  readonly dstStart: number;
  readonly dstEnd: number;
  readonly dstShift: number;
  readonly standardTime: number;
  readonly localTime: number;
  readonly lastSetTime: number;
  readonly validUntilTime: number;
}

/** Master clock, master for zone and summer time, and better than others. */
const TIME_STATUS = 0b1101;

/**
 * The time at a site. Summer time is told by the period that holds now or comes next, the only one the wire has room for.
 * A zone whose offset does not change within a year has none.
 */
export function timeAttributes(zone: string, at: Instant): TimeAttributes {
  const time = zigbeeSeconds(at);
  const now = offsetMinutes(zone, at);
  const change = nextChange(zone, at);
  const next = change === null ? now : offsetMinutes(zone, change);
  const standard = Math.min(now, next);
  const shiftMinutes = Math.abs(now - next);
  const summer = change === null ? null : summerAround(zone, at, change, now > next);
  return {
    time,
    timeStatus: TIME_STATUS,
    timeZone: standard * SECONDS_PER_MINUTE,
    dstStart: summer === null ? NO_TIME : zigbeeSeconds(summer.startsAt),
    // The last second of it: locks count both ends in.
    dstEnd: summer === null ? NO_TIME : zigbeeSeconds(summer.endsAt) - 1,
    dstShift: shiftMinutes * SECONDS_PER_MINUTE,
    standardTime: time + standard * SECONDS_PER_MINUTE,
    localTime: time + now * SECONDS_PER_MINUTE,
    lastSetTime: time,
    validUntilTime: time + DAY_MS / SECOND_MS,
  };
}

/** The next change of the offset within a year, looked for in steps that hold no two of them. */
function nextChange(zone: string, from: Instant): Instant | null {
  for (let aheadMs = 0; aheadMs < YEAR_MS; aheadMs += STEP_MS) {
    const change = nextOffsetChange(zone, from + aheadMs, STEP_MS);
    if (change !== null) return change;
  }
  return null;
}

function summerAround(
  zone: string,
  at: Instant,
  change: Instant,
  isSummer: boolean,
): { readonly startsAt: Instant; readonly endsAt: Instant } {
  if (!isSummer) return { startsAt: change, endsAt: summerEnd(zone, change) };
  return { startsAt: summerStart(zone, at), endsAt: change };
}

function summerEnd(zone: string, startsAt: Instant): Instant {
  return nextChange(zone, startsAt) ?? startsAt + YEAR_MS / 2;
}

function summerStart(zone: string, at: Instant): Instant {
  for (let backMs = STEP_MS; backMs < YEAR_MS; backMs += STEP_MS) {
    const change = nextOffsetChange(zone, at - backMs, STEP_MS);
    if (change !== null) return change;
  }
  return at - DAY_MS;
}

/** Wall time of a zone in Zigbee's seconds. */
export function localSeconds(zone: string, at: Instant): number {
  return zigbeeSeconds(at + offsetMinutes(zone, at) * MINUTE_MS);
}
