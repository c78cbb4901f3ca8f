import type { Capabilities } from '../core/capability.ts';
import { lockedUntil } from '../core/offline/guess-limit.ts';
import { SECOND_MS } from '../core/time.ts';
import { notedText } from '../wire/instant-text.ts';
import { lockPropertiesOf } from '../wire/lock-properties.ts';
import type { View } from '../wire/view.ts';
import type { Reported } from './messages/up.ts';

type Device = Reported['device'];

/** What is true of the lock itself. */
export function deviceOf(view: View): Device {
  const { lock } = view.state;
  return {
    radio: lock.radio,
    address: lock.address,
    model: lock.model,
    online: lock.online,
    battery_level: lock.batteryLevel,
    locked: lock.locked,
    jammed: lock.jammed,
    tampered: lock.tampered,
    capabilities: lock.capabilities && capabilitiesOf(lock.capabilities),
    ...doorOf(view),
    properties: lockPropertiesOf(view),
    errors: [...view.errors],
    warnings: [...view.warnings],
  };
}

function doorOf({ state, now }: View): Pick<Device, 'door'> {
  const { keypadId, memory, unread } = state.lock.door;
  if (keypadId === null) return {};
  const until = lockedUntil(memory.guesses, now.earliest);
  const locked = until === null ? { locked_until: null } : { locked_until: notedText(until), unread };
  return { door: { keypad_device_id: keypadId, ...locked } };
}

function capabilitiesOf(capabilities: Capabilities): NonNullable<Device['capabilities']> {
  const native = capabilities.nativeScheduling;
  return {
    first_slot: capabilities.firstSlot,
    last_slot: capabilities.lastSlot,
    admin_slots: [...capabilities.adminSlots],
    pin_length: { ...capabilities.pinLength },
    native_scheduling: native && { kind: native.kind, granule_seconds: native.granuleMs / SECOND_MS },
    week_day_schedules: capabilities.weekDaySchedules,
    disabled_codes: capabilities.disabledCodes,
    checksum: capabilities.checksum,
    ...(capabilities.isKeypad === true && { keypad: true as const }),
  };
}
