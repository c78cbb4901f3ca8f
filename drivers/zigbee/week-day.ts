import { WEEK_DAYS, type WeekDayWindow, type WeekSchedule } from '../../src/core/slot.ts';

const WALL_TIME = /^(\d\d):(\d\d)$/;
/** The wire has no 24:00, so its last minute stands for the end of the day: the code closes one minute early. */
const END_OF_DAY = '24:00';
const LAST_MINUTE = '23:59';

/** A week-day schedule as the wire carries it. Bit 0 of the mask is Sunday. */
export interface WeekDay {
  readonly daysmask: number;
  readonly starthour: number;
  readonly startminute: number;
  readonly endhour: number;
  readonly endminute: number;
}

/** A week as entries of the wire: days with the same times share one. `undefined` for times that are none. */
export function toWeekDays({ weekDays }: WeekSchedule): readonly WeekDay[] | undefined {
  const byTimes = new Map<string, WeekDay>();
  for (const { day, start, stop } of weekDays) {
    const from = parse(start);
    const to = parse(stop === END_OF_DAY ? LAST_MINUTE : stop);
    if (from === undefined || to === undefined || start >= stop) return undefined;
    const key = `${start} ${stop}`;
    const daysmask = (byTimes.get(key)?.daysmask ?? 0) | (1 << WEEK_DAYS.indexOf(day));
    const [starthour, startminute] = from;
    const [endhour, endminute] = to;
    byTimes.set(key, { daysmask, starthour, startminute, endhour, endminute });
  }
  return [...byTimes.values()];
}

/** The week that entries make, in the order that the hub compares in. */
export function fromWeekDays(entries: readonly WeekDay[]): WeekSchedule {
  const weekDays = entries.flatMap((entry): WeekDayWindow[] => {
    const start = print(entry.starthour, entry.startminute);
    const stop = print(entry.endhour, entry.endminute);
    return WEEK_DAYS.filter((_day, bit) => (entry.daysmask & (1 << bit)) !== 0).map((day) => ({
      day,
      start,
      stop: stop === LAST_MINUTE ? END_OF_DAY : stop,
    }));
  });
  return { weekDays: weekDays.sort(byDayAndStart) };
}

function byDayAndStart(a: WeekDayWindow, b: WeekDayWindow): number {
  return WEEK_DAYS.indexOf(a.day) - WEEK_DAYS.indexOf(b.day) || a.start.localeCompare(b.start);
}

function parse(text: string): readonly [hour: number, minute: number] | undefined {
  const [, hour, minute] = (WALL_TIME.exec(text) ?? []).map(Number);
  if (hour === undefined || minute === undefined || hour > 23 || minute > 59) return undefined;
  return [hour, minute];
}

function print(hour: number, minute: number): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
