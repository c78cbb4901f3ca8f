import { DeviceIdType, DoorLockMode } from '@zwave-js/cc';
import { BatteryCCGet } from '@zwave-js/cc/BatteryCC';
import { DoorLockCCOperationGet, DoorLockCCOperationSet } from '@zwave-js/cc/DoorLockCC';
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

/** Bolt, battery, standing notifications and serial number of a lock. */
export const answerHardware: CommandHandler = (lock, command, hubId) => {
  if (command instanceof BatteryCCGet) return reply(batteryReport(lock, hubId));
  if (command instanceof NotificationCCGet) return reply(standingNotification(lock, command, hubId));
  if (command instanceof NotificationCCSet) return verdict(undefined);
  if (command instanceof DoorLockCCOperationGet) return reply(boltReport(lock, hubId));
  if (command instanceof DoorLockCCOperationSet) {
    lock.radioSetBolt(command.mode === DoorLockMode.Secured ? 'locked' : 'unlocked');
    return verdict(lock.jammed ? 'refused' : undefined);
  }
  if (command instanceof ManufacturerSpecificCCDeviceSpecificGet) {
    return reply(
      new ManufacturerSpecificCCDeviceSpecificReport({
        nodeId: hubId,
        type: DeviceIdType.SerialNumber,
        deviceId: lock.serial,
      }),
    );
  }
  return undefined;
};

/** States that last are told when asked for; events that passed are never told again. */
function standingNotification(lock: SimLock, get: NotificationCCGet, hubId: number): NotificationCCReport {
  const notificationType = get.notificationType ?? ACCESS_CONTROL;
  let notificationEvent = IDLE;
  if (notificationType === ACCESS_CONTROL && lock.jammed) notificationEvent = LOCK_JAMMED;
  if (notificationType === HOME_SECURITY && lock.tampered) notificationEvent = COVER_REMOVED;
  return new NotificationCCReport({ nodeId: hubId, notificationType, notificationEvent });
}
