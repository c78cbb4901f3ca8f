import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WeeklyWindow } from '../../src/core/access-code.ts';
import { WEEK_DAYS } from '../../src/core/slot.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { weekSchedule, windowAt } from '../../src/core/timing/weekly.ts';
import { CoreWorld, PLAIN, request, SCHEDULING } from '../support/core-world.ts';

const ZONE = 'America/New_York';
/** Mondays and Wednesdays from nine to noon: a cleaner. */
const CLEANER: readonly WeeklyWindow[] = [{ days: ['monday', 'wednesday'], start: '09:00', stop: '12:00' }];
const NIGHT: readonly WeeklyWindow[] = [{ days: ['saturday'], start: '22:00', stop: '06:00' }];
/** Monday, 2026-03-02, noon in UTC, which is seven in the morning in New York. */
const MONDAY = Date.parse('2026-03-02T12:00:00Z');

function at(text: string): number {
  return Date.parse(text);
}

function windowOf(weeklyWindows: readonly WeeklyWindow[], from: number, more = {}) {
  return windowAt({ startsAt: null, endsAt: null, weeklyWindows, ...more }, ZONE, from);
}

describe('the window that counts', () => {
  test('is the next one, and the open one until its end', () => {
    const first = { startsAt: at('2026-03-02T14:00:00Z'), endsAt: at('2026-03-02T17:00:00Z') };
    expect(windowOf(CLEANER, MONDAY)).toEqual(first);
    expect(windowOf(CLEANER, first.endsAt - 1)).toEqual(first);
    expect(windowOf(CLEANER, first.endsAt)).toEqual({
      startsAt: at('2026-03-04T14:00:00Z'),
      endsAt: at('2026-03-04T17:00:00Z'),
    });
  });

  test('keeps its wall time when the clocks go forward', () => {
    expect(windowOf(CLEANER, at('2026-03-05T00:00:00Z')).startsAt).toBe(at('2026-03-09T13:00:00Z'));
  });

  test('over midnight is one, also over the end of a week', () => {
    expect(windowOf(NIGHT, at('2026-03-15T07:00:00Z'))).toEqual({
      startsAt: at('2026-03-15T02:00:00Z'),
      endsAt: at('2026-03-15T10:00:00Z'),
    });
  });

  test('that meets its neighbour is one with it', () => {
    const days: readonly WeeklyWindow[] = [
      { days: ['monday'], start: '18:00', stop: '00:00' },
      { days: ['tuesday'], start: '00:00', stop: '08:00' },
    ];
    const night = windowOf(days, MONDAY);
    expect(night.endsAt! - night.startsAt!).toBe(14 * HOUR_MS);
  });

  test('is cut at the start and the end of the code, and none is left behind its end', () => {
    const bounds = { startsAt: at('2026-03-02T15:00:00Z'), endsAt: at('2026-03-04T15:30:00Z') };
    expect(windowOf(CLEANER, MONDAY, bounds).startsAt).toBe(bounds.startsAt);
    expect(windowOf(CLEANER, at('2026-03-03T00:00:00Z'), bounds).endsAt).toBe(bounds.endsAt);
    expect(windowOf(CLEANER, bounds.endsAt, bounds)).toEqual({
      startsAt: bounds.endsAt,
      endsAt: bounds.endsAt,
    });
  });

  test('of a full week is the code without windows', () => {
    const always: readonly WeeklyWindow[] = [{ days: [...WEEK_DAYS], start: '00:00', stop: '00:00' }];
    expect(windowOf(always, MONDAY)).toEqual({ startsAt: null, endsAt: null });
    expect(weekSchedule(always)).toBeNull();
    const fromNoon: readonly WeeklyWindow[] = [{ days: [...WEEK_DAYS], start: '12:00', stop: '12:00' }];
    expect(windowOf(fromNoon, MONDAY)).toEqual({ startsAt: null, endsAt: null });
    expect(weekSchedule(fromNoon)).toBeNull();
  });

  test('lies behind the gap and before the fold where its wall time is one of them', () => {
    const early: readonly WeeklyWindow[] = [{ days: ['sunday'], start: '02:30', stop: '05:00' }];
    // On 8 March 2026 New York has no 2:30; clocks go from 2:00 to 3:00 at 7:00 UTC.
    expect(windowOf(early, at('2026-03-07T12:00:00Z')).startsAt).toBe(at('2026-03-08T07:00:00Z'));
    const twice: readonly WeeklyWindow[] = [{ days: ['sunday'], start: '00:30', stop: '01:30' }];
    // On 1 November 1:30 comes twice: it closes at the first.
    expect(windowOf(twice, at('2026-10-31T12:00:00Z')).endsAt).toBe(at('2026-11-01T05:30:00Z'));
  });
});

function twoDigits(part: number): string {
  return String(part).padStart(2, '0');
}

test('what is said of a window agrees with the wall clock of every minute', () => {
  const minuteText = fc.nat(24 * 60 - 1).map((minute) => {
    return `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`;
  });
  const anyWindow = fc.record({
    days: fc.uniqueArray(fc.constantFrom(...WEEK_DAYS), { minLength: 1, maxLength: 4 }),
    start: minuteText,
    stop: minuteText,
  });
  const wall = new Intl.DateTimeFormat('en-US', {
    timeZone: ZONE,
    weekday: 'long',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const opensAt = (windows: readonly WeeklyWindow[], instant: number): boolean => {
    const parts = Object.fromEntries(wall.formatToParts(instant).map(({ type, value }) => [type, value]));
    const today = WEEK_DAYS.findIndex((day) => day === parts['weekday']?.toLowerCase());
    const yesterday = (today + 6) % 7;
    const now = `${parts['hour']}:${parts['minute']}`;
    return windows.some(({ days, start, stop }) => {
      const overnight = stop <= start;
      const began = days.some((day) => WEEK_DAYS.indexOf(day) === today) && start <= now;
      if (began && (overnight || now < stop)) return true;
      return overnight && days.some((day) => WEEK_DAYS.indexOf(day) === yesterday) && now < stop;
    });
  };
  fc.assert(
    // A week without a change of the clocks.
    fc.property(
      fc.array(anyWindow, { minLength: 1, maxLength: 3 }),
      fc.nat(7 * 24 * 60),
      (windows, minute) => {
        const instant = at('2026-06-07T00:00:00Z') + minute * MINUTE_MS;
        const { startsAt, endsAt } = windowOf(windows, instant);
        const open = (startsAt ?? 0) <= instant && instant < (endsAt ?? Number.POSITIVE_INFINITY);
        expect(open).toBe(opensAt(windows, instant));
      },
    ),
    { numRuns: 500 },
  );
});

describe('a code with weekly windows', () => {
  test('goes on and off just in time, week after week', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', { weeklyWindows: CLEANER }));
    for (const day of ['2026-03-02', '2026-03-04']) {
      world.passTo(at(`${day}T13:29:00Z`));
      expect(world.pins.size, day).toBe(0);
      world.passTo(at(`${day}T13:30:00Z`));
      expect(world.pins.size, day).toBe(1);
      world.passTo(at(`${day}T14:00:00Z`));
      expect(world.code('a')?.status).toBe('set');
      world.passTo(at(`${day}T17:00:00Z`));
      expect(world.pins.size, day).toBe(0);
      expect(world.code('a')).toMatchObject({ status: 'unset', slot: null });
    }
    expect(world.state.lock.repeatedWrites).toEqual([]);
  });

  test('has the lock’s own week where it can', () => {
    const world = new CoreWorld({ ...SCHEDULING, weekDaySchedules: 7 });
    world.desire(request('a', '1234', { weeklyWindows: CLEANER }));
    world.passTo(MONDAY + HOUR_MS);
    expect(world.schedules.get(1)).toEqual({
      weekDays: [
        { day: 'monday', start: '09:00', stop: '12:00' },
        { day: 'wednesday', start: '09:00', stop: '12:00' },
      ],
    });
    expect(world.pins.get(1)).toBe('1234');
    expect(world.code('a')).toMatchObject({ status: 'unset', isScheduledOnDevice: true });
    world.worked();
    world.told();
    world.passTo(at('2026-03-02T17:00:00Z'));
    expect(world.told()).toEqual(['access_code.set_on_device a', 'access_code.changed a']);
    expect(world.worked()).toEqual([]);
  });

  test('and an end gets one window after the other on the lock, and none after its end', () => {
    const world = new CoreWorld({ ...SCHEDULING, weekDaySchedules: 7 });
    const endsAt = at('2026-03-04T15:30:00Z');
    world.desire(request('a', '1234', { weeklyWindows: CLEANER, startsAt: MONDAY, endsAt }));
    world.passTo(MONDAY + HOUR_MS);
    expect(world.schedules.get(1)).toEqual({ start: '2026-03-02T09:00', stop: '2026-03-02T12:00' });
    world.passTo(at('2026-03-02T17:00:00Z'));
    expect(world.schedules.get(1)).toEqual({ start: '2026-03-04T09:00', stop: '2026-03-04T10:30' });
    world.passTo(endsAt);
    expect(world.pins.size).toBe(0);
    expect(world.code('a')).toBeUndefined();
  });

  test('splits a night for the lock at midnight', () => {
    expect(weekSchedule(NIGHT)).toEqual({
      weekDays: [
        { day: 'sunday', start: '00:00', stop: '06:00' },
        { day: 'saturday', start: '22:00', stop: '24:00' },
      ],
    });
  });

  test('shows the last minute of a day as its end, as a lock does', () => {
    const monday = { days: ['monday'], start: '08:00' } as const;
    expect(weekSchedule([{ ...monday, stop: '23:59' }])?.weekDays).toMatchObject([{ stop: '24:00' }]);
    expect(weekSchedule([{ ...monday, stop: '23:58' }])?.weekDays).toMatchObject([{ stop: '23:58' }]);
  });

  test('that needs more entries than the lock has goes on window by window', () => {
    const world = new CoreWorld({ ...SCHEDULING, weekDaySchedules: 1 });
    world.desire(request('a', '1234', { weeklyWindows: CLEANER }));
    world.passTo(MONDAY + DAY_MS / 24);
    expect(world.schedules.get(1)).toEqual({ start: '2026-03-02T09:00', stop: '2026-03-02T12:00' });
  });
});
