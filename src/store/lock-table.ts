import { z } from 'zod';

import type { Capabilities, CodeConstraint, ConstraintType } from '../core/capability.ts';
import type { Audit, BoltReport, Door, Echo, Lock } from '../core/lock.ts';
import type { AccessMethod, LockLink } from '../core/lock-event.ts';
import type { DeviceProblemCode } from '../core/problem.ts';
import { burntCodes } from './burnt-codes.ts';
import { offlineCapability } from './offline-row.ts';
import type { Connection, SqlRow, Statement } from './connection.ts';
import { flag, flagOf, insertSql, json, jsonOf, jsonOrNull, parseRow, words } from './rows.ts';

const TABLE = 'locks';

const constraint: z.ZodType<CodeConstraint> = z.union([
  z.object({
    type: words<Exclude<ConstraintType, 'name_length'>>({
      no_zeros: true,
      cannot_start_with_12: true,
      no_triple_consecutive_ints: true,
      cannot_specify_pin_code: true,
      pin_code_matches_existing_set: true,
      start_date_in_future: true,
      no_ascending_or_descending_sequence: true,
      at_least_three_unique_digits: true,
      no_all_same_digits: true,
      unique_first_four_digits: true,
      cannot_contain_089: true,
      cannot_contain_0789: true,
      name_must_be_unique: true,
    }),
  }),
  z.object({ type: z.literal('name_length'), min: z.int().nullable(), max: z.int().nullable() }),
]);

/** A database of version 1 knows nothing of the keys that have a default. */
const capabilities: z.ZodType<Capabilities> = z.object({
  firstSlot: z.int(),
  lastSlot: z.int(),
  adminSlots: z.array(z.int()),
  pinLength: z.object({ min: z.int(), max: z.int() }),
  constraints: z.array(constraint).default([]),
  nativeScheduling: z.object({ kind: z.literal('year_day'), granuleMs: z.number() }).nullable(),
  weekDaySchedules: z.int().default(0),
  disabledCodes: z.boolean().default(false),
  isKeypad: z.literal(true).exactOptional(),
  checksum: z.boolean(),
  offline: offlineCapability.nullable().default(null),
});

const audit: z.ZodType<Audit> = z.object({
  dueSince: z.number().nullable(),
  doneAt: z.number().nullable(),
  framesLeft: z.number(),
  isReading: z.boolean(),
  refillAt: z.number(),
});

const echo: z.ZodType<Echo> = z.object({
  streak: z.int(),
  awaited: z.object({ slot: z.int(), at: z.number() }).nullable(),
});

const door: z.ZodType<Door> = z.object({
  keypadId: z.string().nullable(),
  memory: z.object({
    burnt: burntCodes,
    guesses: z.array(z.number()),
  }),
  unread: z.int().min(0).default(0),
});

const boltReport: z.ZodType<BoltReport> = z.object({
  kind: z.enum(['locked', 'unlocked']),
  method: words<AccessMethod>({ keycode: true, manual: true, automatic: true, remote: true, unknown: true }),
  slot: z.int().nullable(),
  at: z.number(),
});

const problemCode = words<DeviceProblemCode>({
  device_offline: true,
  device_removed: true,
  missing_device_credentials: true,
  access_codes_not_supported: true,
  empty_backup_access_code_pool: true,
  partial_backup_access_code_pool: true,
  many_active_backup_codes: true,
  max_access_codes_reached: true,
  low_battery: true,
  lock_clock_wrong: true,
  write_budget_exhausted: true,
  low_security: true,
  keypad_sends_few_digits: true,
});

const lockRow = z.object({
  device_id: z.string(),
  radio: words<LockLink>({ zwave: true, zigbee: true, offline: true }).nullable(),
  address: z.union([z.number(), z.string()]).nullable(),
  model: z.string().nullable(),
  nickname: z.string().nullable(),
  custom_metadata: json(z.record(z.string(), z.union([z.string(), z.boolean()]))),
  met_at: z.number().nullable(),
  capabilities: json(capabilities).nullable(),
  secure: flag,
  online: flag,
  battery_level: z.number().nullable(),
  locked: flag.nullable(),
  bolt_reports: json(z.array(boltReport)),
  jammed: flag,
  tampered: flag,
  tamper_ends_at: z.number().nullable(),
  battery_low: flag,
  masks_pins: flag,
  echo: json(echo),
  native_refused: flag,
  arm_refused: flag,
  failed_looks: json(z.array(z.string())),
  clock_set: json(
    z.object({ at: z.number(), offsetMinutes: z.number(), unconfirmed: z.int().min(0).default(0) }),
  ).nullable(),
  clock_read: json(z.object({ at: z.number(), aheadMs: z.number(), staysWrong: z.boolean() })).nullable(),
  clock_unreadable: flag,
  reported_pin_lengths: json(z.array(z.int())).nullable(),
  credentials_missing: flag,
  door: json(door),
  pool_enabled: flag,
  audit: json(audit),
  repeated_writes: json(z.array(z.number())),
  repeats_blocked_until: z.number().nullable(),
  programming_ms: json(z.array(z.number())),
  problems: json(z.array(z.object({ code: problemCode, since: z.number() }))),
  spent: json(z.array(z.object({ accessCodeId: z.string(), uses: z.int() }))),
  from_backup_at: z.number().nullable(),
  generation: z.int(),
  version_received: z.int(),
  version_applied: z.int(),
  failures: z.int(),
  retry_at: z.number().nullable(),
});

const idRow = lockRow.pick({ device_id: true });

const COLUMNS = Object.keys(lockRow.shape);
const KEY = ['device_id'];

/** The locks, one row each. */
export class LockTable {
  readonly #ids: Statement;
  readonly #select: Statement;
  readonly #insert: Statement;
  readonly #delete: Statement;
  readonly #upsert: Statement;

  constructor(connection: Connection) {
    this.#ids = connection.prepare(`SELECT device_id FROM ${TABLE} ORDER BY device_id`);
    this.#select = connection.prepare(`SELECT ${COLUMNS.join(', ')} FROM ${TABLE} WHERE device_id = ?`);
    this.#insert = connection.prepare(insertSql(TABLE, COLUMNS));
    this.#delete = connection.prepare(`DELETE FROM ${TABLE} WHERE device_id = ?`);
    this.#upsert = connection.prepare(insertSql(TABLE, COLUMNS, KEY));
  }

  ids(): readonly string[] {
    return this.#ids.all().map((row) => parseRow(idRow, row, TABLE, KEY).device_id);
  }

  get(deviceId: string): Lock | undefined {
    const row = this.#select.get(deviceId);
    return row === undefined ? undefined : lockOf(row);
  }

  /** Its codes, slots and tenures must be gone. */
  delete(deviceId: string): void {
    this.#delete.run(deviceId);
  }

  /** Throws when the lock is there already: its caller believed it to be new, which is a bug. */
  insert(lock: Lock): void {
    this.#insert.run(rowOf(lock));
  }

  update(lock: Lock): void {
    this.#upsert.run(rowOf(lock));
  }
}

function lockOf(row: unknown): Lock {
  const parsed = parseRow(lockRow, row, TABLE, KEY);
  return {
    deviceId: parsed.device_id,
    radio: parsed.radio,
    address: parsed.address,
    model: parsed.model,
    nickname: parsed.nickname,
    customMetadata: parsed.custom_metadata,
    metAt: parsed.met_at,
    capabilities: parsed.capabilities,
    secure: parsed.secure,
    online: parsed.online,
    batteryLevel: parsed.battery_level,
    locked: parsed.locked,
    boltReports: parsed.bolt_reports,
    jammed: parsed.jammed,
    tampered: parsed.tampered,
    tamperEndsAt: parsed.tamper_ends_at,
    batteryLow: parsed.battery_low,
    masksPins: parsed.masks_pins,
    echo: parsed.echo,
    nativeRefused: parsed.native_refused,
    armRefused: parsed.arm_refused,
    failedLooks: parsed.failed_looks,
    clockSet: parsed.clock_set,
    clockRead: parsed.clock_read,
    clockUnreadable: parsed.clock_unreadable,
    reportedPinLengths: parsed.reported_pin_lengths,
    credentialsMissing: parsed.credentials_missing,
    door: parsed.door,
    poolEnabled: parsed.pool_enabled,
    audit: parsed.audit,
    repeatedWrites: parsed.repeated_writes,
    repeatsBlockedUntil: parsed.repeats_blocked_until,
    programmingMs: parsed.programming_ms,
    problems: parsed.problems,
    spent: parsed.spent,
    fromBackupAt: parsed.from_backup_at,
    generation: parsed.generation,
    versionReceived: parsed.version_received,
    versionApplied: parsed.version_applied,
    failures: parsed.failures,
    retryAt: parsed.retry_at,
  };
}

function rowOf(lock: Lock): SqlRow {
  return {
    device_id: lock.deviceId,
    radio: lock.radio,
    address: lock.address,
    model: lock.model,
    nickname: lock.nickname,
    custom_metadata: jsonOf(lock.customMetadata),
    met_at: lock.metAt,
    capabilities: jsonOrNull(lock.capabilities),
    secure: flagOf(lock.secure),
    online: flagOf(lock.online),
    battery_level: lock.batteryLevel,
    locked: lock.locked === null ? null : flagOf(lock.locked),
    bolt_reports: jsonOf(lock.boltReports),
    jammed: flagOf(lock.jammed),
    tampered: flagOf(lock.tampered),
    tamper_ends_at: lock.tamperEndsAt,
    battery_low: flagOf(lock.batteryLow),
    masks_pins: flagOf(lock.masksPins),
    echo: jsonOf(lock.echo),
    native_refused: flagOf(lock.nativeRefused),
    arm_refused: flagOf(lock.armRefused),
    failed_looks: jsonOf(lock.failedLooks),
    clock_set: jsonOrNull(lock.clockSet),
    clock_read: jsonOrNull(lock.clockRead),
    clock_unreadable: flagOf(lock.clockUnreadable),
    reported_pin_lengths: jsonOrNull(lock.reportedPinLengths),
    credentials_missing: flagOf(lock.credentialsMissing),
    door: jsonOf(lock.door),
    pool_enabled: flagOf(lock.poolEnabled),
    audit: jsonOf(lock.audit),
    repeated_writes: jsonOf(lock.repeatedWrites),
    repeats_blocked_until: lock.repeatsBlockedUntil,
    programming_ms: jsonOf(lock.programmingMs),
    problems: jsonOf(lock.problems),
    spent: jsonOf(lock.spent),
    from_backup_at: lock.fromBackupAt,
    generation: lock.generation,
    version_received: lock.versionReceived,
    version_applied: lock.versionApplied,
    failures: lock.failures,
    retry_at: lock.retryAt,
  };
}
