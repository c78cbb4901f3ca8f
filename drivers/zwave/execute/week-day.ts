import type { ScheduleEntryLockWeekDaySchedule } from '@zwave-js/cc';
import { WEEK_DAYS, type WeekDayWindow, type WeekSchedule } from '../../../src/core/slot.ts';

const WALL_TIME = /^(\d\d):(\d\d)$/;
const HOURS_MAX = 23;
const MINUTES_MAX = 59;

/** The wire has no 24:00, so its last minute stands for the end of the day: the code closes one minute early. */
const END_OF_DAY = '24:00';
const LAST_MINUTE = '23:59';

/** A window as Schedule Entry Lock carries it (Sunday is 0); `undefined` for what it cannot: times that are none. */
export function toWeekDay({ day, start, stop }: WeekDayWindow): ScheduleEntryLockWeekDaySchedule | undefined {
  const from = parseTime(start);
  const to = parseTime(stop === END_OF_DAY ? LAST_MINUTE : stop);
  if (from === undefined || to === undefined || start >= stop) return undefined;
  return {
    weekday: WEEK_DAYS.indexOf(day),
    startHour: from.hour,
    startMinute: from.minute,
    stopHour: to.hour,
    stopMinute: to.minute,
  };
}

/** The window of a Week Day Schedule Report; `null` when the report is empty. */
export function fromWeekDay(report: Partial<ScheduleEntryLockWeekDaySchedule>): WeekDayWindow | null {
  const { weekday, startHour, startMinute, stopHour, stopMinute } = report;
  const day = weekday === undefined ? undefined : WEEK_DAYS[weekday];
  const start = printTime(startHour, startMinute);
  const stop = printTime(stopHour, stopMinute);
  if (day === undefined || start === null || stop === null) return null;
  return { day, start, stop: stop === LAST_MINUTE ? END_OF_DAY : stop };
}

/** In the order that the hub compares in. */
export function inOrder(weekDays: readonly WeekDayWindow[]): WeekSchedule {
  return { weekDays: [...weekDays].sort(byDayAndStart) };
}

function byDayAndStart(a: WeekDayWindow, b: WeekDayWindow): number {
  return WEEK_DAYS.indexOf(a.day) - WEEK_DAYS.indexOf(b.day) || a.start.localeCompare(b.start);
}

function parseTime(text: string): { readonly hour: number; readonly minute: number } | undefined {
  const [, hour, minute] = (WALL_TIME.exec(text) ?? []).map(Number);
  if (hour === undefined || minute === undefined || hour > HOURS_MAX || minute > MINUTES_MAX)
    return undefined;
  return { hour, minute };
}

function printTime(hour: number | undefined, minute: number | undefined): string | null {
  if (hour === undefined || minute === undefined) return null;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
