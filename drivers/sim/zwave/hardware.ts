import { DeviceIdType, DoorLockMode } from '@zwave-js/cc';
import { BatteryCCGet } from '@zwave-js/cc/BatteryCC';
import { DoorLockCCOperationGet, DoorLockCCOperationSet } from '@zwave-js/cc/DoorLockCC';
import { IndicatorCCSet } from '@zwave-js/cc/IndicatorCC';
import {
  ManufacturerSpecificCCDeviceSpecificGet,
  ManufacturerSpecificCCDeviceSpecificReport,
} from '@zwave-js/cc/ManufacturerSpecificCC';
import { NotificationCCGet, NotificationCCReport, NotificationCCSet } from '@zwave-js/cc/NotificationCC';
import type { SimLock } from '../lock/lock.ts';
import { reply, verdict, type CommandHandler } from './behavior.ts';
import {
  ACCESS_CONTROL,
  batteryReport,
  boltReport,
  COVER_REMOVED,
  HOME_SECURITY,
  IDLE,
  LOCK_JAMMED,
} from './reports.ts';

/** The indicator that shows which node it is (Indicator CC version 3). */
export const NODE_IDENTIFY = 0x50;

/** Bolt, battery, standing notifications and serial number of a lock. */
export const answerHardware: CommandHandler = (lock, command, hubId) => {
  if (command instanceof BatteryCCGet) return reply(batteryReport(lock, hubId));
  if (command instanceof NotificationCCGet) return reply(standingNotification(lock, command, hubId));
  if (command instanceof NotificationCCSet) return verdict(undefined);
  if (command instanceof DoorLockCCOperationGet) return reply(boltReport(lock, hubId));
  if (command instanceof DoorLockCCOperationSet) {
    return verdict(lock.radioSetBolt(command.mode === DoorLockMode.Secured ? 'locked' : 'unlocked'));
  }
  if (command instanceof IndicatorCCSet) {
    const isOurs = command.values?.some(({ indicatorId }) => indicatorId === NODE_IDENTIFY) ?? false;
    return verdict(isOurs ? lock.radioIdentify() : 'unsupported');
  }
  if (command instanceof ManufacturerSpecificCCDeviceSpecificGet) {
    return reply(serialReport(lock.serial, hubId));
  }
  return undefined;
};

export function serialReport(serial: string, hubId: number): ManufacturerSpecificCCDeviceSpecificReport {
  return new ManufacturerSpecificCCDeviceSpecificReport({
    nodeId: hubId,
    type: DeviceIdType.SerialNumber,
    deviceId: serial,
  });
}

/** States that last are told when asked for; events that passed are never told again. */
function standingNotification(lock: SimLock, get: NotificationCCGet, hubId: number): NotificationCCReport {
  const notificationType = get.notificationType ?? ACCESS_CONTROL;
  let notificationEvent = IDLE;
  if (notificationType === ACCESS_CONTROL && lock.jammed) notificationEvent = LOCK_JAMMED;
  if (notificationType === HOME_SECURITY && lock.tampered) notificationEvent = COVER_REMOVED;
  return new NotificationCCReport({ nodeId: hubId, notificationType, notificationEvent });
}
