import { ScheduleEntryLockSetAction } from '@zwave-js/cc';
import {
  ScheduleEntryLockCCEnableAllSet,
  ScheduleEntryLockCCEnableSet,
  ScheduleEntryLockCCTimeOffsetGet,
  ScheduleEntryLockCCTimeOffsetReport,
  ScheduleEntryLockCCTimeOffsetSet,
  ScheduleEntryLockCCWeekDayScheduleGet,
  ScheduleEntryLockCCWeekDayScheduleReport,
  ScheduleEntryLockCCWeekDayScheduleSet,
  ScheduleEntryLockCCYearDayScheduleGet,
  ScheduleEntryLockCCYearDayScheduleReport,
  ScheduleEntryLockCCYearDayScheduleSet,
} from '@zwave-js/cc/ScheduleEntryLockCC';
import { WEEK_DAYS, type LocalWindow, type WeekDayWindow } from '../../../src/core/slot.ts';
import type { Refusal } from '../lock/code-table.ts';
import type { SimLock } from '../lock/lock.ts';
import { reply, verdict, type CommandHandler } from './behavior.ts';

/** Year-day schedules a slot can have. */
const SCHEDULES_PER_SLOT = 1;
/** The wire carries a year as one byte that counts from here (field note 0, point 3). */
const FIRST_YEAR = 2000;

/** Schedule Entry Lock CC: schedules of years and weeks, and the zone. Numbers of slots stay with the stock mock. */
export const answerSchedule: CommandHandler = (lock, command, hubId) => {
  if (!lock.model.schedules) return undefined;
  if (command instanceof ScheduleEntryLockCCYearDayScheduleSet) {
    if (command.slotId > SCHEDULES_PER_SLOT) return verdict('slot_out_of_range');
    const erases = command.action === ScheduleEntryLockSetAction.Erase;
    return verdict(lock.radioSetSchedule(command.userId, erases ? null : windowOf(command)));
  }
  if (command instanceof ScheduleEntryLockCCYearDayScheduleGet) {
    if (command.slotId > SCHEDULES_PER_SLOT || !lock.codes.hasSlot(command.userId)) return { action: 'fail' };
    return reply(report(lock, command.userId, command.slotId, hubId));
  }
  if (command instanceof ScheduleEntryLockCCWeekDayScheduleSet) return verdict(setWeekDay(lock, command));
  if (command instanceof ScheduleEntryLockCCWeekDayScheduleGet) {
    const isThere = command.slotId <= lock.model.weekDaySchedules && lock.codes.hasSlot(command.userId);
    return isThere ? reply(weekDayReport(lock, command.userId, command.slotId, hubId)) : { action: 'fail' };
  }
  if (command instanceof ScheduleEntryLockCCEnableSet) {
    lock.codes.enableSchedules(command.userId, command.enabled);
    return verdict(undefined);
  }
  if (command instanceof ScheduleEntryLockCCEnableAllSet) {
    lock.codes.enableSchedules(null, command.enabled);
    return verdict(undefined);
  }
  if (command instanceof ScheduleEntryLockCCTimeOffsetSet) {
    const { standardOffset, dstOffset } = command;
    lock.clock.zone = { ...lock.clock.zone, standardMinutes: standardOffset, dstMinutes: dstOffset };
    return verdict(undefined);
  }
  if (command instanceof ScheduleEntryLockCCTimeOffsetGet) {
    const { standardMinutes: standardOffset, dstMinutes: dstOffset } = lock.clock.zone;
    return reply(new ScheduleEntryLockCCTimeOffsetReport({ nodeId: hubId, standardOffset, dstOffset }));
  }
  return undefined;
};

function report(
  lock: SimLock,
  userId: number,
  slotId: number,
  hubId: number,
): ScheduleEntryLockCCYearDayScheduleReport {
  const schedule = lock.codes.schedule(userId);
  const address = { nodeId: hubId, userId, slotId };
  if (schedule === undefined) return new ScheduleEntryLockCCYearDayScheduleReport(address);
  const start = minuteFields(schedule.start);
  const stop = minuteFields(schedule.stop);
  return new ScheduleEntryLockCCYearDayScheduleReport({
    ...address,
    startYear: start.year,
    startMonth: start.month,
    startDay: start.day,
    startHour: start.hour,
    startMinute: start.minute,
    stopYear: stop.year,
    stopMonth: stop.month,
    stopDay: stop.day,
    stopHour: stop.hour,
    stopMinute: stop.minute,
  });
}

function setWeekDay(lock: SimLock, set: ScheduleEntryLockCCWeekDayScheduleSet): Refusal | undefined {
  const { userId, slotId, action } = set;
  if (action === ScheduleEntryLockSetAction.Erase) return lock.radioSetWeekDay(userId, slotId, null);
  const window = weekDayOf(set);
  return window === undefined ? 'refused' : lock.radioSetWeekDay(userId, slotId, window);
}

function weekDayOf(set: ScheduleEntryLockCCWeekDayScheduleSet): WeekDayWindow | undefined {
  const { weekday, startHour = 0, startMinute = 0, stopHour = 0, stopMinute = 0 } = set;
  const day = weekday === undefined ? undefined : WEEK_DAYS[weekday];
  return day && { day, start: timeText(startHour, startMinute), stop: timeText(stopHour, stopMinute) };
}

function weekDayReport(
  lock: SimLock,
  userId: number,
  slotId: number,
  hubId: number,
): ScheduleEntryLockCCWeekDayScheduleReport {
  const held = lock.codes.weekDays(userId).find(({ entry }) => entry === slotId);
  const address = { nodeId: hubId, userId, slotId };
  if (held === undefined) return new ScheduleEntryLockCCWeekDayScheduleReport(address);
  const [startHour = 0, startMinute = 0] = held.start.split(':').map(Number);
  const [stopHour = 0, stopMinute = 0] = held.stop.split(':').map(Number);
  const weekday = WEEK_DAYS.indexOf(held.day);
  const times = { startHour, startMinute, stopHour, stopMinute };
  return new ScheduleEntryLockCCWeekDayScheduleReport({ ...address, ...times, weekday });
}

function windowOf(set: ScheduleEntryLockCCYearDayScheduleSet): LocalWindow {
  return {
    start: minuteText(set.startYear, set.startMonth, set.startDay, set.startHour, set.startMinute),
    stop: minuteText(set.stopYear, set.stopMonth, set.stopDay, set.stopHour, set.stopMinute),
  };
}

function minuteText(year = 0, month = 0, day = 0, hour = 0, minute = 0): string {
  return `${FIRST_YEAR + year}-${two(month)}-${two(day)}T${timeText(hour, minute)}`;
}

function timeText(hour: number, minute: number): string {
  return `${two(hour)}:${two(minute)}`;
}

function two(value: number): string {
  return value.toString().padStart(2, '0');
}

function minuteFields(text: string): {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
} {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = text.split(/[-T:]/).map(Number);
  return { year: year - FIRST_YEAR, month, day, hour, minute };
}
