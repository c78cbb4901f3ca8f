import type { AccessCode } from '../core/access-code.ts';
import type { Instant } from '../core/time.ts';
import { codeRow } from './code-row.ts';
import type { Connection, SqlRow, Statement } from './connection.ts';
import { flagOf, insertSql, jsonOf, jsonOrNull, parseRow } from './rows.ts';
import type { Place, Seal } from './seal.ts';

const TABLE = 'access_codes';

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
      preferredCodeLength: parsed.preferred_code_length,
      commonCodeKey: parsed.common_code_key,
      useBackupPool: parsed.use_backup_pool,
      weeklyWindows: parsed.weekly_windows,
      maxUses: parsed.max_uses,
      offline: parsed.offline,
      issue: parsed.issue,
      isPinDrawn: parsed.is_pin_drawn,
      origin: parsed.origin,
      createdAt: parsed.created_at,
      revision: parsed.revision,
      edits: parsed.edits,
      isBackup: parsed.is_backup,
      backupOf: parsed.backup_of,
      pulledBackupId: parsed.pulled_backup_id,
      uses: parsed.uses,
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
      preferred_code_length: code.preferredCodeLength,
      common_code_key: code.commonCodeKey,
      use_backup_pool: flagOf(code.useBackupPool),
      weekly_windows: jsonOrNull(code.weeklyWindows),
      max_uses: code.maxUses,
      offline: jsonOrNull(code.offline),
      issue: jsonOrNull(code.issue),
      is_pin_drawn: flagOf(code.isPinDrawn),
      origin: code.origin,
      created_at: code.createdAt,
      revision: code.revision,
      edits: jsonOf(code.edits),
      is_backup: flagOf(code.isBackup),
      backup_of: code.backupOf,
      pulled_backup_id: code.pulledBackupId,
      uses: code.uses,
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
