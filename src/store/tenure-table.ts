import { z } from 'zod';

import type { AccessCode } from '../core/access-code.ts';
import type { LockState } from '../core/lock.ts';
import type { Slot } from '../core/slot.ts';
import { tenureChange, type SlotChange, type Tenant } from '../core/observe/tenure.ts';
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

const COLUMNS = Object.keys(tenureRow.shape).join(', ');

/**
 * Who held which slot when: for each slot a row of times that don't overlap, from `from_at` until just before
 * `till_at`, which the present tenant's row has not.
 */
export class TenureTable {
  readonly #perSlotMax: number;
  readonly #at: Statement;
  readonly #present: Statement;
  readonly #undo: Statement;
  readonly #end: Statement;
  readonly #begin: Statement;
  readonly #prune: Statement;
  readonly #forget: Statement;

  constructor(connection: Connection, perSlotMax: number) {
    this.#perSlotMax = perSlotMax;
    const select = `SELECT ${COLUMNS} FROM ${TABLE} WHERE ${SLOT}`;
    this.#at = connection.prepare(`${select} AND from_at <= ? AND (till_at IS NULL OR till_at > ?)`);
    this.#present = connection.prepare(`${select} AND till_at IS NULL`);
    this.#undo = connection.prepare(`DELETE FROM ${TABLE} WHERE ${SLOT} AND from_at >= ?`);
    this.#end = connection.prepare(
      `UPDATE ${TABLE} SET till_at = ? WHERE ${SLOT} AND (till_at IS NULL OR till_at > ?)`,
    );
    this.#begin = connection.prepare(`INSERT INTO ${TABLE} (${COLUMNS}, from_at) VALUES (?, ?, ?, ?, ?)`);
    this.#forget = connection.prepare(`DELETE FROM ${TABLE} WHERE device_id = ?`);
    this.#prune = connection.prepare(`
      DELETE FROM ${TABLE} WHERE ${SLOT} AND from_at <= (
        SELECT from_at FROM ${TABLE} WHERE ${SLOT} ORDER BY from_at DESC LIMIT 1 OFFSET ?)`);
  }

  /** Drops all that is known of a lock. */
  forget(deviceId: string): void {
    this.#forget.run(deviceId);
  }

  /** `undefined` when the slot was empty then, or nobody knows. */
  at(deviceId: string, slot: number, at: Instant): Tenant | undefined {
    return tenantOf(this.#at.get(deviceId, slot, at, at));
  }

  /** Takes note of the slots that changed hands between two states of one lock. */
  follow(before: LockState | undefined, after: LockState): void {
    if (before?.slots === after.slots && before.codes === after.codes) return;
    const gone = new Map(before?.slots.map((row) => [row.slot, row]));
    const ownerBefore = ownersOf(before?.codes ?? []);
    const ownerAfter = ownersOf(after.codes);
    const { deviceId } = after.lock;
    for (const row of after.slots) {
      const rowBefore = gone.get(row.slot);
      gone.delete(row.slot);
      const owner = ownerAfter(row);
      if (row === rowBefore && owner === ownerBefore(row)) continue;
      this.#note(deviceId, row.slot, { before: rowBefore, after: row, owner });
    }
    for (const row of gone.values()) {
      this.#note(deviceId, row.slot, { before: row, after: undefined, owner: undefined });
    }
  }

  /**
   * What is told last counts. A write that never reached the lock leaves no trace, and after the clock was put back an
   * earlier tenant keeps nothing of the time that a later one has now.
   */
  #note(deviceId: string, slot: number, change: SlotChange): void {
    const turn = tenureChange(tenantOf(this.#present.get(deviceId, slot)) ?? null, change);
    if (turn === null) return;
    const { at, tenant } = turn;
    this.#undo.run(deviceId, slot, at);
    this.#end.run(at, deviceId, slot, at);
    if (tenant === null) return;
    this.#begin.run(deviceId, slot, tenant.accessCodeId, flagOf(tenant.isManaged), at);
    this.#prune.run(deviceId, slot, deviceId, slot, this.#perSlotMax);
  }
}

function tenantOf(row: unknown): Tenant | undefined {
  if (row === undefined) return undefined;
  const parsed = parseRow(tenureRow, row, TABLE, ['device_id', 'slot']);
  return { accessCodeId: parsed.access_code_id, isManaged: parsed.is_managed };
}

function ownersOf(codes: readonly AccessCode[]): (row: Slot) => AccessCode | undefined {
  const byId = new Map(codes.map((code) => [code.accessCodeId, code]));
  return (row) => (row.owner === null ? undefined : byId.get(row.owner));
}
