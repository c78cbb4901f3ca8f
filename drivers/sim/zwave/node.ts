import {
  DoorLockMode,
  DoorLockOperationType,
  KeypadMode,
  Security2CCNonceGet,
  Security2CCNonceReport,
  UserCredentialNameEncoding,
  UserCredentialRule,
  UserCredentialType,
  UserCredentialUserType,
  UserIDStatus,
  type UserCredentialCapability,
} from '@zwave-js/cc';
import { CommandClasses, SecurityClass } from '@zwave-js/core';
import {
  ccCaps,
  MockNode,
  MockZWaveFrameType,
  type MockController,
  type PartialCCCapabilities,
} from '@zwave-js/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { createDefaultMockNodeBehaviors } from 'zwave-js/Testing';
import { arrivals, departure } from '../lock/fault.ts';
import type { SimKeypad } from '../keypad.ts';
import type { SimLock } from '../lock/lock.ts';
import type { LockModel } from '../lock/model.ts';
import type { Random } from '../random.ts';
import { behaviorOf } from './behavior.ts';
import { credentialHandler, editReports } from './credential.ts';
import { answerHardware, NODE_IDENTIFY } from './hardware.ts';
import { KEY_REPEAT_MS, KeyExchange } from './key-exchange.ts';
import { ReportSender } from './report-sender.ts';
import { framesOf, SUPPORTED_NOTIFICATIONS } from './reports.ts';
import { answerSchedule } from './schedule.ts';
import { guardSecurity } from './security.ts';
import { answerTime } from './time.ts';
import { answerUserCode } from './user-code.ts';

/** Air time of a frame. */
const TX_DELAY_MS = 2;

/** What gets in and out of the network. */
export type Device = SimLock | SimKeypad;

/** A lock or a keypad on the air. */
export interface LockNode {
  readonly node: MockNode;
  /** Takes it off the air. */
  leave(): void;
}

export interface LockNodeOptions {
  readonly random: Random;
  /** How often it asks for its keys while it joins. */
  readonly keyRepeatMs?: number;
}

/** Puts a lock on the air of a mock controller, already included and with its keys. */
export async function createLockNode(
  controller: MockController,
  lock: SimLock,
  { random, keyRepeatMs = KEY_REPEAT_MS }: LockNodeOptions,
): Promise<LockNode> {
  const node = await MockNode.create({
    id: lock.address,
    controller,
    capabilities: {
      ...lock.model.product,
      isListening: false,
      isFrequentListening: '1000ms',
      supportsSecurity: lock.model.secure,
      securityClasses: new Set(lock.model.secure ? [SecurityClass.S2_AccessControl] : []),
      txDelay: TX_DELAY_MS,
      commandClasses: commandClasses(lock.model),
    },
  });
  node.defineBehavior(...createDefaultMockNodeBehaviors());
  const handlers = [answerUserCode, answerSchedule, answerTime, answerHardware];
  if (lock.model.family === 'user_credential') handlers.push(credentialHandler(lock));
  node.defineBehavior(behaviorOf(lock, handlers));
  node.defineBehavior(guardSecurity(lock));
  const keyExchange = new KeyExchange(node, keyRepeatMs);
  node.defineBehavior(keyExchange.behavior());
  const sender = new ReportSender(node);
  const unsubscribe = lock.onReport((report) => {
    // In foreign keys it would say this to nobody who is here.
    if (lock.fault.kind === 'foreign_keys' || !isOf(node, lock)) return;
    const hubId = controller.ownNodeId;
    const frames = [...framesOf(lock, report, hubId), ...editReports(lock, report, hubId)];
    const send = (): void => frames.forEach((frame) => sender.send(frame));
    if (lock.delayReportsMs > 0) setTimeout(send, lock.delayReportsMs).unref();
    else send();
  });
  applyFaults(node, lock, random);
  controller.addNode(node);
  return {
    node,
    leave: () => {
      unsubscribe();
      keyExchange.stop();
      controller.removeNode(node);
    },
  };
}

function commandClasses(model: LockModel): PartialCCCapabilities[] {
  const secure = model.secure;
  const ccs: PartialCCCapabilities[] = [
    { ccId: CommandClasses['Z-Wave Plus Info'], version: 2 },
    { ccId: CommandClasses.Version, version: 3, secure },
    { ccId: CommandClasses['Manufacturer Specific'], version: 2, secure },
    { ccId: CommandClasses.Battery, version: 1, secure },
    ccCaps({
      ccId: CommandClasses.Notification,
      version: 8,
      secure,
      supportsV1Alarm: false,
      notificationTypesAndEvents: SUPPORTED_NOTIFICATIONS,
    }),
    ccCaps({
      ccId: CommandClasses['Door Lock'],
      version: 4,
      secure,
      supportedOperationTypes: [DoorLockOperationType.Constant],
      supportedDoorLockModes: [DoorLockMode.Unsecured, DoorLockMode.Secured],
      doorSupported: false,
      latchSupported: false,
    }),
    codeClass(model),
  ];
  if (secure) {
    ccs.push({ ccId: CommandClasses['Security 2'], version: 1 });
    ccs.push({ ccId: CommandClasses.Supervision, version: 1 });
  }
  if (model.schedules) ccs.push(scheduleClass(model));
  if (model.clock === 'time_parameters') {
    ccs.push({ ccId: CommandClasses.Time, version: 2, secure });
    ccs.push({ ccId: CommandClasses['Time Parameters'], version: 1, secure });
  }
  if (model.identifies) ccs.push(indicatorClass(model));
  if (model.clock === 'clock') ccs.push({ ccId: CommandClasses.Clock, version: 1, secure });
  return ccs;
}

function indicatorClass({ secure }: LockModel): PartialCCCapabilities {
  const indicators = { [NODE_IDENTIFY]: { properties: [3, 4, 5] } };
  return ccCaps({ ccId: CommandClasses.Indicator, version: 3, secure, indicators });
}

function scheduleClass({ secure, weekDaySchedules }: LockModel): PartialCCCapabilities {
  return ccCaps({
    ccId: CommandClasses['Schedule Entry Lock'],
    version: 3,
    secure,
    numWeekDaySlots: weekDaySchedules,
    numYearDaySlots: 1,
    numDailyRepeatingSlots: 0,
  });
}

function codeClass(model: LockModel): PartialCCCapabilities {
  if (model.family === 'user_credential') return credentialClass(model);
  return ccCaps({
    ccId: CommandClasses['User Code'],
    version: model.family === 'user_code_v1' ? 1 : 2,
    secure: model.secure,
    numUsers: model.slots,
    supportsAdminCode: model.adminSlot !== null,
    supportsAdminCodeDeactivation: false,
    supportsUserCodeChecksum: model.checksum,
    supportedUserIDStatuses: [UserIDStatus.Available, UserIDStatus.Enabled, UserIDStatus.Disabled],
    supportedKeypadModes: [KeypadMode.Normal],
    supportedASCIIChars: '0123456789',
  });
}

function credentialClass(model: LockModel): PartialCCCapabilities {
  return ccCaps({
    ccId: CommandClasses['User Credential'],
    version: 1,
    secure: model.secure,
    numberOfSupportedUsers: model.slots,
    supportedCredentialRules: [UserCredentialRule.Single],
    maxUserNameLength: 32,
    supportsUserSchedule: false,
    supportsAllUsersChecksum: false,
    supportsUserChecksum: false,
    supportedUserNameEncodings: [UserCredentialNameEncoding.ASCII],
    supportedUserTypes: [UserCredentialUserType.General],
    supportsCredentialChecksum: false,
    supportsAdminCode: false,
    supportsAdminCodeDeactivation: false,
    supportedCredentialTypes: new Map([
      [
        UserCredentialType.PINCode,
        {
          numberOfCredentialSlots: model.slots,
          minCredentialLength: model.pinLength.min,
          maxCredentialLength: model.pinLength.max,
          maxCredentialHashLength: 0,
          supportsCredentialLearn: false,
        } as UserCredentialCapability,
      ],
    ]),
  });
}

/** Whether a node of the network still is that device, which may have been reset and joined again as another. */
export function isOf(node: MockNode, { membership, address }: Device): boolean {
  return membership.joined && address === node.id;
}

/** Counts the frames of a lock, and loses, delays and doubles them as its fault says. */
function applyFaults(node: MockNode, lock: SimLock, random: Random): void {
  const receive = node.onControllerFrame.bind(node);
  node.onControllerFrame = async (frame) => {
    if (frame.type === MockZWaveFrameType.ACK) return receive(frame);
    const times = isOf(node, lock) ? arrivals(lock.fault, random) : 0;
    if (times === 0) return;
    lock.frameReceived();
    // The mock records every frame for assertions; a house that runs for weeks must not.
    node.clearReceivedControllerFrames();
    node.clearSentControllerFrames();
    await receive(frame);
    if (times === 2 && !isHandshake(frame)) await receive(frame);
  };
  const send = node.sendToController.bind(node);
  node.sendToController = async (frame) => {
    const { lost, delayMs } = departure(lock.fault, random);
    // A lock whose application hangs still has a radio that acknowledges and shakes hands.
    const byRadioAlone = frame.type === MockZWaveFrameType.ACK || isHandshake(frame);
    if (frame.type === MockZWaveFrameType.Request) lock.frameSent();
    if (lost && !(byRadioAlone && lock.fault.kind === 'no_answer')) return undefined;
    if (delayMs > 0 && !byRadioAlone) await pause(delayMs, undefined, { ref: false });
    return send(frame);
  };
}

function isHandshake(frame: { type: MockZWaveFrameType; payload?: unknown }): boolean {
  return (
    frame.type === MockZWaveFrameType.Request &&
    (frame.payload instanceof Security2CCNonceReport || frame.payload instanceof Security2CCNonceGet)
  );
}
