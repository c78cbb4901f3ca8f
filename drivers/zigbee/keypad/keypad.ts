import type { Models } from 'zigbee-herdsman';
import type { Capabilities } from '../../../src/core/capability.ts';
import type { LockDescription } from '../../../src/core/lock-event.ts';
import { HUB_CODE_DIGITS } from '../../../src/core/offline/hub-code.ts';
import { batteryLevel } from '../battery.ts';
import type { Member } from '../lock.ts';
import type { Presence } from '../presence.ts';
import { fingerprintOf, lockEndpointOf } from '../profile.ts';
import { quirksOf } from '../quirks.ts';
import type { TypedCode } from './typed-code.ts';

/** A keypad of the running controller: it has no bolt, and asks the hub what to do with the digits typed at it. */
export interface Keypad extends Member {
  readonly presence: Presence;
  readonly typed: TypedCode;
}

/**
 * Where a keypad speaks of what is typed (IAS ACE). Its keys are the client, so the cluster is an output; some makes
 * list it among their inputs as well, or only there. A lock with such keys is a lock.
 */
export function keypadEndpointOf(device: Models.Device): Models.Endpoint | undefined {
  if (lockEndpointOf(device) !== undefined) return undefined;
  return device.endpoints.find(
    (endpoint) => endpoint.supportsOutputCluster('ssIasAce') || endpoint.supportsInputCluster('ssIasAce'),
  );
}

/** Digits that reach the hub from this keypad, at most. No keypad tells it; most send what there is with the last key. */
export function digitsOf(device: Models.Device): number {
  return Math.min(quirksOf(fingerprintOf(device)).keypadDigits ?? HUB_CODE_DIGITS, HUB_CODE_DIGITS);
}

/**
 * What the hub is told of a keypad.
 *
 * @param shown what it just showed of its battery; absent: it was not asked
 */
export function describeKeypad(device: Models.Device, shown?: unknown): LockDescription {
  const { manufacturerName, modelID, ieeeAddr } = device;
  return {
    radio: 'zigbee',
    address: ieeeAddr,
    model: `${manufacturerName ?? 'Unknown make'} ${modelID ?? 'keypad'}`.trim(),
    capabilities: capabilitiesOf(device),
    secure: true,
    batteryLevel: batteryLevel(shown, quirksOf(fingerprintOf(device))),
    locked: null,
  };
}

/** A keypad keeps nothing. The length is that of the codes that it can hand on. */
function capabilitiesOf(device: Models.Device): Capabilities {
  const digits = digitsOf(device);
  return {
    isKeypad: true,
    firstSlot: 1,
    lastSlot: 0,
    adminSlots: [],
    pinLength: { min: digits, max: digits },
    constraints: [],
    nativeScheduling: null,
    weekDaySchedules: 0,
    disabledCodes: false,
    checksum: false,
    offline: null,
  };
}
