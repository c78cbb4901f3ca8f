import { z } from 'zod';

import type { AccessCode, AccessCodeStatus, Origin } from '../core/access-code.ts';
import type { RefusalReason } from '../core/operation.ts';
import type { ErrorCode, WarningCode } from '../core/problem.ts';
import type { Instant } from '../core/time.ts';
import type { Connection, SqlRow, Statement } from './connection.ts';
import { blob, flag, flagOf, insertSql, json, jsonOf, jsonOrNull, parseRow, words } from './rows.ts';
import type { Place, Seal } from './seal.ts';

const TABLE = 'access_codes';

const status = words<AccessCodeStatus>({
  unset: true,
  setting: true,
  set: true,
  removing: true,
  unknown: true,
});

const refusalReason = words<RefusalReason>({
  duplicate_pin: true,
  pin_format: true,
  slot_out_of_range: true,
  no_space: true,
  unsupported: true,
  refused: true,
});

const errorCode = words<ErrorCode>({
  failed_to_set_on_device: true,
  failed_to_remove_from_device: true,
  duplicate_code_on_device: true,
  no_space_for_access_code_on_device: true,
  code_modified_external_to_seam: true,
  code_constraints_violated: true,
  invalid_input: true,
  duplicate_access_code: true,
});

const warningCode = words<WarningCode>({
  delay_in_setting_on_device: true,
  delay_in_removing_from_device: true,
  code_modified_external_to_seam: true,
  being_deleted: true,
  native_scheduling_refused: true,
});

const codeRow = z.object({
  device_id: z.string(),
  access_code_id: z.string(),
  name: z.string().nullable(),
  /** Missing only for a request that was rejected. */
  pin: blob.nullable(),
  starts_at: z.number().nullable(),
  ends_at: z.number().nullable(),
  prefer_native_scheduling: flag,
  allow_external_modification: flag,
  strict_start: flag,
  origin: words<Origin>({ cloud: true, local: true }),
  created_at: z.number(),
  removing_since: z.number().nullable(),
  rejected: json(z.object({ code: errorCode, message: z.string() })).nullable(),
  refused: json(z.object({ reason: refusalReason, message: z.string() })).nullable(),
  slot: z.int().nullable(),
  status,
  status_since: z.number(),
  is_scheduled_on_device: flag,
  ever_on_device: flag,
  externally_modified: flag,
  failures: z.int(),
  retry_at: z.number().nullable(),
  errors: json(z.array(z.object({ code: errorCode, message: z.string(), createdAt: z.number() }))),
  warnings: json(z.array(z.object({ code: warningCode, message: z.string(), createdAt: z.number() }))),
});

const COLUMNS = Object.keys(codeRow.shape);
const KEY = ['device_id', 'access_code_id'];

/** The desired codes, and the tombstones of those that are gone. */
export class CodeTable {
  readonly #seal: Seal;
  readonly #tombstonesMax: number;
  readonly #select: Statement;
  readonly #upsert: Statement;
  readonly #bury: Statement;
  readonly #delete: Statement;
  readonly #prune: Statement;

  constructor(connection: Connection, seal: Seal, tombstonesMax: number) {
    this.#seal = seal;
    this.#tombstonesMax = tombstonesMax;
    this.#select = connection.prepare(
      `SELECT ${COLUMNS.join(', ')} FROM ${TABLE} WHERE device_id = ? ORDER BY code_number`,
    );
    this.#upsert = connection.prepare(insertSql(TABLE, COLUMNS, KEY));
    this.#bury = connection.prepare(`
      INSERT INTO tombstones (device_id, access_code_id, name, starts_at, ends_at, created_at, slot, deleted_at)
      SELECT device_id, access_code_id, name, starts_at, ends_at, created_at, slot, ?
      FROM ${TABLE} WHERE device_id = ? AND access_code_id = ?`);
    this.#delete = connection.prepare(`DELETE FROM ${TABLE} WHERE device_id = ? AND access_code_id = ?`);
    this.#prune = connection.prepare('DELETE FROM tombstones WHERE tombstone_id <= ?');
  }

  /** In the order in which they were created. */
  of(deviceId: string): readonly AccessCode[] {
    return this.#select.all(deviceId).map((row) => this.#codeOf(row));
  }

  put(deviceId: string, code: AccessCode): void {
    this.#upsert.run(this.#rowOf(deviceId, code));
  }

  /** Leaves a tombstone without the PIN; the oldest tombstones beyond the bound go. */
  bury(deviceId: string, accessCodeId: string, deletedAt: Instant | null): void {
    const { changes, rowId } = this.#bury.run(deletedAt, deviceId, accessCodeId);
    if (changes !== 1) throw new Error(`access code ${accessCodeId} of lock ${deviceId} is not stored`);
    this.#delete.run(deviceId, accessCodeId);
    this.#prune.run(rowId - this.#tombstonesMax);
  }

  #codeOf(row: unknown): AccessCode {
    const parsed = parseRow(codeRow, row, TABLE, KEY);
    return {
      accessCodeId: parsed.access_code_id,
      name: parsed.name,
      pin: parsed.pin && this.#seal.openPin(parsed.pin, pinPlace(parsed.device_id, parsed.access_code_id)),
      startsAt: parsed.starts_at,
      endsAt: parsed.ends_at,
      preferNativeScheduling: parsed.prefer_native_scheduling,
      allowExternalModification: parsed.allow_external_modification,
      strictStart: parsed.strict_start,
      origin: parsed.origin,
      createdAt: parsed.created_at,
      removingSince: parsed.removing_since,
      rejected: parsed.rejected,
      refused: parsed.refused,
      slot: parsed.slot,
      status: parsed.status,
      statusSince: parsed.status_since,
      isScheduledOnDevice: parsed.is_scheduled_on_device,
      everOnDevice: parsed.ever_on_device,
      externallyModified: parsed.externally_modified,
      failures: parsed.failures,
      retryAt: parsed.retry_at,
      errors: parsed.errors,
      warnings: parsed.warnings,
    };
  }

  #rowOf(deviceId: string, code: AccessCode): SqlRow {
    return {
      device_id: deviceId,
      access_code_id: code.accessCodeId,
      name: code.name,
      pin: code.pin && this.#seal.sealPin(code.pin, pinPlace(deviceId, code.accessCodeId)),
      starts_at: code.startsAt,
      ends_at: code.endsAt,
      prefer_native_scheduling: flagOf(code.preferNativeScheduling),
      allow_external_modification: flagOf(code.allowExternalModification),
      strict_start: flagOf(code.strictStart),
      origin: code.origin,
      created_at: code.createdAt,
      removing_since: code.removingSince,
      rejected: jsonOrNull(code.rejected),
      refused: jsonOrNull(code.refused),
      slot: code.slot,
      status: code.status,
      status_since: code.statusSince,
      is_scheduled_on_device: flagOf(code.isScheduledOnDevice),
      ever_on_device: flagOf(code.everOnDevice),
      externally_modified: flagOf(code.externallyModified),
      failures: code.failures,
      retry_at: code.retryAt,
      errors: jsonOf(code.errors),
      warnings: jsonOf(code.warnings),
    };
  }
}

function pinPlace(deviceId: string, accessCodeId: string): Place {
  return { table: TABLE, column: 'pin', id: [deviceId, accessCodeId] };
}
