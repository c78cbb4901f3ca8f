import { z } from 'zod';

import type { Measured } from '../core/measured.ts';
import type { Instant } from '../core/time.ts';
import type { Connection, Statement } from './connection.ts';
import { operationKind } from './journal.ts';
import { flag, parseRow } from './rows.ts';
import type { FormerCode, History, PastOperation, Tenure } from './store.ts';

const operationRow = z.object({
  operation_id: z.int(),
  kind: operationKind,
  slot: z.int().nullable(),
  access_code_id: z.string().nullable(),
  begun_at: z.number(),
  outcome: z.string().nullable(),
  settled_at: z.number().nullable(),
});

const tenureRow = z.object({
  slot: z.int(),
  from_at: z.number(),
  till_at: z.number().nullable(),
  access_code_id: z.string(),
  is_managed: flag,
});

const formerRow = z.object({
  name: z.string().nullable(),
  starts_at: z.number().nullable(),
  ends_at: z.number().nullable(),
  created_at: z.number(),
  deleted_at: z.number().nullable(),
});

const measurementRow = z.object({
  at: z.number(),
  battery_level: z.number().nullable(),
  rssi_dbm: z.number().nullable(),
  round_trip_ms: z.number().nullable(),
});

/** What locks have been through: read from the tables that others write, and measurements of its own. */
export class HistoryTable implements History {
  readonly #connection: Connection;
  readonly #operations: Statement;
  readonly #tenures: Statement;
  readonly #former: Statement;
  readonly #measurements: Statement;
  readonly #lastMeasured: Statement;
  readonly #measure: Statement;
  readonly #undo: Statement;
  readonly #prune: Statement;
  readonly #forget: Statement;
  readonly #measurementsMax: number;

  constructor(connection: Connection, measurementsPerLockMax: number) {
    this.#connection = connection;
    this.#measurementsMax = measurementsPerLockMax;
    this.#operations = connection.prepare(`
      SELECT ${columnsOf(operationRow)} FROM operations WHERE device_id = ? ORDER BY operation_id DESC LIMIT ?`);
    this.#tenures = connection.prepare(`
      SELECT ${columnsOf(tenureRow)} FROM tenures
      WHERE device_id = ? AND from_at < ? AND (till_at IS NULL OR till_at > ?) ORDER BY from_at DESC LIMIT ?`);
    this.#former = connection.prepare(`
      SELECT ${columnsOf(formerRow)} FROM tombstones WHERE device_id = ? AND access_code_id = ?
      ORDER BY tombstone_id DESC LIMIT 1`);
    const select = `SELECT ${columnsOf(measurementRow)} FROM measurements WHERE device_id = ?`;
    this.#measurements = connection.prepare(`${select} ORDER BY at`);
    this.#lastMeasured = connection.prepare(`${select} ORDER BY at DESC LIMIT 1`);
    this.#measure = connection.prepare('INSERT INTO measurements VALUES (?, ?, ?, ?, ?)');
    this.#undo = connection.prepare('DELETE FROM measurements WHERE device_id = ? AND at >= ?');
    this.#prune = connection.prepare(`
      DELETE FROM measurements WHERE device_id = ? AND at <= (
        SELECT at FROM measurements WHERE device_id = ? ORDER BY at DESC LIMIT 1 OFFSET ?)`);
    this.#forget = connection.prepare('DELETE FROM measurements WHERE device_id = ?');
  }

  operations(deviceId: string, limit: number): readonly PastOperation[] {
    return this.#operations.all(deviceId, limit).map((row) => {
      const parsed = parseRow(operationRow, row, 'operations', ['operation_id']);
      return {
        operationId: parsed.operation_id,
        kind: parsed.kind,
        slot: parsed.slot,
        accessCodeId: parsed.access_code_id,
        begunAt: parsed.begun_at,
        outcome: parsed.outcome,
        settledAt: parsed.settled_at,
      };
    });
  }

  tenures(deviceId: string, from: Instant, to: Instant, limit: number): readonly Tenure[] {
    const rows = this.#tenures.all(deviceId, to, from, limit).map((row) => {
      const parsed = parseRow(tenureRow, row, 'tenures', ['slot', 'from_at']);
      return {
        slot: parsed.slot,
        from: parsed.from_at,
        till: parsed.till_at,
        accessCodeId: parsed.access_code_id,
        isManaged: parsed.is_managed,
      };
    });
    return rows.toReversed();
  }

  formerCode(deviceId: string, accessCodeId: string): FormerCode | undefined {
    const row = this.#former.get(deviceId, accessCodeId);
    if (row === undefined) return undefined;
    const parsed = parseRow(formerRow, row, 'tombstones', []);
    return {
      name: parsed.name,
      startsAt: parsed.starts_at,
      endsAt: parsed.ends_at,
      createdAt: parsed.created_at,
      deletedAt: parsed.deleted_at,
    };
  }

  measurements(deviceId: string): readonly Measured[] {
    return this.#measurements.all(deviceId).map(measuredOf);
  }

  lastMeasured(deviceId: string): Measured | undefined {
    const row = this.#lastMeasured.get(deviceId);
    return row === undefined ? undefined : measuredOf(row);
  }

  measure(deviceId: string, { at, batteryLevel, rssiDbm, roundTripMs }: Measured): void {
    this.#connection.unsynced(() => {
      // After the clock was set back, what it said before would look newer for ever.
      this.#undo.run(deviceId, at);
      this.#measure.run(deviceId, at, batteryLevel, rssiDbm, roundTripMs);
      this.#prune.run(deviceId, deviceId, this.#measurementsMax);
    });
  }

  /** Drops what was measured of a lock. */
  forget(deviceId: string): void {
    this.#forget.run(deviceId);
  }
}

function measuredOf(row: unknown): Measured {
  const { at, battery_level, rssi_dbm, round_trip_ms } = parseRow(measurementRow, row, 'measurements', [
    'at',
  ]);
  return { at, batteryLevel: battery_level, rssiDbm: rssi_dbm, roundTripMs: round_trip_ms };
}

function columnsOf(row: z.ZodObject): string {
  return Object.keys(row.shape).join(', ');
}
