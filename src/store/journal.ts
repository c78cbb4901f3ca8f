import { z } from 'zod';

import type { Operation, OperationKind } from '../core/operation.ts';
import type { Instant } from '../core/time.ts';
import type { Connection, Statement } from './connection.ts';
import { parseRow, words } from './rows.ts';
import type { OpenOperation, OperationCount } from './store.ts';

const TABLE = 'operations';

export const operationKind = words<OperationKind>({
  read_slot: true,
  set_pin: true,
  clear_slot: true,
  set_schedule: true,
  clear_schedule: true,
  set_clock: true,
  read_clock: true,
  compare_checksum: true,
});

const operationRow = z.object({
  operation_id: z.int(),
  device_id: z.string(),
  kind: operationKind,
  slot: z.int().nullable(),
});

const settledRow = z.object({ kind: operationKind });

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
  /** Kind and outcome are both from short lists, so this stays small. */
  readonly #counts = new Map<string, OperationCount>();

  constructor(connection: Connection, rowsMax: number) {
    this.#rowsMax = rowsMax;
    this.#begin = connection.prepare(
      `INSERT INTO ${TABLE} (device_id, kind, slot, access_code_id, begun_at) VALUES (?, ?, ?, ?, ?)`,
    );
    this.#settle = connection.prepare(
      `UPDATE ${TABLE} SET outcome = ?, settled_at = ? WHERE operation_id = ? AND outcome IS NULL RETURNING kind`,
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
    const row = this.#settle.get(outcome, at, operationId);
    if (row === undefined) throw new Error(`operation ${operationId} is not open`);
    const settled = parseRow(settledRow, row, TABLE, []);
    const name = `${settled.kind} ${outcome}`;
    const count = (this.#counts.get(name)?.count ?? 0) + 1;
    this.#counts.set(name, { kind: settled.kind, outcome, count });
  }

  /** Operations settled since this was opened; one whose commit failed is counted too. */
  counts(): readonly OperationCount[] {
    return [...this.#counts.values()];
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
