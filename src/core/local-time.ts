import type { LocalWindow } from './slot.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Instant } from './time.ts';

/** Widest span of one ambiguous hour that is searched; no zone has moved its clock back by more. */
const FOLD_MAX_MS = DAY_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'longOffset',
    });
    formats.set(zone, format);
  }
  return format;
}

function partsAt(zone: string, at: Instant): Readonly<Record<string, string>> {
  return Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map((part) => [part.type, part.value]),
  );
}

/** Offset of local time from UTC at an instant, in minutes: -300 for New York in winter. Throws on an unknown zone. */
export function offsetMinutes(zone: string, at: Instant): number {
  const match = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(partsAt(zone, at)['timeZoneName'] ?? '');
  if (match?.[1] === undefined) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

/** Wall time of a zone at an instant: `YYYY-MM-DDTHH:mm`. */
function wallTime(zone: string, at: Instant): string {
  const parts = partsAt(zone, at);
  return `${(parts['year'] ?? '').padStart(4, '0')}-${parts['month']}-${parts['day']}T${parts['hour']}:${parts['minute']}`;
}

/** How far the same wall minute lies ahead (`+1`) or behind (`-1`), in milliseconds; 0 when it happens once. */
function foldDistanceMs(zone: string, at: Instant, direction: 1 | -1): number {
  const here = offsetMinutes(zone, at);
  // The other side of a fold is at most some hours away; half-hour and one-hour folds are the ones in use.
  const there = offsetMinutes(zone, at + direction * 3 * HOUR_MS);
  const distanceMs = (here - there) * direction * MINUTE_MS;
  if (distanceMs <= 0) return 0;
  return offsetMinutes(zone, at + direction * distanceMs) === there ? distanceMs : 0;
}

/** Windows worked out lately: the same ones are asked for in every plan, and each costs a dozen look-ups of the zone. */
const windows = new Map<string, LocalWindow | null>();
const WINDOWS_MAX = 10_000;

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
  let start = Math.ceil(startsAt / granuleMs) * granuleMs;
  let end = Math.floor(endsAt / granuleMs) * granuleMs;
  for (let moved = 0; moved < FOLD_MAX_MS && foldDistanceMs(zone, start, -1) > 0; moved += granuleMs) {
    start += granuleMs;
  }
  for (let moved = 0; moved < FOLD_MAX_MS && foldDistanceMs(zone, end, 1) > 0; moved += granuleMs) {
    end -= granuleMs;
  }
  const window = { start: wallTime(zone, start), stop: wallTime(zone, end) };
  return start < end && window.start < window.stop ? window : null;
}

/** When the zone's offset next changes within a span, to the minute; `null` if it does not. */
export function nextOffsetChange(zone: string, from: Instant, withinMs: number): Instant | null {
  const before = offsetMinutes(zone, from);
  let low = from;
  let high = from + withinMs;
  if (offsetMinutes(zone, high) === before) return null;
  while (high - low > MINUTE_MS) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMinutes(zone, middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
