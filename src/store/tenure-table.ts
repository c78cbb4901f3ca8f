import { z } from 'zod';

import type { Tenant, TenureChange } from '../core/tenure.ts';
import type { Instant } from '../core/time.ts';
import type { Connection, Statement } from './connection.ts';
import { flag, flagOf, parseRow } from './rows.ts';

const TABLE = 'tenures';
const SLOT = 'device_id = ? AND slot = ?';

const tenureRow = z.object({
  device_id: z.string(),
  slot: z.int(),
  access_code_id: z.string(),
  is_managed: flag,
});

/**
 * Who held which slot when: for each slot a row of times that don't overlap, from `from_at` until just before
 * `till_at`, which the present tenant's row has not.
 */
export class TenureTable {
  readonly #perSlotMax: number;
  readonly #at: Statement;
  readonly #undo: Statement;
  readonly #end: Statement;
  readonly #begin: Statement;
  readonly #prune: Statement;

  constructor(connection: Connection, perSlotMax: number) {
    this.#perSlotMax = perSlotMax;
    this.#at = connection.prepare(`
      SELECT device_id, slot, access_code_id, is_managed FROM ${TABLE}
      WHERE ${SLOT} AND from_at <= ? AND (till_at IS NULL OR till_at > ?)`);
    this.#undo = connection.prepare(`DELETE FROM ${TABLE} WHERE ${SLOT} AND from_at >= ?`);
    this.#end = connection.prepare(
      `UPDATE ${TABLE} SET till_at = ? WHERE ${SLOT} AND (till_at IS NULL OR till_at > ?)`,
    );
    this.#begin = connection.prepare(
      `INSERT INTO ${TABLE} (device_id, slot, from_at, access_code_id, is_managed) VALUES (?, ?, ?, ?, ?)`,
    );
    this.#prune = connection.prepare(`
      DELETE FROM ${TABLE} WHERE ${SLOT} AND from_at <= (
        SELECT from_at FROM ${TABLE} WHERE ${SLOT} ORDER BY from_at DESC LIMIT 1 OFFSET ?)`);
  }

  /** `undefined` when the slot was empty then, or nobody knows. */
  at(deviceId: string, slot: number, at: Instant): Tenant | undefined {
    const row = this.#at.get(deviceId, slot, at, at);
    if (row === undefined) return undefined;
    const parsed = parseRow(tenureRow, row, TABLE, ['device_id', 'slot']);
    return { accessCodeId: parsed.access_code_id, isManaged: parsed.is_managed };
  }

  /**
   * What is told last counts. A write that never reached the lock leaves no trace, and after the clock was put back an
   * earlier tenant keeps nothing of the time that a later one has now.
   */
  change(deviceId: string, { slot, at, tenant }: TenureChange): void {
    this.#undo.run(deviceId, slot, at);
    this.#end.run(at, deviceId, slot, at);
    if (tenant === null) return;
    this.#begin.run(deviceId, slot, at, tenant.accessCodeId, flagOf(tenant.isManaged));
    this.#prune.run(deviceId, slot, deviceId, slot, this.#perSlotMax);
  }
}
