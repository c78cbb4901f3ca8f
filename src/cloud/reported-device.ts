import type { Capabilities, CodeConstraint } from '../core/capability.ts';
import { userSlotCount } from '../core/capability.ts';
import { supportedPinLengths } from '../core/request/constraints.ts';
import type { Lock } from '../core/lock.ts';
import { poolSize } from '../core/request/pool.ts';
import { SECOND_MS } from '../core/time.ts';
import { notedText, instantText } from '../wire/instant-text.ts';
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
    properties: propertiesOf(lock, view),
    errors: [...view.errors],
    warnings: [...view.warnings],
  };
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
  };
}

function propertiesOf(lock: Lock, { policy, pool }: View): Device['properties'] {
  const { capabilities, clockRead, audit } = lock;
  return {
    supported_code_lengths: [...supportedPinLengths(lock)],
    max_active_codes_supported: capabilities && userSlotCount(capabilities),
    code_constraints: (capabilities?.constraints ?? []).map(constraintOf),
    supports_backup_access_code_pool: poolSize(lock, policy) > 0,
    // Locks on a radio tell of every entry by themselves, most of them with the slot.
    has_native_entry_events: capabilities !== null,
    backup_access_code_pool: {
      enabled: pool.enabled,
      size: pool.size,
      ready: pool.ready,
      pulled: pool.activePulled,
    },
    clock: clockRead && {
      checked_at: notedText(clockRead.at),
      ahead_seconds: Math.round(clockRead.aheadMs / SECOND_MS),
    },
    audit: { done_at: instantText(audit.doneAt) },
  };
}

function constraintOf(constraint: CodeConstraint): Device['properties']['code_constraints'][number] {
  if (constraint.type !== 'name_length') return { constraint_type: constraint.type };
  const { type, min, max } = constraint;
  return {
    constraint_type: type,
    ...(min === null ? {} : { min_length: min }),
    ...(max === null ? {} : { max_length: max }),
  };
}
