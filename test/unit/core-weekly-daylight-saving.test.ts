import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import type { WeeklyWindow } from '../../src/core/access-code.ts';
import { WEEK_DAYS, type WeekDay } from '../../src/core/slot.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Instant } from '../../src/core/time.ts';
import { weekSchedule, windowAt } from '../../src/core/timing/weekly.ts';
import { CLOCK_CHANGES } from '../support/clock-changes.ts';

/** Occurrences that one window can have within the time that is looked at. */
const OCCURRENCES_MAX = 10;

/** What stands on the wall, as the oracle says. */
interface Wall {
  readonly day: WeekDay;
  readonly time: string;
}

function wallAt(zone: string, at: Instant): Wall {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const day = WEEK_DAYS[zoned.dayOfWeek % 7] ?? 'sunday';
  return { day, time: zoned.toPlainTime().toString({ smallestUnit: 'minute' }) };
}

function dayAfter(day: WeekDay): WeekDay {
  return WEEK_DAYS[(WEEK_DAYS.indexOf(day) + 1) % 7] ?? 'sunday';
}

/** What was asked for, read off the wall. */
function isMeant({ days, start, stop }: WeeklyWindow, { day, time }: Wall): boolean {
  if (start < stop) return days.includes(day) && time >= start && time < stop;
  return (
    (days.includes(day) && time >= start) || (days.some((other) => dayAfter(other) === day) && time < stop)
  );
}

/** When the hub would have the code open between two instants, from one occurrence to the next. */
function occurrences(
  zone: string,
  weekly: WeeklyWindow,
  from: Instant,
  to: Instant,
): readonly [Instant, Instant][] {
  const found: [Instant, Instant][] = [];
  for (let at = from; at < to && found.length < OCCURRENCES_MAX;) {
    const code = { startsAt: null, endsAt: null, weeklyWindows: [weekly] };
    const { startsAt, endsAt } = windowAt(code, zone, at);
    if (startsAt === null || endsAt === null) throw new Error('A window of some days has both edges.');
    found.push([startsAt, endsAt]);
    at = endsAt;
  }
  return found;
}

/** Windows whose edges lie before, at the edges of, in the middle of and after the wall times of a fold or a gap. */
function windowsAround(zone: string, change: Instant, jumpMs: number): readonly WeeklyWindow[] {
  const { day } = wallAt(zone, change);
  const distances = [-jumpMs - HOUR_MS, -jumpMs, -jumpMs / 2, 0, jumpMs / 2, jumpMs];
  const times = [...new Set(distances.map((distance) => wallAt(zone, change + distance).time))];
  const pairs = times.flatMap((start, index) => times.slice(index + 1).map((stop) => [start, stop] as const));
  // One that stops before it starts goes on into the next day.
  const overnight = [times.at(-1) ?? '', times[0] ?? ''] as const;
  return [...pairs, overnight].map(([start, stop]) => ({ days: [day], start, stop }));
}

const SHIFTS = CLOCK_CHANGES.filter(([, , jumpMinutes]) => jumpMinutes !== 0);

describe('a window of every week opens only within its wall times, and all of them but for a fold', () => {
  test.each(SHIFTS)('%s, %s (%i minutes)', (zone, changeText, jumpMinutes) => {
    const change = Date.parse(changeText);
    const jumpMs = Math.abs(jumpMinutes) * MINUTE_MS;
    const [from, to] = [change - jumpMs - 2 * HOUR_MS, change + jumpMs + 2 * HOUR_MS];
    const walls = new Map<Instant, Wall>();
    for (let at = from; at < to; at += 5 * MINUTE_MS) walls.set(at, wallAt(zone, at));

    for (const weekly of windowsAround(zone, change, jumpMs)) {
      const open = occurrences(zone, weekly, from, to);
      for (const [at, wall] of walls) {
        const label = `${weekly.start} to ${weekly.stop} at ${new Date(at).toISOString()}`;
        const isOpen = open.some(([startsAt, endsAt]) => at >= startsAt && at < endsAt);
        const isAmbiguous = jumpMinutes < 0 && at >= change - jumpMs && at < change + jumpMs;
        if (isOpen || !isAmbiguous) expect(isOpen, label).toBe(isMeant(weekly, wall));
      }
    }
  });
});

test('a window of every week is the same on a lock that keeps it itself', () => {
  const windows: readonly WeeklyWindow[] = [
    { days: ['monday', 'friday'], start: '08:15', stop: '12:00' },
    { days: ['saturday', 'sunday'], start: '22:00', stop: '06:30' },
    { days: ['wednesday'], start: '07:00', stop: '07:00' },
    { days: ['tuesday'], start: '00:00', stop: '00:00' },
  ];
  const week = weekSchedule(windows)?.weekDays ?? [];
  const monday = Date.parse('2026-06-01T00:00:00Z');
  for (let at = monday; at < monday + 7 * DAY_MS; at += 5 * MINUTE_MS) {
    const wall = wallAt('UTC', at);
    const opens = week.some(
      ({ day, start, stop }) => day === wall.day && wall.time >= start && wall.time < stop,
    );
    expect(opens, JSON.stringify(wall)).toBe(windows.some((window) => isMeant(window, wall)));
  }
});
