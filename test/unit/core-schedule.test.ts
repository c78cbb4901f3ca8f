import { expect, test } from 'vitest';
import { isWeekSchedule, sameSchedule } from '../../src/core/schedule.ts';
import type { Schedule } from '../../src/core/slot.ts';

const MONDAY = { day: 'monday', start: '08:00', stop: '12:00' } as const;
const STAY: Schedule = { start: '2026-03-10T11:00', stop: '2026-03-12T11:00' };
const WEEK: Schedule = { weekDays: [MONDAY, { ...MONDAY, day: 'friday' }] };

/** Each is another schedule than all the others. */
const SCHEDULES: readonly (Schedule | null)[] = [
  null,
  STAY,
  { ...STAY, start: '2026-03-10T11:01' },
  { ...STAY, stop: '2026-03-12T11:01' },
  WEEK,
  { weekDays: [] },
  { weekDays: [MONDAY] },
  { weekDays: [MONDAY, { ...MONDAY, day: 'saturday' }] },
  { weekDays: [MONDAY, { ...MONDAY, day: 'friday', start: '08:01' }] },
  { weekDays: [MONDAY, { ...MONDAY, day: 'friday', stop: '12:01' }] },
];

test('schedules are the same by what they say', () => {
  for (const [index, a] of SCHEDULES.entries()) {
    for (const [other, b] of SCHEDULES.entries()) {
      expect(sameSchedule(a, structuredClone(b)), `${index} and ${other}`).toBe(index === other);
    }
    expect(sameSchedule(a, a)).toBe(true);
  }
});

test('a schedule is of every week or it is one window', () => {
  expect(isWeekSchedule(WEEK)).toBe(true);
  expect(isWeekSchedule(STAY)).toBe(false);
});
