import type { ScheduleEntryLockYearDaySchedule } from '@zwave-js/cc';
import type { LocalWindow } from '../../../src/core/slot.ts';

/** `YYYY-MM-DDTHH:mm` of this century: the wire has two digits for the year. */
const WALL_TIME = /^20(\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d)$/;

const CENTURY = 2000;

interface Minute {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/**
 * A window as Schedule Entry Lock carries it: two-digit years (a four-digit year wraps silently and is
 * acknowledged: must-know 3), months from 1. `undefined` outside 2000 to 2099.
 */
export function toYearDay({ start, stop }: LocalWindow): ScheduleEntryLockYearDaySchedule | undefined {
  const from = parseMinute(start);
  const to = parseMinute(stop);
  if (from === undefined || to === undefined) return undefined;
  return {
    startYear: from.year,
    startMonth: from.month,
    startDay: from.day,
    startHour: from.hour,
    startMinute: from.minute,
    stopYear: to.year,
    stopMonth: to.month,
    stopDay: to.day,
    stopHour: to.hour,
    stopMinute: to.minute,
  };
}

/** The window of a Year Day Schedule Report; `null` when the report is empty. */
export function fromYearDay(report: Partial<ScheduleEntryLockYearDaySchedule>): LocalWindow | null {
  const { startYear, startMonth, startDay, startHour, startMinute } = report;
  const { stopYear, stopMonth, stopDay, stopHour, stopMinute } = report;
  const start = printMinute(startYear, startMonth, startDay, startHour, startMinute);
  const stop = printMinute(stopYear, stopMonth, stopDay, stopHour, stopMinute);
  return start === null || stop === null ? null : { start, stop };
}

function parseMinute(text: string): Minute | undefined {
  const [, year, month, day, hour, minute] = (WALL_TIME.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (hour === undefined || minute === undefined) return undefined;
  return { year, month, day, hour, minute };
}

function printMinute(...parts: readonly (number | undefined)[]): string | null {
  const [year, month, day, hour, minute] = parts;
  if (year === undefined || month === undefined || day === undefined) return null;
  if (hour === undefined || minute === undefined) return null;
  return `${CENTURY + year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

function two(part: number): string {
  return String(part).padStart(2, '0');
}
