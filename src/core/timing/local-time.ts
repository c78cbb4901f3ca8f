import { instantText } from '../instant-text.ts';
import type { LocalWindow } from '../slot.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Instant } from '../time.ts';

/** Furthest that a clock is set back: most by an hour, Antarctica/Troll by two, Antarctica/Casey in 2023 by three. */
const FOLD_MAX_MS = 3 * HOUR_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  return format;
}

/** Offsets of whole days in UTC, by zone; `null` for a day on which the offset changes. */
const offsetsOfDays = new Map<string, Map<number, number | null>>();
const DAYS_MAX = 50_000;

/**
 * Offset of local time from UTC at an instant, in minutes: -300 for New York in winter. Throws on an unknown zone.
 * A day that begins and ends with the same offset has it throughout: no zone has ever changed twice within a day.
 */
export function offsetMinutes(zone: string, at: Instant): number {
  const day = Math.floor(at / DAY_MS);
  let days = offsetsOfDays.get(zone);
  if (days === undefined || days.size >= DAYS_MAX) {
    days = new Map();
    offsetsOfDays.set(zone, days);
  }
  let offset = days.get(day);
  if (offset === undefined) {
    const first = lookUpOffset(zone, day * DAY_MS);
    offset = first === lookUpOffset(zone, (day + 1) * DAY_MS - 1) ? first : null;
    days.set(day, offset);
  }
  return offset ?? lookUpOffset(zone, at);
}

function lookUpOffset(zone: string, at: Instant): number {
  // Reads "3/1/2026, GMT-05:00", or "3/1/2026, GMT" where there is no offset.
  const [, sign, hours, minutes] = /([+-])(\d{2}):(\d{2})/.exec(formatOf(zone).format(at)) ?? [];
  const distance = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  return sign === '-' ? -distance : distance;
}

/** Wall time of a zone at an instant, as the milliseconds that the same wall time would have in UTC. */
export function wallMs(zone: string, at: Instant): number {
  return at + offsetMinutes(zone, at) * MINUTE_MS;
}

/** Wall time of a zone at an instant: `YYYY-MM-DDTHH:mm`. */
function wallTime(zone: string, at: Instant): string {
  return instantText(wallMs(zone, at)).slice(0, 'YYYY-MM-DDTHH:mm'.length);
}

/** Windows worked out lately: the same ones are asked for in every plan, and each costs a dozen look-ups of the zone. */
const windows = new Map<string, LocalWindow | null>();
const WINDOWS_MAX = 100_000;

/**
 * The window as a lock stores it: in its local wall time, by the rules of each instant, on its granule.
 * The start is rounded up and the end down, so the lock never opens early and the code never outlives its end.
 * Where clocks go back, the same wall minute happens twice: a start in the second pass moves behind the fold, and
 * an end in the first pass moves before it, because the lock would otherwise open an hour early or open again
 * (decision 23). `null` when nothing is left of the window.
 */
export function localWindow(
  zone: string,
  startsAt: Instant,
  endsAt: Instant,
  granuleMs: number,
): LocalWindow | null {
  const key = `${zone} ${startsAt} ${endsAt} ${granuleMs}`;
  let window = windows.get(key);
  if (window === undefined) {
    window = workOutWindow(zone, startsAt, endsAt, granuleMs);
    if (windows.size >= WINDOWS_MAX) windows.clear();
    windows.set(key, window);
  }
  return window;
}

function workOutWindow(
  zone: string,
  startsAt: Instant,
  endsAt: Instant,
  granuleMs: number,
): LocalWindow | null {
  let start = wholeGranule(zone, startsAt, granuleMs, 1);
  let end = wholeGranule(zone, endsAt, granuleMs, -1);
  for (let moved = 0; moved < FOLD_MAX_MS && shownAlso(zone, start, 'earlier'); moved += granuleMs) {
    start = wholeGranule(zone, start + 1, granuleMs, 1);
  }
  // The last to open is the millisecond before the end.
  for (let moved = 0; moved < FOLD_MAX_MS && shownAlso(zone, end - 1, 'later'); moved += granuleMs) {
    end = wholeGranule(zone, end - 1, granuleMs, -1);
  }
  const window = { start: wallTime(zone, start), stop: wallTime(zone, end) };
  return window.start < window.stop ? window : null;
}

/** The first instant from `at` on (`1`), or the last up to it (`-1`), at which the wall shows whole granules. */
function wholeGranule(zone: string, at: Instant, granuleMs: number, direction: 1 | -1): Instant {
  const wall = wallMs(zone, at);
  const whole = direction === 1 ? Math.ceil(wall / granuleMs) : Math.floor(wall / granuleMs);
  const found = at - wall + whole * granuleMs;
  // Beyond a change of the offset the granules may lie elsewhere.
  return wallMs(zone, found) === whole * granuleMs ? found : wholeGranule(zone, found, granuleMs, direction);
}

/** The wall shows the time of this instant at an earlier or later one as well: clocks are set back between them. */
function shownAlso(zone: string, at: Instant, which: 'earlier' | 'later'): boolean {
  return instantOf(zone, wallMs(zone, at), which) !== at;
}

/**
 * The instant of a wall time (given as `wallMs` tells it). One that happens twice is the earlier or the later of both,
 * as asked; one that is left out, when clocks go forward, is the moment at which they do.
 */
export function instantOf(zone: string, wall: number, which: 'earlier' | 'later'): Instant {
  const offsets = [offsetMinutes(zone, wall - DAY_MS), offsetMinutes(zone, wall + DAY_MS)];
  const early = wall - Math.max(...offsets) * MINUTE_MS;
  const late = wall - Math.min(...offsets) * MINUTE_MS;
  const found = [early, late].filter((at) => wallMs(zone, at) === wall);
  return found.at(which === 'earlier' ? 0 : -1) ?? offsetChange(zone, early, late);
}

/** When the zone's offset next changes within a span; `null` if it does not. */
export function nextOffsetChange(zone: string, from: Instant, withinMs: number): Instant | null {
  const until = from + withinMs;
  return offsetMinutes(zone, from) === offsetMinutes(zone, until) ? null : offsetChange(zone, from, until);
}

/** The first instant of another offset, found by halves between an instant before and one after the only change. */
function offsetChange(zone: string, before: Instant, after: Instant): Instant {
  const offset = offsetMinutes(zone, before);
  let low = before;
  let high = after;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMinutes(zone, middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}
