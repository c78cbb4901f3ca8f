import { DoorLockMode, type CommandClass } from '@zwave-js/cc';
import { BatteryCCReport } from '@zwave-js/cc/BatteryCC';
import { DoorLockCCOperationReport } from '@zwave-js/cc/DoorLockCC';
import { NotificationCCReport } from '@zwave-js/cc/NotificationCC';
import { CommandClasses, Duration } from '@zwave-js/core';
import type { LockReport, SimLock } from '../lock/lock.ts';

/** Notification types and events of the Z-Wave notification registry, as the field notes verified them. */
export const ACCESS_CONTROL = 6;
export const HOME_SECURITY = 7;
export const IDLE = 0;
export const LOCK_JAMMED = 11;
export const COVER_REMOVED = 3;

const EVENT = {
  manualLock: 1,
  manualUnlock: 2,
  remoteLock: 3,
  remoteUnlock: 4,
  keypadLock: 5,
  keypadUnlock: 6,
  autoLock: 9,
  allCodesDeleted: 12,
  codeDeleted: 13,
  codeAdded: 14,
  duplicateRefused: 15,
  wrongCode: 19,
} as const;

/** What a lock says it can notify, by type. */
export const SUPPORTED_NOTIFICATIONS: Record<number, number[]> = {
  [ACCESS_CONTROL]: [...Object.values(EVENT), LOCK_JAMMED].sort((a, b) => a - b),
  [HOME_SECURITY]: [COVER_REMOVED],
};

/** A low battery is told by this level instead of a percentage. */
const BATTERY_LOW_LEVEL = 0xff;

/** The level, as a report. */
export function batteryReport(lock: SimLock, hubId: number): BatteryCCReport {
  return new BatteryCCReport({ nodeId: hubId, level: lock.batteryPercent });
}

/** Where the bolt is, as a report. */
export function boltReport(lock: SimLock, hubId: number): DoorLockCCOperationReport {
  const mode = lock.bolt === 'locked' ? DoorLockMode.Secured : DoorLockMode.Unsecured;
  const handles: [boolean, boolean, boolean, boolean] = [false, false, false, false];
  return new DoorLockCCOperationReport({
    nodeId: hubId,
    currentMode: mode,
    targetMode: mode,
    duration: new Duration(0, 'seconds'),
    outsideHandlesCanOpenDoor: handles,
    insideHandlesCanOpenDoor: handles,
  });
}

/** The frames with which a lock tells what happened. */
export function framesOf(lock: SimLock, report: LockReport, hubId: number): readonly CommandClass[] {
  const access = (event: number, ...parameters: readonly number[]): CommandClass =>
    notification(hubId, ACCESS_CONTROL, event, parameters);
  switch (report.kind) {
    case 'unlocked':
    case 'locked':
      return [access(boltEvent(report), ...who(lock, report.slot)), boltReport(lock, hubId)];
    case 'slot_changed':
      return [access(EVENT.codeAdded, ...who(lock, report.slot))];
    case 'slot_cleared':
      return report.slot === null
        ? [access(EVENT.allCodesDeleted)]
        : [access(EVENT.codeDeleted, ...who(lock, report.slot))];
    case 'duplicate_refused':
      return [access(EVENT.duplicateRefused, ...who(lock, report.slot))];
    case 'access_denied':
      return [access(EVENT.wrongCode)];
    case 'jammed':
      return [access(LOCK_JAMMED)];
    case 'jam_cleared':
      return [access(IDLE, LOCK_JAMMED)];
    case 'tampered':
      return [notification(hubId, HOME_SECURITY, COVER_REMOVED, [])];
    case 'tamper_cleared':
      return [notification(hubId, HOME_SECURITY, IDLE, [COVER_REMOVED])];
    case 'replaced':
    case 'keypad_entry':
    case 'credentials':
      return [];
    case 'battery':
      return report.low
        ? [batteryReport(lock, hubId), new BatteryCCReport({ nodeId: hubId, level: BATTERY_LOW_LEVEL })]
        : [batteryReport(lock, hubId)];
  }
}

function boltEvent(report: Extract<LockReport, { kind: 'locked' | 'unlocked' }>): number {
  const locked = report.kind === 'locked';
  switch (report.method) {
    case 'keycode':
      return locked ? EVENT.keypadLock : EVENT.keypadUnlock;
    case 'remote':
      return locked ? EVENT.remoteLock : EVENT.remoteUnlock;
    case 'automatic':
      return EVENT.autoLock;
    case 'manual':
    case 'unknown':
      return locked ? EVENT.manualLock : EVENT.manualUnlock;
  }
}

/**
 * The user as event parameters. Version 1 locks send the bare slot; the others wrap it in a User Code Report, as
 * the YRD446 does (field note 7).
 */
function who(lock: SimLock, slot: number | null): readonly number[] {
  if (slot === null) return [];
  const userCodeReport = 3;
  return lock.model.family === 'user_code_v2'
    ? [CommandClasses['User Code'], userCodeReport, slot, 1]
    : [slot];
}

function notification(
  hubId: number,
  notificationType: number,
  notificationEvent: number,
  parameters: readonly number[],
): CommandClass {
  const eventParameters = Uint8Array.from(parameters);
  return new NotificationCCReport({ nodeId: hubId, notificationType, notificationEvent, eventParameters });
}
