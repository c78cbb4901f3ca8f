import { ScheduleEntryLockSetAction } from '@zwave-js/cc';
import {
  ScheduleEntryLockCCEnableSet,
  ScheduleEntryLockCCWeekDayScheduleGet,
  ScheduleEntryLockCCWeekDayScheduleReport,
  ScheduleEntryLockCCWeekDayScheduleSet,
  ScheduleEntryLockCCYearDayScheduleGet,
  ScheduleEntryLockCCYearDayScheduleReport,
  ScheduleEntryLockCCYearDayScheduleSet,
} from '@zwave-js/cc/ScheduleEntryLockCC';
import type { LocalWindow, WeekDayWindow } from '../../../src/core/slot.ts';
import type { ZwaveLock } from '../lock.ts';
import { ask } from './ask.ts';
import { fromWeekDay, toWeekDay } from './week-day.ts';
import { fromYearDay, toYearDay } from './year-day.ts';

/*
 * Commands of Schedule Entry Lock, sent directly: the library's own calls answer the same for an empty schedule and a
 * lost report, and compare start and stop in the process's zone, which is wrong within a DST gap.
 */

/** Year-day schedules are counted per slot; the hub uses the first (one lock claims 20 and has one: field note 7). */
const YEAR_DAY = 1;

/** One question: the year-day schedule of a slot, `null` when it is empty. */
export async function readYearDay(lock: ZwaveLock, slot: number): Promise<LocalWindow | null | 'no_answer'> {
  const report = await ask(() =>
    lock.driver.sendCommand<ScheduleEntryLockCCYearDayScheduleReport>(
      new ScheduleEntryLockCCYearDayScheduleGet({ nodeId: lock.node.id, userId: slot, slotId: YEAR_DAY }),
    ),
  );
  return report instanceof ScheduleEntryLockCCYearDayScheduleReport ? fromYearDay(report) : 'no_answer';
}

/** Sets, enables and so chooses the year-day schedule of a slot. Throws for a window that the wire cannot carry. */
export async function writeYearDay(lock: ZwaveLock, slot: number, window: LocalWindow): Promise<void> {
  const schedule = toYearDay(window);
  if (schedule === undefined) throw new Error('a window outside this century');
  await lock.driver.sendCommand(
    new ScheduleEntryLockCCYearDayScheduleSet({
      nodeId: lock.node.id,
      userId: slot,
      slotId: YEAR_DAY,
      action: ScheduleEntryLockSetAction.Set,
      ...schedule,
    }),
  );
}

export async function eraseYearDay(lock: ZwaveLock, slot: number): Promise<void> {
  await lock.driver.sendCommand(
    new ScheduleEntryLockCCYearDayScheduleSet({
      nodeId: lock.node.id,
      userId: slot,
      slotId: YEAR_DAY,
      action: ScheduleEntryLockSetAction.Erase,
    }),
  );
}

/** One question: a week-day schedule of a slot, counted from 1, `null` when it is empty. */
export async function readWeekDay(
  lock: ZwaveLock,
  slot: number,
  entry: number,
): Promise<WeekDayWindow | null | 'no_answer'> {
  const report = await ask(() =>
    lock.driver.sendCommand<ScheduleEntryLockCCWeekDayScheduleReport>(
      new ScheduleEntryLockCCWeekDayScheduleGet({ nodeId: lock.node.id, userId: slot, slotId: entry }),
    ),
  );
  return report instanceof ScheduleEntryLockCCWeekDayScheduleReport ? fromWeekDay(report) : 'no_answer';
}

/** Sets, enables and so chooses one week-day schedule of a slot. Throws for times that the wire cannot carry. */
export async function writeWeekDay(
  lock: ZwaveLock,
  slot: number,
  entry: number,
  window: WeekDayWindow,
): Promise<void> {
  const schedule = toWeekDay(window);
  if (schedule === undefined) throw new Error('times that are none');
  await lock.driver.sendCommand(
    new ScheduleEntryLockCCWeekDayScheduleSet({
      nodeId: lock.node.id,
      userId: slot,
      slotId: entry,
      action: ScheduleEntryLockSetAction.Set,
      ...schedule,
    }),
  );
}

export async function eraseWeekDay(lock: ZwaveLock, slot: number, entry: number): Promise<void> {
  await lock.driver.sendCommand(
    new ScheduleEntryLockCCWeekDayScheduleSet({
      nodeId: lock.node.id,
      userId: slot,
      slotId: entry,
      action: ScheduleEntryLockSetAction.Erase,
    }),
  );
}

/** Switches scheduling off for a slot; setting a schedule switches it on again. */
export async function disableSchedules(lock: ZwaveLock, slot: number): Promise<void> {
  await lock.driver.sendCommand(
    new ScheduleEntryLockCCEnableSet({ nodeId: lock.node.id, userId: slot, enabled: false }),
  );
}
