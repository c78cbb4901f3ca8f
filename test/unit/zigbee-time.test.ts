import { expect, it } from 'vitest';
import { fromYearDay, localSeconds, timeAttributes, toYearDay } from '../../drivers/zigbee/local-time.ts';
import { fromWeekDays, toWeekDays } from '../../drivers/zigbee/week-day.ts';
import { installCodeOf } from '../../drivers/zigbee/pairing/install-code.ts';

const EPOCH_S = Date.UTC(2000, 0, 1) / 1000;

it('carries a window in seconds of the wall, whose last one is inside', () => {
  const window = { start: '2026-07-01T15:00', stop: '2026-07-03T11:00' };
  const wire = toYearDay(window);
  expect(wire).toEqual({
    zigbeelocalstarttime: Date.UTC(2026, 6, 1, 15) / 1000 - EPOCH_S,
    zigbeelocalendtime: Date.UTC(2026, 6, 3, 11) / 1000 - EPOCH_S - 1,
  });
  expect(wire && fromYearDay(wire)).toEqual(window);
});

it('takes no window that ends before it starts, or that the wire has no room for', () => {
  expect(toYearDay({ start: '2026-07-03T15:00', stop: '2026-07-03T15:00' })).toBeUndefined();
  expect(toYearDay({ start: '1999-07-03T15:00', stop: '2026-07-03T15:00' })).toBeUndefined();
  expect(toYearDay({ start: '2026-07-03T15:00', stop: '2150-07-03T15:00' })).toBeUndefined();
  expect(fromYearDay({ zigbeelocalstarttime: 61, zigbeelocalendtime: 119 })).toBeNull();
});

it('shares an entry between days with the same times', () => {
  const week = {
    weekDays: [
      { day: 'sunday', start: '00:00', stop: '24:00' },
      { day: 'monday', start: '08:00', stop: '12:00' },
      { day: 'friday', start: '08:00', stop: '12:00' },
    ],
  } as const;
  const entries = toWeekDays(week);
  expect(entries).toEqual([
    { daysmask: 0b1, starthour: 0, startminute: 0, endhour: 23, endminute: 59 },
    { daysmask: 0b100010, starthour: 8, startminute: 0, endhour: 12, endminute: 0 },
  ]);
  expect(entries && fromWeekDays(entries)).toEqual(week);
  expect(toWeekDays({ weekDays: [{ day: 'monday', start: '12:00', stop: '08:00' }] })).toBeUndefined();
});

/** What a lock makes of the attributes (ZCL, Time cluster). */
function localByLock(
  { timeZone, dstStart, dstEnd, dstShift }: ReturnType<typeof timeAttributes>,
  time: number,
): number {
  const standard = time + timeZone;
  return dstShift !== 0 && time >= dstStart && time <= dstEnd ? standard + dstShift : standard;
}

it.each([
  'Europe/Berlin',
  'America/Los_Angeles',
  'Australia/Sydney',
  'Asia/Kolkata',
  'UTC',
  'Australia/Lord_Howe',
])('a lock in %s knows the wall time, now and beyond the next change of the clocks', (zone) => {
  for (let month = 0; month < 12; month += 1) {
    const at = Date.UTC(2026, month, 15, 12);
    const served = timeAttributes(zone, at);
    expect(served.localTime).toBe(localSeconds(zone, at));
    expect(localByLock(served, served.time)).toBe(localSeconds(zone, at));
    const later = at + 60 * 86_400_000;
    expect(localByLock(served, served.time + 60 * 86_400)).toBe(localSeconds(zone, later));
  }
});

it.each([
  ['Z:00158D0001ABCDEF$I:83FED3407A939723A5C639B26916D505C3B5', '0x00158d0001abcdef'],
  ['00158D0001ABCDEF|83FED3407A939723A5C639B26916D505', '0x00158d0001abcdef'],
  ['G$M:LOCK%G$A:00158D0001ABCDEF$I:83FED3407A939723A5C639B26916D505C3B5', '0x00158d0001abcdef'],
])('reads the label %s', (text, ieee) => {
  expect(installCodeOf(text)?.ieee).toBe(ieee);
});

it.each([
  '',
  '90013278200312345',
  'Z:00158D0001ABCDEF$I:83FE',
  'Z:0015$I:83FED3407A939723A5C639B26916D505C3B5',
])('takes %s for no label of a Zigbee lock', (text) => {
  expect(installCodeOf(text)).toBeUndefined();
});
