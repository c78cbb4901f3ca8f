import type { AccessCode, WeeklyWindow } from '../access-code.ts';
import { instantOf, wallMs } from './local-time.ts';
import { WEEK_DAYS, type WeekDayWindow, type WeekSchedule } from '../slot.ts';
import { DAY_MS, MINUTE_MS, type Instant } from '../time.ts';

const DAY_MINUTES = DAY_MS / MINUTE_MS;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** 1970-01-01 was a Thursday. */
const FIRST_WEEK_DAY = 4;

/** Days around an instant in which the occurrence that matters begins: windows that meet are one, up to a week long. */
const DAYS_BEFORE = 8;
const DAYS_AFTER = 15;

/** When a code may open, as far as it is bounded. */
export interface Window {
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
}

/** A stretch of the week in minutes from Sunday 00:00; `stop` may lie up to a day behind the end of the week. */
interface Stretch {
  readonly start: number;
  readonly stop: number;
}

/**
 * The window that counts at an instant: the code's own, or the occurrence of its weekly windows that is open then or
 * opens next. With no occurrence left, the instants of its end, so that it never opens again.
 */
export function windowAt(
  code: Pick<AccessCode, 'startsAt' | 'endsAt' | 'weeklyWindows'>,
  zone: string,
  from: Instant,
): Window {
  const { startsAt, endsAt, weeklyWindows } = code;
  const stretches = weeklyWindows === null ? null : stretchesOf(weeklyWindows);
  if (stretches === null || coversWeek(stretches)) return { startsAt, endsAt };
  const earliest = Math.max(from, startsAt ?? from);
  const today = dayOf(zone, earliest);
  const days = { first: today - DAYS_BEFORE, last: today + DAYS_AFTER };
  const found = occurrences(stretches, zone, days).find(({ stop }) => stop > earliest);
  if (found === undefined || (endsAt !== null && Math.max(found.start, earliest) >= endsAt))
    return { startsAt: endsAt, endsAt };
  return {
    startsAt: Math.max(found.start, startsAt ?? found.start),
    endsAt: Math.min(found.stop, endsAt ?? found.stop),
  };
}

/**
 * All windows of a code that reach into a span of time, ascending: its own, or every occurrence of its weekly ones,
 * cut to its start and end. At most `windowsMax`, the first of them.
 */
export function windowsBetween(
  code: Pick<AccessCode, 'startsAt' | 'endsAt' | 'weeklyWindows'>,
  zone: string,
  span: { readonly from: Instant; readonly to: Instant },
  windowsMax: number,
): readonly Window[] {
  const { startsAt, endsAt, weeklyWindows } = code;
  const stretches = weeklyWindows === null ? null : stretchesOf(weeklyWindows);
  const from = Math.max(span.from, startsAt ?? span.from);
  const to = Math.min(span.to, endsAt ?? span.to);
  if (from > to) return [];
  if (stretches === null || coversWeek(stretches)) return [{ startsAt, endsAt }];
  const days = { first: dayOf(zone, from) - DAYS_BEFORE, last: dayOf(zone, to) };
  const found = occurrences(stretches, zone, days).filter(({ start, stop }) => stop > from && start < to);
  return found.slice(0, windowsMax).map(({ start, stop }) => ({
    startsAt: Math.max(start, startsAt ?? start),
    endsAt: Math.min(stop, endsAt ?? stop),
  }));
}

/** The same windows as a lock's own week-day schedules, one entry a day and stretch; a full week is no schedule. */
export function weekSchedule(windows: readonly WeeklyWindow[]): WeekSchedule | null {
  const stretches = stretchesOf(windows);
  if (coversWeek(stretches)) return null;
  const byDay = stretches.flatMap(({ start, stop }): readonly Stretch[] => {
    const days: Stretch[] = [];
    for (let from = start; from < stop; from = nextMidnight(from)) {
      days.push({
        start: from % WEEK_MINUTES,
        stop: ((Math.min(stop, nextMidnight(from)) - 1) % WEEK_MINUTES) + 1,
      });
    }
    return days;
  });
  return { weekDays: byDay.toSorted((a, b) => a.start - b.start).map(entryOf) };
}

function nextMidnight(minute: number): number {
  return (Math.floor(minute / DAY_MINUTES) + 1) * DAY_MINUTES;
}

function entryOf({ start, stop }: Stretch): WeekDayWindow {
  const day = Math.floor(start / DAY_MINUTES);
  const name = WEEK_DAYS[day];
  if (name === undefined) throw new Error('A week has seven days.');
  return {
    day: name,
    start: clockText(start - day * DAY_MINUTES),
    stop: closingText(stop - day * DAY_MINUTES),
  };
}

/** On the wire the last minute of a day and its end are the same, so a lock shows both as its end. */
function closingText(minutes: number): string {
  return clockText(minutes === DAY_MINUTES - 1 ? DAY_MINUTES : minutes);
}

/** The windows as stretches of the week, ascending; those that meet or overlap are one. */
function stretchesOf(windows: readonly WeeklyWindow[]): readonly Stretch[] {
  const all = windows.flatMap(({ days, start, stop }) =>
    days.map((day) => {
      const from = WEEK_DAYS.indexOf(day) * DAY_MINUTES;
      const opens = minutesOf(start);
      const closes = minutesOf(stop);
      return { start: from + opens, stop: from + closes + (closes <= opens ? DAY_MINUTES : 0) };
    }),
  );
  return joined(all);
}

function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const result: Stretch[] = [];
  for (const stretch of stretches.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last === undefined || stretch.start > last.stop) result.push(stretch);
    else result[result.length - 1] = { start: last.start, stop: Math.max(last.stop, stretch.stop) };
  }
  return result;
}

function coversWeek(stretches: readonly Stretch[]): boolean {
  // What reaches over the end of the week counts for its beginning too.
  const wrapped = stretches.map(({ start, stop }) => ({
    start: start - WEEK_MINUTES,
    stop: stop - WEEK_MINUTES,
  }));
  return joined([...wrapped, ...stretches]).some(({ start, stop }) => start <= 0 && stop >= WEEK_MINUTES);
}

/**
 * Occurrences that begin on one of these days, counted from 1970 in the wall time of the zone, ascending. Wall times that happen twice open late and close early, and those that
 * are left out move to the change of the clocks: never early, and early shut by no more than the ambiguity.
 */
function occurrences(
  stretches: readonly Stretch[],
  zone: string,
  { first, last }: { readonly first: number; readonly last: number },
): readonly Stretch[] {
  const found: Stretch[] = [];
  for (let day = first; day <= last; day += 1) {
    const weekDay = (((day + FIRST_WEEK_DAY) % 7) + 7) % 7;
    for (const { start, stop } of stretches) {
      if (Math.floor(start / DAY_MINUTES) !== weekDay) continue;
      const midnight = day * DAY_MS - weekDay * DAY_MS;
      const opens = instantOf(zone, midnight + start * MINUTE_MS, 'later');
      const closes = instantOf(zone, midnight + stop * MINUTE_MS, 'earlier');
      if (opens < closes) found.push({ start: opens, stop: closes });
    }
  }
  return joined(found);
}

/** The day of an instant in the wall time of a zone, counted from 1970. */
function dayOf(zone: string, at: Instant): number {
  return Math.floor(wallMs(zone, at) / DAY_MS);
}

/** `HH:mm` in minutes. */
function minutesOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

function clockText(minutes: number): string {
  return `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

function twoDigits(part: number): string {
  return String(part).padStart(2, '0');
}
