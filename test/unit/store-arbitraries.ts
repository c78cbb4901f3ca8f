import * as fc from 'fast-check';

import type { AccessCode, PendingEdits, WeeklyWindow } from '../../src/core/access-code.ts';
import type { OfflineIssue } from '../../src/core/offline/issue.ts';
import type { OfflineCapability } from '../../src/core/offline/window.ts';
import type { Capabilities, CodeConstraint } from '../../src/core/capability.ts';
import type { Lock, LockState } from '../../src/core/lock.ts';
import type { ErrorCode, WarningCode } from '../../src/core/problem.ts';
import type { RefusalReason } from '../../src/core/operation.ts';
import { WEEK_DAYS, type Schedule, type Slot } from '../../src/core/slot.ts';
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

const timeOfDay = fc.constantFrom('00:00', '08:30', '24:00');
const weekDay = fc.constantFrom(...WEEK_DAYS);

const constraint: fc.Arbitrary<CodeConstraint> = fc.oneof(
  fc.record({
    type: fc.constantFrom(
      'no_zeros',
      'cannot_start_with_12',
      'no_triple_consecutive_ints',
      'cannot_specify_pin_code',
      'pin_code_matches_existing_set',
      'start_date_in_future',
      'no_ascending_or_descending_sequence',
      'at_least_three_unique_digits',
      'no_all_same_digits',
      'unique_first_four_digits',
      'cannot_contain_089',
      'cannot_contain_0789',
      'name_must_be_unique',
    ),
  }),
  fc.record({ type: fc.constant('name_length'), min: fc.option(fc.nat()), max: fc.option(fc.nat()) }),
);

const offline: fc.Arbitrary<OfflineCapability> = fc.record({
  vendor: fc.constantFrom('igloohome', 'dormakaba_oracode', 'lockhub'),
  rules: fc.oneof(
    fc.record({
      kind: fc.constant('spans'),
      zone: text,
      hoursMax: fc.nat(),
      daysMin: fc.nat(),
      daysMax: fc.nat(),
      oneTimeHours: fc.option(fc.nat()),
    }),
    fc.record({
      kind: fc.constant('levels'),
      daysMax: fc.nat(),
      levels: fc.array(
        fc.record({
          levelId: text,
          name: text,
          prefix: fc.nat(),
          zone: text,
          checkInMs: fc.nat(),
          checkOutMs: fc.nat(),
          is24Hour: fc.boolean(),
          isOneShot: fc.boolean(),
          isMaster: fc.boolean(),
          isBiweekly: fc.boolean(),
        }),
        { maxLength: 2 },
      ),
    }),
  ),
});

const capabilities: fc.Arbitrary<Capabilities> = fc.record({
  firstSlot: slotNumber,
  lastSlot: slotNumber,
  adminSlots: fc.array(slotNumber),
  pinLength: fc.record({ min: fc.nat(), max: fc.nat() }),
  constraints: fc.array(constraint, { maxLength: 4 }),
  nativeScheduling: fc.option(fc.record({ kind: fc.constant('year_day'), granuleMs: fc.nat() })),
  weekDaySchedules: fc.nat(),
  disabledCodes: fc.boolean(),
  checksum: fc.boolean(),
  offline: fc.option(offline),
});

const lock: fc.Arbitrary<Lock> = fc.record({
  deviceId: fc.uuid(),
  radio: fc.option(fc.constantFrom('zwave', 'zigbee')),
  address: fc.option(fc.oneof(fc.nat({ max: 4000 }), fc.constantFrom('0x00158d0001', '12'))),
  model: maybeText,
  nickname: fc.option(text),
  customMetadata: fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.oneof(text, fc.boolean()), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
  metAt: maybeInstant,
  capabilities: fc.option(capabilities),
  secure: fc.boolean(),
  online: fc.boolean(),
  batteryLevel: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  locked: fc.option(fc.boolean()),
  boltReports: fc.array(
    fc.record({
      kind: fc.constantFrom('locked', 'unlocked'),
      method: fc.constantFrom('keycode', 'manual', 'automatic', 'remote', 'unknown'),
      slot: fc.option(slotNumber),
      at: instant,
    }),
    { maxLength: 4 },
  ),
  jammed: fc.boolean(),
  tampered: fc.boolean(),
  tamperEndsAt: fc.option(instant),
  fromBackupAt: fc.option(instant),
  batteryLow: fc.boolean(),
  masksPins: fc.boolean(),
  echo: fc.record({
    streak: fc.integer({ min: -2, max: 2 }),
    awaited: fc.option(fc.record({ slot: slotNumber, at: instant })),
  }),
  nativeRefused: fc.boolean(),
  armRefused: fc.boolean(),
  failedLooks: fc.array(text, { maxLength: 3 }),
  clockSet: fc.option(
    fc.record({ at: instant, offsetMinutes: fc.integer({ min: -900, max: 900 }), unconfirmed: fc.nat(5) }),
  ),
  clockRead: fc.option(fc.record({ at: instant, aheadMs: fc.integer(), staysWrong: fc.boolean() })),
  clockUnreadable: fc.boolean(),
  reportedPinLengths: fc.option(fc.array(fc.nat({ max: 20 }))),
  credentialsMissing: fc.boolean(),
  door: fc.record({
    keypadId: fc.option(fc.uuid()),
    memory: fc.record({
      burnt: fc.array(
        fc.record({ secretId: fc.string(), startsAt: instant, number: fc.integer(), endsAt: instant }),
      ),
      guesses: fc.array(instant),
    }),
    unread: fc.nat(),
  }),
  poolEnabled: fc.boolean(),
  audit: fc.record({
    dueSince: maybeInstant,
    doneAt: maybeInstant,
    framesLeft: fc.nat(),
    isReading: fc.boolean(),
    refillAt: instant,
  }),
  repeatedWrites: fc.array(instant, { maxLength: 3 }),
  repeatsBlockedUntil: maybeInstant,
  programmingMs: fc.array(fc.nat(), { maxLength: 3 }),
  problems: fc.array(fc.record({ code: fc.constantFrom('device_offline', 'low_battery'), since: instant }), {
    maxLength: 2,
  }),
  spent: fc.array(fc.record({ accessCodeId: fc.uuid(), uses: fc.nat() }), { maxLength: 3 }),
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
  'access_code_state_unconfirmed',
  'invalid_input',
  'duplicate_access_code',
);
const warningCode = fc.constantFrom<WarningCode>(
  'delay_in_setting_on_device',
  'delay_in_removing_from_device',
  'code_modified_external_to_seam',
  'being_deleted',
  'access_code_inactive',
  'using_backup_access_code',
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

const weeklyWindow: fc.Arbitrary<WeeklyWindow> = fc.record({
  days: fc.uniqueArray(weekDay),
  start: timeOfDay,
  stop: timeOfDay,
});

const edits: fc.Arbitrary<PendingEdits> = fc.record(
  {
    name: fc.record({ from: maybeText, since: instant }),
    code: fc.record({ since: instant }),
    timeFrame: fc.record({ startsAt: maybeInstant, endsAt: maybeInstant, since: instant }),
  },
  { requiredKeys: [] },
);

const issue: fc.Arbitrary<OfflineIssue> = fc.record({
  window: fc.record({
    kind: fc.constantFrom('hourly', 'daily', 'one_time'),
    startsAt: instant,
    endsAt: instant,
    levelId: maybeText,
  }),
  asked: fc.record({ startsAt: instant, endsAt: maybeInstant }),
  state: fc.constantFrom('waiting', 'asked', 'issued', 'refused'),
  trouble: fc.option(
    fc.record({ reason: fc.constantFrom('no_internet', 'quota_reached', 'duplicate_pin'), message: text }),
  ),
  reference: maybeText,
});

export const anyCode: fc.Arbitrary<AccessCode> = fc.record({
  accessCodeId: fc.uuid(),
  name: maybeText,
  pin: fc.option(anyPin),
  startsAt: maybeInstant,
  endsAt: maybeInstant,
  preferNativeScheduling: fc.boolean(),
  allowExternalModification: fc.boolean(),
  strictStart: fc.boolean(),
  preferredCodeLength: fc.option(fc.nat({ max: 12 })),
  commonCodeKey: maybeText,
  useBackupPool: fc.boolean(),
  weeklyWindows: fc.option(fc.array(weeklyWindow, { maxLength: 3 })),
  maxUses: fc.option(fc.nat()),
  offline: fc.option(fc.record({ isOneTimeUse: fc.boolean(), maxRoundingMs: fc.nat() })),
  issue: fc.option(issue),
  isPinDrawn: fc.boolean(),
  origin: fc.constantFrom('cloud', 'local'),
  createdAt: instant,
  revision: version,
  edits,
  isBackup: fc.boolean(),
  backupOf: fc.option(fc.uuid()),
  pulledBackupId: fc.option(fc.uuid()),
  uses: fc.nat(),
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

const schedule: fc.Arbitrary<Schedule> = fc.oneof(
  fc.record({ start: localMinute, stop: localMinute }),
  fc.record({
    weekDays: fc.array(fc.record({ day: weekDay, start: timeOfDay, stop: timeOfDay }), { maxLength: 3 }),
  }),
);

const anySlot: fc.Arbitrary<Slot> = fc.record({
  slot: slotNumber,
  owner: fc.option(fc.uuid()),
  content: fc.oneof(
    fc.constant({ kind: 'empty' as const }),
    fc.constant({ kind: 'unknown' as const }),
    fc.record({ kind: fc.constant('masked' as const), enabled: fc.boolean() }),
    fc.record({ kind: fc.constant('pin' as const), pin: anyPin, enabled: fc.boolean() }),
  ),
  recheck: fc.constantFrom('no', 'perhaps', 'doubtful', 'edited', 'later'),
  pending: fc.option(fc.record({ pin: anyPin, overEmpty: fc.boolean() })),
  schedule: fc.oneof(
    fc.constant({ kind: 'unknown' as const }),
    fc.record({
      kind: fc.constant('known' as const),
      window: fc.option(schedule),
    }),
  ),
  proof: fc.option(fc.constantFrom('read_back', 'checksum', 'event', 'supervision')),
  provenAt: maybeInstant,
  writtenAt: maybeInstant,
  tried: fc.array(text, { maxLength: 3 }),
  unmanaged: fc.option(fc.record({ accessCodeId: fc.uuid(), since: instant })),
});

const codes = fc.uniqueArray(anyCode, { selector: (code) => code.accessCodeId, maxLength: 6 });
const slots = fc
  .uniqueArray(anySlot, { selector: (slot) => slot.slot, maxLength: 6 })
  .map((rows) => rows.toSorted((one, other) => one.slot - other.slot));

export const anyLockState: fc.Arbitrary<LockState> = fc.record({ lock, codes, slots });
