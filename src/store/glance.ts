import { statSync } from 'node:fs';

import Database from 'better-sqlite3';
import { z } from 'zod';

import { APPLICATION_ID, SCHEMA_VERSION } from './migrations.ts';
import { StoreError, storeErrorOf } from './errors.ts';
import { blob } from './rows.ts';

/** A writer holds the file only for moments; a reader of this one waits no longer. */
const BUSY_TIMEOUT_MS = 2000;
const VERDICT_CHARS_MAX = 200;

const text = z.string();
const flag = z.int().transform((value) => value !== 0);

const lockRow = z.object({
  device_id: text,
  name: text,
  radio: text.nullable(),
  secure: flag,
  online: flag,
  battery_level: z.number().nullable(),
  battery_low: flag,
  credentials_missing: flag,
  ahead_ms: z.number().nullable(),
  repeats_blocked_until: z.number().nullable(),
  rssi_dbm: z.number().nullable(),
});

const LOCKS = `
  SELECT device_id, coalesce(nickname, concat_ws(' ', model, address), device_id) AS name, radio, secure, online,
    battery_level, battery_low, credentials_missing, clock_read ->> 'aheadMs' AS ahead_ms, repeats_blocked_until,
    (SELECT rssi_dbm FROM measurements WHERE measurements.device_id = locks.device_id ORDER BY at DESC LIMIT 1) AS rssi_dbm
  FROM locks ORDER BY name`;

/** Rows that say how a hub is. No PIN and no secret is in them. */
export interface GlanceContent {
  /** `null`: a database without a first start. */
  readonly keyCheck: string | null;
  /** Of the key that its values are sealed by. */
  readonly keyNumber: number;
  readonly secretNames: readonly string[];
  /** The sticks that somebody has confirmed, sealed; `null`: nobody has. */
  readonly sealedRadios: Uint8Array | null;
  readonly locks: readonly z.infer<typeof lockRow>[];
  readonly eventsWaiting: number;
  /** Milliseconds since 1970. */
  readonly newestEventAt: number | null;
  /** Starts of the hub since `startsSince`. */
  readonly starts: number;
}

export interface Glance {
  readonly state: 'absent' | 'sound' | 'damaged' | 'foreign' | 'newer';
  /** Of a damaged or newer one: one line that says how. */
  readonly verdict: string;
  /** `null`: not sound, or of an older version. */
  readonly content: GlanceContent | null;
}

/**
 * Looks into a hub's database without writing to it, while a hub works on it or not; what is not known to be sound is
 * not looked into. Blocks for as long as reading the whole file takes. Throws `StoreError` of kind `disk` or `busy`
 * where it can't be read.
 */
export function glanceAt(file: string, startsSince: number): Glance {
  if (isAbsent(file)) return { state: 'absent', verdict: '', content: null };
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    return look(database, startsSince);
  } catch (error) {
    const known = storeErrorOf(error, file);
    if (!(known instanceof StoreError)) throw known;
    if (known.kind === 'not_a_database') return { state: 'foreign', verdict: '', content: null };
    if (known.kind === 'damaged') return { state: 'damaged', verdict: known.message, content: null };
    throw known;
  } finally {
    database?.close();
  }
}

function isAbsent(file: string): boolean {
  try {
    statSync(file);
    return false;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return true;
    throw new StoreError('disk', `The database ${file} can't be looked at (${String(code)}).`, {
      cause: error,
    });
  }
}

function look(database: Database.Database, startsSince: number): Glance {
  const pragma = (name: string): unknown => database.pragma(name, { simple: true });
  const one = (sql: string, ...parameters: readonly unknown[]): unknown =>
    database
      .prepare(sql)
      .pluck()
      .get(...parameters);
  const tables = Number(one('SELECT count(*) FROM sqlite_schema'));
  const applicationId = pragma('application_id');
  if (tables === 0 && applicationId === 0) return { state: 'sound', verdict: '', content: null };
  if (applicationId !== APPLICATION_ID) return { state: 'foreign', verdict: '', content: null };
  const version = Number(pragma('user_version'));
  if (version > SCHEMA_VERSION) {
    const verdict = `schema ${version}, this program knows ${SCHEMA_VERSION}`;
    return { state: 'newer', verdict, content: null };
  }
  const verdict = String(pragma('quick_check(1)')).replaceAll(/\s+/g, ' ').slice(0, VERDICT_CHARS_MAX);
  if (verdict !== 'ok') return { state: 'damaged', verdict, content: null };
  if (version < SCHEMA_VERSION) return { state: 'sound', verdict: '', content: null };
  const content = {
    keyCheck: text.optional().parse(one("SELECT value FROM meta WHERE name = 'key_check'")) ?? null,
    keyNumber: Number(one("SELECT value FROM meta WHERE name = 'key_number'") ?? 1),
    secretNames: z.array(text).parse(database.prepare('SELECT name FROM secrets').pluck().all()),
    sealedRadios: blob.nullable().parse(one("SELECT value FROM secrets WHERE name = 'radios'") ?? null),
    locks: z.array(lockRow).parse(database.prepare(LOCKS).all()),
    eventsWaiting: Number(one('SELECT rows FROM outbox_total')),
    newestEventAt: z.number().nullable().parse(one('SELECT max(created_at) FROM event_log')),
    starts: Number(
      one("SELECT count(*) FROM event_log WHERE created_at >= ? AND event_type = 'hub.started'", startsSince),
    ),
  };
  return { state: 'sound', verdict: '', content };
}
