import { ScheduleEntryLockSetAction } from '@zwave-js/cc';
import {
  ScheduleEntryLockCCEnableSet,
  ScheduleEntryLockCCYearDayScheduleGet,
  ScheduleEntryLockCCYearDayScheduleReport,
  ScheduleEntryLockCCYearDayScheduleSet,
} from '@zwave-js/cc/ScheduleEntryLockCC';
import type { Outcome } from '../../../src/core/operation.ts';
import type { LocalWindow } from '../../../src/core/slot.ts';
import type { ZwaveLock } from '../lock.ts';
import { unproven } from '../outcome.ts';
import { fromYearDay, toYearDay } from './year-day.ts';

/** Year-day schedules are counted per slot; the hub uses the first (one lock claims 20 and has one: field note 7). */
const SCHEDULE = 1;

const refusedSchedule: Outcome = {
  kind: 'refused',
  reason: 'unsupported',
  message: 'the lock did not keep the schedule it was given',
};

/** The schedule of a slot, by radio; `null` when it has none. */
export async function readSchedule(lock: ZwaveLock, slot: number): Promise<LocalWindow | null | 'no_answer'> {
  // The library's own call answers the same for an empty schedule and a lost report.
  const report = await lock.driver.sendCommand<ScheduleEntryLockCCYearDayScheduleReport>(
    new ScheduleEntryLockCCYearDayScheduleGet({ nodeId: lock.node.id, userId: slot, slotId: SCHEDULE }),
  );
  return report instanceof ScheduleEntryLockCCYearDayScheduleReport ? fromYearDay(report) : 'no_answer';
}

/**
 * Gives a slot its window, exactly as named, in the lock's own wall time, and reads it back: locks acknowledge
 * years that they then store wrongly (must-know 3).
 */
export async function setSchedule(lock: ZwaveLock, slot: number, window: LocalWindow): Promise<Outcome> {
  const schedule = toYearDay(window);
  if (schedule === undefined) return refusedSchedule;
  // Sent directly, because the library compares start and stop in the process's zone: wrong within a DST gap.
  await lock.driver.sendCommand(
    new ScheduleEntryLockCCYearDayScheduleSet({
      nodeId: lock.node.id,
      userId: slot,
      slotId: SCHEDULE,
      action: ScheduleEntryLockSetAction.Set,
      ...schedule,
    }),
  );
  const shown = await readSchedule(lock, slot);
  if (shown === 'no_answer') return unproven;
  const isKept = shown?.start === window.start && shown.stop === window.stop;
  return isKept ? { kind: 'done', proof: 'read_back' } : refusedSchedule;
}

/**
 * Takes the schedule off a slot, so that a PIN there is valid at any time. Scheduling is switched off for the slot
 * first: no lock can be asked for that switch, and with it on and no schedule some locks open never.
 */
export async function clearSchedule(lock: ZwaveLock, slot: number): Promise<Outcome> {
  const nodeId = lock.node.id;
  await lock.driver.sendCommand(new ScheduleEntryLockCCEnableSet({ nodeId, userId: slot, enabled: false }));
  await lock.driver.sendCommand(
    new ScheduleEntryLockCCYearDayScheduleSet({
      nodeId,
      userId: slot,
      slotId: SCHEDULE,
      action: ScheduleEntryLockSetAction.Erase,
    }),
  );
  return (await readSchedule(lock, slot)) === null ? { kind: 'done', proof: 'read_back' } : unproven;
}
