import { z } from 'zod';

import type { Operation, OperationKind } from '../core/operation.ts';
import type { Instant } from '../core/time.ts';
import type { Connection, Statement } from './connection.ts';
import { parseRow, words } from './rows.ts';
import type { OpenOperation } from './store.ts';

const TABLE = 'operations';

const operationRow = z.object({
  operation_id: z.int(),
  device_id: z.string(),
  kind: words<OperationKind>({
    read_slot: true,
    set_pin: true,
    clear_slot: true,
    set_schedule: true,
    clear_schedule: true,
    set_clock: true,
    read_clock: true,
    compare_checksum: true,
  }),
  slot: z.int().nullable(),
});

/**
 * Operations as they were begun and settled. An operation's PIN is not written here: the slot's pending write has
 * it. Rows that are settled and older than the newest `rowsMax` operations are deleted.
 */
export class Journal {
  readonly #rowsMax: number;
  readonly #begin: Statement;
  readonly #settle: Statement;
  readonly #prune: Statement;
  readonly #open: Statement;

  constructor(connection: Connection, rowsMax: number) {
    this.#rowsMax = rowsMax;
    this.#begin = connection.prepare(
      `INSERT INTO ${TABLE} (device_id, kind, slot, access_code_id, begun_at) VALUES (?, ?, ?, ?, ?)`,
    );
    this.#settle = connection.prepare(
      `UPDATE ${TABLE} SET outcome = ?, settled_at = ? WHERE operation_id = ? AND outcome IS NULL`,
    );
    this.#prune = connection.prepare(`DELETE FROM ${TABLE} WHERE operation_id <= ? AND outcome IS NOT NULL`);
    this.#open = connection.prepare(
      `SELECT operation_id, device_id, kind, slot FROM ${TABLE} WHERE outcome IS NULL ORDER BY operation_id`,
    );
  }

  begin(deviceId: string, operation: Operation, accessCodeId: string | null, at: Instant): number {
    const slot = 'slot' in operation ? operation.slot : null;
    const { rowId } = this.#begin.run(deviceId, operation.kind, slot, accessCodeId, at);
    this.#prune.run(rowId - this.#rowsMax);
    return rowId;
  }

  settle(operationId: number, outcome: string, at: Instant): void {
    const { changes } = this.#settle.run(outcome, at, operationId);
    if (changes !== 1) throw new Error(`operation ${operationId} is not open`);
  }

  open(): readonly OpenOperation[] {
    return this.#open.all().map((row) => {
      const parsed = parseRow(operationRow, row, TABLE, ['operation_id']);
      return {
        operationId: parsed.operation_id,
        deviceId: parsed.device_id,
        kind: parsed.kind,
        slot: parsed.slot,
      };
    });
  }
}
