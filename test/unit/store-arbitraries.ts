import * as fc from 'fast-check';

import type { AccessCode } from '../../src/core/access-code.ts';
import type { Capabilities } from '../../src/core/capability.ts';
import type { Lock, LockState } from '../../src/core/lock.ts';
import type { ErrorCode, WarningCode } from '../../src/core/problem.ts';
import type { RefusalReason } from '../../src/core/operation.ts';
import type { Slot } from '../../src/core/slot.ts';
import { pin } from './store-rows.ts';

const anyPin = fc
  .array(fc.nat({ max: 9 }), { minLength: 4, maxLength: 12 })
  .map((digits) => pin(digits.join('')));
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const instant = fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.double({ min: 0, max: 4e12, noNaN: true }));
const maybeInstant = fc.option(instant);
const maybeText = fc.option(text);
const slotNumber = fc.nat({ max: 65_535 });
const version = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const localMinute = fc.constantFrom('2026-10-25T02:30', '2099-12-31T23:59');

const capabilities: fc.Arbitrary<Capabilities> = fc.record({
  firstSlot: slotNumber,
  lastSlot: slotNumber,
  adminSlots: fc.array(slotNumber),
  pinLength: fc.record({ min: fc.nat(), max: fc.nat() }),
  nativeScheduling: fc.option(fc.record({ kind: fc.constant('year_day'), granuleMs: fc.nat() })),
  checksum: fc.boolean(),
});

const lock: fc.Arbitrary<Lock> = fc.record({
  deviceId: fc.uuid(),
  radio: fc.option(fc.constantFrom('zwave', 'zigbee')),
  address: fc.option(fc.oneof(fc.nat({ max: 4000 }), fc.constantFrom('0x00158d0001', '12'))),
  model: maybeText,
  capabilities: fc.option(capabilities),
  secure: fc.boolean(),
  online: fc.boolean(),
  batteryLevel: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  locked: fc.option(fc.boolean()),
  jammed: fc.boolean(),
  tampered: fc.boolean(),
  batteryLow: fc.boolean(),
  masksPins: fc.boolean(),
  nativeRefused: fc.boolean(),
  clockSet: fc.option(fc.record({ at: instant, offsetMinutes: fc.integer({ min: -900, max: 900 }) })),
  generation: version,
  versionReceived: version,
  versionApplied: version,
  failures: fc.nat(),
  retryAt: maybeInstant,
});

const errorCode = fc.constantFrom<ErrorCode>(
  'failed_to_set_on_device',
  'failed_to_remove_from_device',
  'duplicate_code_on_device',
  'no_space_for_access_code_on_device',
  'code_modified_external_to_seam',
  'code_constraints_violated',
  'invalid_input',
  'duplicate_access_code',
);
const warningCode = fc.constantFrom<WarningCode>(
  'delay_in_setting_on_device',
  'delay_in_removing_from_device',
  'code_modified_external_to_seam',
  'being_deleted',
  'native_scheduling_refused',
);
const refusalReason = fc.constantFrom<RefusalReason>(
  'duplicate_pin',
  'pin_format',
  'slot_out_of_range',
  'no_space',
  'unsupported',
  'refused',
);

export const anyCode: fc.Arbitrary<AccessCode> = fc.record({
  accessCodeId: fc.uuid(),
  name: maybeText,
  pin: fc.option(anyPin),
  startsAt: maybeInstant,
  endsAt: maybeInstant,
  preferNativeScheduling: fc.boolean(),
  allowExternalModification: fc.boolean(),
  strictStart: fc.boolean(),
  origin: fc.constantFrom('cloud', 'local'),
  createdAt: instant,
  removingSince: maybeInstant,
  rejected: fc.option(fc.record({ code: errorCode, message: text })),
  refused: fc.option(fc.record({ reason: refusalReason, message: text })),
  slot: fc.option(slotNumber),
  status: fc.constantFrom('unset', 'setting', 'set', 'removing', 'unknown'),
  statusSince: instant,
  isScheduledOnDevice: fc.boolean(),
  everOnDevice: fc.boolean(),
  externallyModified: fc.boolean(),
  failures: fc.nat(),
  retryAt: maybeInstant,
  errors: fc.array(fc.record({ code: errorCode, message: text, createdAt: instant }), { maxLength: 3 }),
  warnings: fc.array(fc.record({ code: warningCode, message: text, createdAt: instant }), { maxLength: 3 }),
});

const anySlot: fc.Arbitrary<Slot> = fc.record({
  slot: slotNumber,
  owner: fc.option(fc.uuid()),
  content: fc.oneof(
    fc.constant({ kind: 'empty' as const }),
    fc.constant({ kind: 'unknown' as const }),
    fc.record({ kind: fc.constant('masked' as const), enabled: fc.boolean() }),
    fc.record({ kind: fc.constant('pin' as const), pin: anyPin, enabled: fc.boolean() }),
  ),
  recheck: fc.constantFrom('no', 'perhaps', 'edited'),
  pending: fc.option(fc.record({ pin: anyPin, overEmpty: fc.boolean() })),
  schedule: fc.oneof(
    fc.constant({ kind: 'unknown' as const }),
    fc.record({
      kind: fc.constant('known' as const),
      window: fc.option(fc.record({ start: localMinute, stop: localMinute })),
    }),
  ),
  proof: fc.option(fc.constantFrom('read_back', 'checksum', 'event', 'supervision')),
  provenAt: maybeInstant,
  writtenAt: maybeInstant,
});

const codes = fc.uniqueArray(anyCode, { selector: (code) => code.accessCodeId, maxLength: 6 });
const slots = fc
  .uniqueArray(anySlot, { selector: (slot) => slot.slot, maxLength: 6 })
  .map((rows) => rows.toSorted((one, other) => one.slot - other.slot));

export const anyLockState: fc.Arbitrary<LockState> = fc.record({ lock, codes, slots });
