import { z } from 'zod';

import {
  WEEK_DAYS,
  type PendingWrite,
  type Proof,
  type Recheck,
  type Schedule,
  type ScheduleBelief,
  type Slot,
  type SlotBelief,
} from '../core/slot.ts';
import type { Connection, SqlRow, Statement } from './connection.ts';
import { blob, flag, flagOf, insertSql, json, jsonOf, jsonOrNull, parseRow, words } from './rows.ts';
import { unreadable, type Place, type Seal } from './seal.ts';

const TABLE = 'slots';

const schedule: z.ZodType<Schedule> = z.union([
  z.object({ start: z.string(), stop: z.string() }),
  z.object({
    weekDays: z.array(z.object({ day: z.enum(WEEK_DAYS), start: z.string(), stop: z.string() })),
  }),
]);

const scheduleBelief: z.ZodType<ScheduleBelief> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('known'), window: schedule.nullable() }),
  z.object({ kind: z.literal('unknown') }),
]);

const slotRow = z.object({
  device_id: z.string(),
  slot: z.int(),
  owner: z.string().nullable(),
  content: words<SlotBelief['kind']>({ empty: true, pin: true, masked: true, unknown: true }),
  /** Set for `pin` only. */
  pin: blob.nullable(),
  /** Set for `pin` and `masked`. */
  enabled: flag.nullable(),
  recheck: words<Recheck>({
    no: true,
    perhaps: true,
    doubtful: true,
    edited: true,
    later: true,
    restored: true,
  }),
  pending_pin: blob.nullable(),
  /** Set together with `pending_pin`. */
  pending_over_empty: flag.nullable(),
  schedule: json(scheduleBelief),
  proof: words<Proof>({ read_back: true, checksum: true, event: true, supervision: true }).nullable(),
  proven_at: z.number().nullable(),
  written_at: z.number().nullable(),
  tried: json(z.array(z.string())),
  unmanaged: json(z.object({ accessCodeId: z.string(), since: z.number() })).nullable(),
});

type SlotRow = z.output<typeof slotRow>;

const COLUMNS = Object.keys(slotRow.shape);
const KEY = ['device_id', 'slot'];

/** The code slot table: what we believe each slot of each lock holds, and why. */
export class SlotTable {
  readonly #seal: Seal;
  readonly #select: Statement;
  readonly #upsert: Statement;
  readonly #delete: Statement;

  constructor(connection: Connection, seal: Seal) {
    this.#seal = seal;
    this.#select = connection.prepare(
      `SELECT ${COLUMNS.join(', ')} FROM ${TABLE} WHERE device_id = ? ORDER BY slot`,
    );
    this.#upsert = connection.prepare(insertSql(TABLE, COLUMNS, KEY));
    this.#delete = connection.prepare(`DELETE FROM ${TABLE} WHERE device_id = ? AND slot = ?`);
  }

  /** Ascending. */
  of(deviceId: string): readonly Slot[] {
    return this.#select.all(deviceId).map((row) => this.#slotOf(row));
  }

  put(deviceId: string, slot: Slot): void {
    this.#upsert.run(this.#rowOf(deviceId, slot));
  }

  delete(deviceId: string, slot: number): void {
    this.#delete.run(deviceId, slot);
  }

  #slotOf(row: unknown): Slot {
    const parsed = parseRow(slotRow, row, TABLE, KEY);
    return {
      slot: parsed.slot,
      owner: parsed.owner,
      content: this.#contentOf(parsed),
      recheck: parsed.recheck,
      pending: this.#pendingOf(parsed),
      schedule: parsed.schedule,
      proof: parsed.proof,
      provenAt: parsed.proven_at,
      writtenAt: parsed.written_at,
      tried: parsed.tried,
      unmanaged: parsed.unmanaged,
    };
  }

  #contentOf(row: SlotRow): SlotBelief {
    const place = pinPlace(row.device_id, row.slot, 'pin');
    switch (row.content) {
      case 'empty':
      case 'unknown':
        return { kind: row.content };
      case 'masked':
        if (row.enabled === null) throw unreadable(place, 'enabled is missing');
        return { kind: 'masked', enabled: row.enabled };
      case 'pin':
        if (row.pin === null || row.enabled === null) throw unreadable(place, 'pin or enabled is missing');
        return { kind: 'pin', pin: this.#seal.openPin(row.pin, place), enabled: row.enabled };
    }
  }

  #pendingOf(row: SlotRow): PendingWrite | null {
    if (row.pending_pin === null) return null;
    const place = pinPlace(row.device_id, row.slot, 'pending_pin');
    if (row.pending_over_empty === null) throw unreadable(place, 'pending_over_empty is missing');
    return { pin: this.#seal.openPin(row.pending_pin, place), overEmpty: row.pending_over_empty };
  }

  #rowOf(deviceId: string, slot: Slot): SqlRow {
    const { content, pending } = slot;
    return {
      device_id: deviceId,
      slot: slot.slot,
      owner: slot.owner,
      content: content.kind,
      pin:
        content.kind === 'pin' ? this.#seal.sealPin(content.pin, pinPlace(deviceId, slot.slot, 'pin')) : null,
      enabled: content.kind === 'pin' || content.kind === 'masked' ? flagOf(content.enabled) : null,
      recheck: slot.recheck,
      pending_pin:
        pending === null
          ? null
          : this.#seal.sealPin(pending.pin, pinPlace(deviceId, slot.slot, 'pending_pin')),
      pending_over_empty: pending === null ? null : flagOf(pending.overEmpty),
      schedule: jsonOf(slot.schedule),
      proof: slot.proof,
      proven_at: slot.provenAt,
      written_at: slot.writtenAt,
      tried: jsonOf(slot.tried),
      unmanaged: jsonOrNull(slot.unmanaged),
    };
  }
}

function pinPlace(deviceId: string, slot: number, column: 'pin' | 'pending_pin'): Place {
  return { table: TABLE, column, id: [deviceId, slot] };
}
