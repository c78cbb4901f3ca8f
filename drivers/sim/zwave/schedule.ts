import { ScheduleEntryLockSetAction } from '@zwave-js/cc';
import {
  ScheduleEntryLockCCEnableAllSet,
  ScheduleEntryLockCCEnableSet,
  ScheduleEntryLockCCTimeOffsetGet,
  ScheduleEntryLockCCTimeOffsetReport,
  ScheduleEntryLockCCTimeOffsetSet,
  ScheduleEntryLockCCYearDayScheduleGet,
  ScheduleEntryLockCCYearDayScheduleReport,
  ScheduleEntryLockCCYearDayScheduleSet,
} from '@zwave-js/cc/ScheduleEntryLockCC';
import type { LocalWindow } from '../../../src/core/slot.ts';
import type { SimLock } from '../lock/lock.ts';
import { reply, verdict, type CommandHandler } from './behavior.ts';

/** Year-day schedules a slot can have. */
const SCHEDULES_PER_SLOT = 1;
/** The wire carries a year as one byte that counts from here (field note 0, point 3). */
const FIRST_YEAR = 2000;

/** Schedule Entry Lock CC: year-day schedules and the zone. Numbers of slots stay with the stock mock. */
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

function windowOf(set: ScheduleEntryLockCCYearDayScheduleSet): LocalWindow {
  return {
    start: minuteText(set.startYear, set.startMonth, set.startDay, set.startHour, set.startMinute),
    stop: minuteText(set.stopYear, set.stopMonth, set.stopDay, set.stopHour, set.stopMinute),
  };
}

function minuteText(year = 0, month = 0, day = 0, hour = 0, minute = 0): string {
  return `${FIRST_YEAR + year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
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
