import type { Schedule, WeekSchedule } from './slot.ts';

/** True for windows of every week. */
export function isWeekSchedule(schedule: Schedule): schedule is WeekSchedule {
  return 'weekDays' in schedule;
}

/** Two schedules, `null` being none, are the same. */
export function sameSchedule(a: Schedule | null, b: Schedule | null): boolean {
  if (a === null || b === null || a === b) return a === b;
  if (isWeekSchedule(a) || isWeekSchedule(b)) {
    return isWeekSchedule(a) && isWeekSchedule(b) && sameWeek(a, b);
  }
  return a.start === b.start && a.stop === b.stop;
}

function sameWeek(a: WeekSchedule, b: WeekSchedule): boolean {
  return (
    a.weekDays.length === b.weekDays.length &&
    a.weekDays.every((window, index) => {
      const other = b.weekDays[index];
      return other?.day === window.day && other.start === window.start && other.stop === window.stop;
    })
  );
}
