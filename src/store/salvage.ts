import Database from 'better-sqlite3';
import { z } from 'zod';
import type { RowName } from './errors.ts';
import { WORTH } from './event-worth.ts';
import { SCHEMA_VERSION } from './migrations.ts';

/** They count each other's rows, so they are taken over together or not at all. */
const LOG = ['outbox', 'event_log', 'webhooks', 'meta', 'sqlite_sequence'];
const EVENTS = ['outbox', 'event_log'];
const NO_EVENT = "NOT json_valid(body) OR json_type(body) <> 'object'";
const ACKED = "(SELECT coalesce((SELECT value FROM meta WHERE name = 'outbox_acked'), 0))";
const FILL_LOG = `
  INSERT OR IGNORE INTO outbox (seq, worth, body) SELECT seq, ${WORTH.security}, body FROM event_log;
  DELETE FROM outbox WHERE seq <= ${ACKED};
  INSERT OR IGNORE INTO event_log (seq, created_at, event_type, device_id, access_code_id, body)
  SELECT seq, round(unixepoch(body ->> 'occurred_at', 'subsec') * 1000), body ->> 'event_type', body ->> 'device_id',
    body ->> 'access_code_id', body FROM outbox;`;
/** Numbers that were given are never given again. */
const COUNT = `
  DELETE FROM sqlite_sequence WHERE name = 'outbox';
  INSERT INTO sqlite_sequence (name, seq) SELECT 'outbox', max(${ACKED},
    (SELECT coalesce(max(seq), 0) FROM outbox), (SELECT coalesce(max(seq), 0) FROM event_log));`;
/** Rows of these that the damaged database lacks are those of the other one: a single bit makes another key of one. */
const LASTING = ['secrets', 'locks', 'lock_identities', 'slots', 'access_codes'];
/** A code that was deleted comes back with no page of an older database. */
const BURY = `
  DELETE FROM access_codes WHERE EXISTS (
    SELECT 1 FROM tombstones WHERE tombstones.device_id = access_codes.device_id
    AND tombstones.access_code_id = access_codes.access_code_id AND tombstones.created_at = access_codes.created_at
  )`;
/** Follows from the others. */
const DERIVED = ['outbox_total'];

/** What was read of a damaged database, by table. */
export interface Salvage {
  /** All of it. */
  readonly whole: readonly string[];
  /** Some of it, over what the other database knows. */
  readonly part: readonly string[];
  /** Nothing of it: what the other database knows stays. */
  readonly lost: readonly string[];
}

const columnRow = z.object({ name: z.string(), pk: z.int() });
const foreignKeyRow = z.object({ table: z.string(), from: z.string(), to: z.string() });
const names = z.array(z.string());

/**
 * Takes over what can still be read in a damaged database of this hub into a sound one of the same schema, which is
 * older or empty, and of which `base` is a copy. `source` is only read; what of it is read may still make no sense, see
 * `takeBack`. Throws what SQLite says of `target`.
 */
export function salvage(target: string, base: string, source: string): Salvage {
  const into = new Database(target, { fileMustExist: true });
  try {
    into.pragma('synchronous = FULL');
    into.pragma('foreign_keys = OFF');
    into.prepare('ATTACH ? AS base').run(base);
    const tables = names.parse(
      into.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all(),
    );
    return into.transaction(() =>
      taken(
        into,
        source,
        tables.filter((table) => !DERIVED.includes(table)),
      ),
    )();
  } finally {
    into.close();
  }
}

/** Puts the row of `base` in the place of one that makes no sense, or takes it away where `base` has none. */
export function takeBack(target: string, base: string, { table, id }: RowName, isKnownBad: boolean): boolean {
  const key = ROW_KEYS[table];
  if (key === undefined || key.length !== id.length) return false;
  const into = new Database(target, { fileMustExist: true });
  try {
    into.pragma('foreign_keys = OFF');
    into.prepare('ATTACH ? AS base').run(base);
    return into.transaction(() => {
      const where = key.map((column) => `${column} = ?`).join(' AND ');
      const { changes } = into.prepare(`DELETE FROM main.${table} WHERE ${where}`).run(...id);
      if (!isKnownBad)
        into
          .prepare(`INSERT OR REPLACE INTO main.${table} SELECT * FROM base.${table} WHERE ${where}`)
          .run(...id);
      dropOrphans(into);
      return changes > 0;
    })();
  } finally {
    into.close();
  }
}

/** By which columns an unreadable row is named. */
const ROW_KEYS: Readonly<Record<string, readonly string[]>> = {
  locks: ['device_id'],
  access_codes: ['device_id', 'access_code_id'],
  slots: ['device_id', 'slot'],
  secrets: ['name'],
  webhooks: ['webhook_id'],
  api_keys: ['key_id'],
  commands: ['command_id'],
};

function taken(into: Database.Database, source: string, tables: readonly string[]): Salvage {
  const result = { whole: [] as string[], part: [] as string[], lost: [] as string[] };
  const from = openDamaged(source);
  if (from === null) return { ...result, lost: tables };
  try {
    for (const table of tables.filter((name) => !LOG.includes(name))) {
      result[takeTable(into, from, table, true)].push(table);
    }
    result[takeLog(into, from)].push(...LOG.filter((name) => tables.includes(name)));
  } finally {
    from.close();
  }
  into.exec(COUNT);
  for (const table of LASTING) keepOf(into, table);
  into.exec(BURY);
  dropOrphans(into);
  into.exec(
    'UPDATE outbox_total SET rows = (SELECT count(*) FROM outbox), bytes = (SELECT coalesce(sum(octet_length(body)), 0) FROM outbox)',
  );
  // Codes may be missing that the cloud takes for known: it is to send every document again.
  into.exec('UPDATE locks SET version_received = 0, version_applied = 0');
  return result;
}

function keepOf(into: Database.Database, table: string): void {
  // A number of a row is nobody's name.
  const list = columnsOf(into, table)
    .map(({ name }) => name)
    .filter((name) => name !== 'code_number')
    .join(', ');
  into.exec(`INSERT OR IGNORE INTO main.${table} (${list}) SELECT ${list} FROM base.${table}`);
}

/** `null`: nothing of it can be read, or another version wrote it. */
function openDamaged(source: string): Database.Database | null {
  let from: Database.Database | undefined;
  try {
    from = new Database(source, { readonly: true, fileMustExist: true });
    if (from.pragma('user_version', { simple: true }) === SCHEMA_VERSION) return from;
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
  }
  from?.close();
  return null;
}

/** Two tables have each event that waits for the cloud, so that one of them can be filled from the other. */
function takeLog(into: Database.Database, from: Database.Database): keyof Salvage {
  const isWhole = attempted(into, () => {
    if (LOG.some((table) => takeTable(into, from, table, false) !== 'whole')) throw new NotWhole();
    if (
      EVENTS.some((table) => into.prepare(`SELECT 1 FROM ${table} WHERE ${NO_EVENT}`).get() !== undefined)
    ) {
      throw new NotWhole();
    }
  });
  if (isWhole) return 'whole';
  if (attempted(into, () => fillLog(into, from))) return 'part';
  // The floor of the clock only ever rises.
  attempted(into, () => {
    const floor = from.prepare("SELECT value FROM meta WHERE name = 'floor'").pluck().get();
    if (typeof floor !== 'number') return;
    into.prepare("UPDATE meta SET value = max(value, ?) WHERE name = 'floor'").run(floor);
  });
  return 'lost';
}

function fillLog(into: Database.Database, from: Database.Database): void {
  // The log of the other database has numbers of its own.
  for (const table of EVENTS) into.exec(`DELETE FROM ${table}`);
  if (takeTable(into, from, 'meta', false) !== 'whole') throw new NotWhole();
  takeTable(into, from, 'webhooks', true);
  for (const table of EVENTS) {
    takeTable(into, from, table, true);
    into.exec(`DELETE FROM ${table} WHERE ${NO_EVENT}`);
  }
  into.exec(FILL_LOG);
  const gaps = into.prepare(`SELECT max(seq) - ${ACKED} - count(*) FROM outbox`).pluck().get();
  if (gaps !== null && gaps !== 0) throw new NotWhole();
}

/** With `inParts`: around what is damaged in it, from both ends. */
function takeTable(
  into: Database.Database,
  from: Database.Database,
  table: string,
  inParts: boolean,
): keyof Salvage {
  const columns = columnsOf(into, table);
  const list = columns.map(({ name }) => name).join(', ');
  const insert = into.prepare(
    `INSERT OR REPLACE INTO ${table} (${list}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  let count = 0;
  const copy = (order: string): boolean => {
    try {
      const rows = from.prepare(`SELECT ${list} FROM ${table}${order}`).raw().safeIntegers();
      for (const row of rows.iterate()) {
        insert.run(...(row as readonly unknown[]));
        count += 1;
      }
      return true;
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
      return false;
    }
  };
  const isWhole = attempted(into, () => {
    into.exec(`DELETE FROM ${table}`);
    if (!copy('')) throw new NotWhole();
  });
  if (isWhole) return 'whole';
  if (!inParts) return 'lost';
  count = 0;
  const key = columns.filter(({ pk }) => pk > 0).toSorted((one, other) => one.pk - other.pk);
  const [up, down] = ['', ' DESC'].map((way) => key.map(({ name }) => `${name}${way}`).join(', '));
  copy(key.length === 0 ? '' : ` ORDER BY ${up}`);
  if (key.length > 0) copy(` ORDER BY ${down}`);
  return count === 0 ? 'lost' : 'part';
}

class NotWhole extends Error {}

/** All of `work` or nothing of it. False: nothing, because the source did not say it. */
function attempted(into: Database.Database, work: () => void): boolean {
  try {
    into.transaction(work)();
    return true;
  } catch (error) {
    if (error instanceof NotWhole || error instanceof Database.SqliteError) return false;
    throw error;
  }
}

function columnsOf(database: Database.Database, table: string): readonly z.infer<typeof columnRow>[] {
  return z.array(columnRow).parse(database.pragma(`main.table_info(${table})`));
}

/** Rows whose lock is not known are of no use, and no database is opened with them. */
function dropOrphans(into: Database.Database): void {
  const tables = names.parse(
    into.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'").pluck().all(),
  );
  for (const table of tables) {
    for (const { table: parent, from, to } of z
      .array(foreignKeyRow)
      .parse(into.pragma(`main.foreign_key_list(${table})`))) {
      into.exec(`DELETE FROM ${table} WHERE ${from} NOT IN (SELECT ${to} FROM ${parent})`);
    }
  }
}
