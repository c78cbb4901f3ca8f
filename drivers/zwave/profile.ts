import { DoorLockMode, UserCredentialType, type UserIDStatus } from '@zwave-js/cc';
import { BatteryCCValues } from '@zwave-js/cc/BatteryCC';
import { ConfigurationCCValues } from '@zwave-js/cc/ConfigurationCC';
import { DoorLockCCValues } from '@zwave-js/cc/DoorLockCC';
import { LockCCValues } from '@zwave-js/cc/LockCC';
import { ScheduleEntryLockCCValues } from '@zwave-js/cc/ScheduleEntryLockCC';
import { UserCodeCCValues } from '@zwave-js/cc/UserCodeCC';
import { CommandClasses, SecurityClass } from '@zwave-js/core';
import type { ZWaveNode } from 'zwave-js';
import type { Capabilities } from '../../src/core/capability.ts';
import type { LockDescription } from '../../src/core/lock-event.ts';
import type { SlotContent, SlotReading } from '../../src/core/slot.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import { hasComparableChecksum, keepsDisabledCodes } from './code-profile.ts';
import { rememberedOwner, rememberedUser } from './credential-cache.ts';
import { quirksOf, type Quirks } from './quirks.ts';
import { contentOf, contentOfReport } from './slot-content.ts';

/** The two ways in which Z-Wave locks keep codes. The API of zwave-js hides most of the difference, not all. */
type LockFamily = 'user_code' | 'user_credential';

/** What the interview found out about a lock; everything here is from the lock itself or its quirks. */
export interface LockProfile {
  readonly family: LockFamily;
  /** What the API calls this lock's PINs: `Password` on User Code locks that take letters too. */
  readonly credentialType: UserCredentialType;
  readonly capabilities: Capabilities;
  /** Writes are confirmed by Supervision, so a success needs no reading. */
  readonly supervised: boolean;
  readonly quirks: Quirks;
}

/** PINs of this project are 4 to 12 digits (decision 19). */
const PIN_LENGTH = { min: 4, max: 12 };

/** Battery CC counts in percent; 255 means "low" and is no level. */
const BATTERY_LEVEL_MAX = 100;

/** Generic device class of door locks and keypads. */
const ENTRY_CONTROL = 0x40;

/** A lock has one of the two user management command classes and takes PINs. */
export function isLock(node: ZWaveNode): boolean {
  return node.supportsCC(CommandClasses['User Code']) || node.supportsCC(CommandClasses['User Credential']);
}

/**
 * A door's device that showed no user management: either it has no keypad, or it answered nothing of the questions
 * that find out its security classes, and a secured lock shows its codes to nobody else.
 */
export function mayBeLock(node: ZWaveNode): boolean {
  return node.deviceClass?.generic.key === ENTRY_CONTROL && !isSecure(node);
}

/** `undefined` while the interview lacks answers without which nothing can be planned: how many slots there are. */
export function profileOf(node: ZWaveNode): LockProfile | undefined {
  const { accessControl } = node;
  if (accessControl === undefined) return undefined;
  const users = accessControl.getUserCapabilitiesCached();
  const types = accessControl.getCredentialCapabilitiesCached().supportedCredentialTypes;
  const credentialType = types.has(UserCredentialType.PINCode)
    ? UserCredentialType.PINCode
    : UserCredentialType.Password;
  const credential = types.get(credentialType);
  const schedules = schedulesPerSlot(node);
  if (credential === undefined || users.maxUsers === 0 || schedules === undefined) return undefined;
  const quirks = quirksOf(fingerprintOf(node));
  const exactLength = exactPinLength(node, quirks);
  const family = users.supportsUsersWithoutCredentials ? 'user_credential' : 'user_code';
  return {
    family,
    credentialType,
    capabilities: {
      firstSlot: 1,
      lastSlot: Math.min(users.maxUsers, credential.numberOfCredentialSlots),
      adminSlots: quirks.adminSlots ?? [],
      pinLength: {
        min: exactLength ?? Math.max(PIN_LENGTH.min, credential.minCredentialLength),
        max: exactLength ?? Math.min(PIN_LENGTH.max, credential.maxCredentialLength),
      },
      // zwave-js has no command class for the schedules of User Credential locks (field note 3).
      nativeScheduling:
        family === 'user_code' && schedules > 0 ? { kind: 'year_day', granuleMs: MINUTE_MS } : null,
      constraints: quirks.constraints ?? [],
      weekDaySchedules: family === 'user_code' && schedules > 0 ? weekDaySchedulesPerSlot(node) : 0,
      disabledCodes: family === 'user_credential' || keepsDisabledCodes(node),
      checksum: family === 'user_code' && hasComparableChecksum(node, quirks),
      offline: null,
    },
    supervised: node.supportsCC(CommandClasses.Supervision),
    quirks,
  };
}

/** What the hub is told of a lock. */
export function describe(
  node: ZWaveNode,
  profile: LockProfile,
  manufacturer: string | undefined,
): LockDescription {
  return {
    radio: 'zwave',
    address: node.id,
    model: modelOf(node, manufacturer),
    capabilities: profile.capabilities,
    secure: isSecure(node),
    batteryLevel: batteryLevelOf(node.getValue<number>(BatteryCCValues.level.id)),
    locked: boltOf(node),
  };
}

/** What the interview read of every slot, with PINs; it can be old. */
export function snapshotOf(node: ZWaveNode, profile: LockProfile): readonly SlotReading[] {
  const { firstSlot, lastSlot } = profile.capabilities;
  const slots = Array.from({ length: lastSlot - firstSlot + 1 }, (_, index) => firstSlot + index);
  const readContent = profile.family === 'user_code' ? heldUserCode : heldCredential;
  return slots.flatMap((slot) => {
    const content = readContent(node, profile, slot);
    return content === undefined ? [] : [{ slot, content }];
  });
}

/** The interview does not ask for single codes where the lock's checksum says that it has none. */
function heldUserCode(node: ZWaveNode, _profile: LockProfile, slot: number): SlotContent | undefined {
  const status = node.getValue<UserIDStatus>(UserCodeCCValues.userIdStatus(slot).id);
  const code = node.getValue<string | Uint8Array>(UserCodeCCValues.userCode(slot).id);
  if (status !== undefined) return contentOfReport(status, code);
  return node.getValue<number>(UserCodeCCValues.userCodeChecksum.id) === 0 ? { kind: 'empty' } : undefined;
}

/** The interview walks through all credentials, so a slot that it did not find is empty. */
function heldCredential(node: ZWaveNode, { credentialType }: LockProfile, slot: number): SlotContent {
  const owner = rememberedOwner(node, credentialType, slot);
  if (owner === undefined) return { kind: 'empty' };
  const held = node.accessControl?.getCredentialCached(credentialType, slot);
  return contentOf(held?.data, rememberedUser(node, owner)?.active ?? true);
}

/** Battery CC level in percent to 0..1; `null` for anything that is no level. */
export function batteryLevelOf(percent: unknown): number | null {
  return typeof percent === 'number' && percent <= BATTERY_LEVEL_MAX ? percent / BATTERY_LEVEL_MAX : null;
}

/** Year-day schedules per slot: 0 when the lock keeps none, `undefined` when it has not answered yet. */
function schedulesPerSlot(node: ZWaveNode): number | undefined {
  if (!node.supportsCC(CommandClasses['Schedule Entry Lock'])) return 0;
  return node.getValue<number>(ScheduleEntryLockCCValues.numYearDaySlots.id);
}

function weekDaySchedulesPerSlot(node: ZWaveNode): number {
  return node.getValue<number>(ScheduleEntryLockCCValues.numWeekDaySlots.id) ?? 0;
}

function exactPinLength(node: ZWaveNode, { pinLengthParameter }: Quirks): number | undefined {
  if (pinLengthParameter === undefined) return undefined;
  const { commandClass, property } = ConfigurationCCValues.paramInformation(pinLengthParameter).id;
  const length = node.getValue<number>({ commandClass, property });
  return length !== undefined && length >= PIN_LENGTH.min && length <= PIN_LENGTH.max ? length : undefined;
}

function fingerprintOf({ manufacturerId = 0, productType = 0, productId = 0 }: ZWaveNode) {
  return { manufacturerId, productType, productId };
}

/** What it is called, by its device file or by its numbers. */
export function modelOf(node: ZWaveNode, manufacturer: string | undefined): string {
  const { deviceConfig } = node;
  if (deviceConfig) return `${deviceConfig.manufacturer} ${deviceConfig.label}`;
  const { manufacturerId, productType, productId } = fingerprintOf(node);
  return `${manufacturer ?? `Manufacturer ${hex(manufacturerId)}`} ${hex(productType)}:${hex(productId)}`;
}

/** S0 is all that legacy locks have; anything else below Access Control joined without what a lock needs. */
function isSecure(node: ZWaveNode): boolean {
  const highest = node.getHighestSecurityClass();
  return highest === SecurityClass.S2_AccessControl || highest === SecurityClass.S0_Legacy;
}

function boltOf(node: ZWaveNode): boolean | null {
  const mode = node.getValue<DoorLockMode>(DoorLockCCValues.currentMode.id);
  if (mode === undefined || mode === DoorLockMode.Unknown)
    return node.getValue<boolean>(LockCCValues.locked.id) ?? null;
  return mode === DoorLockMode.Secured;
}

function hex(id: number): string {
  return `0x${id.toString(16).padStart(4, '0')}`;
}
