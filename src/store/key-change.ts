import Database from 'better-sqlite3';
import { Connection, type SqlRow, type Statement } from './connection.ts';
import { StoreError } from './errors.ts';
import { keepHashKeys } from './hash-keys.ts';
import { systemRandom, type HubKey } from './key.ts';
import { Meta } from './meta.ts';
import { keyCheckOf, prefixOf, Seal, type NumberedKey } from './seal.ts';
import { SecretTable } from './secret-table.ts';

/** Rows that are sealed anew in one transaction: milliseconds, and some hundred kilobytes of log. */
const BATCH_ROWS = 250;
/** A database that is larger is not written anew, which would keep the doors waiting; what is deleted in it is zeroed. */
const REWRITE_BYTES_MAX = 64 * 1024 * 1024;

/** Everything in the database that is sealed, by table; `id` is what a value is bound to. */
export const SEALED = [
  { table: 'secrets', id: ['name'], columns: ['value'] },
  { table: 'access_codes', id: ['device_id', 'access_code_id'], columns: ['pin'] },
  { table: 'slots', id: ['device_id', 'slot'], columns: ['pin', 'pending_pin'] },
  { table: 'webhooks', id: ['webhook_id'], columns: ['secret'] },
  { table: 'radio_storage', id: ['file', 'key'], columns: ['value'] },
] as const;

type SealedTable = (typeof SEALED)[number];

/** Which of two keys a database is sealed by, and which it is being sealed by. */
export interface Keyring {
  readonly newest: NumberedKey;
  /** Opens what is not sealed anew yet; `null`: there is no such thing. */
  readonly older: NumberedKey | null;
}

/**
 * Finds out which key the database is sealed by. A new database takes the first one. Throws `StoreError` of kind
 * `wrong_key`, or `missing_key` when it is being sealed by a key that is not there.
 */
export function keyringOf(meta: Meta, key: HubKey, next: HubKey | undefined, file: string): Keyring {
  const check = meta.text('key_check');
  const number = meta.count('key_number') || 1;
  if (check === undefined) return { newest: { number, key }, older: null };
  const nextCheck = meta.text('next_key_check') ?? '';
  const present = [key, next].find((candidate) => candidate !== undefined && keyCheckOf(candidate) === check);
  if (present === undefined) {
    throw new StoreError('wrong_key', `The key is not the one that the database ${file} was made with.`);
  }
  if (nextCheck === '') return { newest: { number, key: present }, older: null };
  const following = [next, key].find(
    (candidate) => candidate !== undefined && keyCheckOf(candidate) === nextCheck,
  );
  if (following === undefined) {
    throw new StoreError(
      'missing_key',
      `The key that follows is missing, and part of the database ${file} is sealed by it: put its file (.next) back.`,
    );
  }
  return { newest: { number: number + 1, key: following }, older: { number, key: present } };
}

/**
 * Seals all that is secret in the database by the next key, in small transactions: cut off anywhere, both keys open the
 * database, and calling this again goes on. At the end nothing that the old key opens is in any of its files. The hub must
 * not run. Throws `StoreError`.
 */
export function sealAnew(file: string, key: HubKey, next: HubKey): void {
  const connection = new Connection(file, Number.MAX_SAFE_INTEGER, () => undefined);
  try {
    connection.pragma('secure_delete = ON');
    const meta = new Meta(connection);
    begin(connection, meta, { key, next, file });
    const { newest, older } = keyringOf(meta, key, next, file);
    if (older !== null) {
      const seal = new Seal(newest, systemRandom, older);
      for (const table of SEALED) sealTable(connection, table, seal, newest.number);
      connection.transaction(() => {
        meta.set('key_check', keyCheckOf(newest.key));
        meta.set('key_number', newest.number);
        meta.set('next_key_check', '');
      });
    }
    clearAway(connection);
  } finally {
    connection.close();
  }
}

/** Whether all that is secret in a database, such as a copy, is sealed by this key alone. Throws `StoreError`. */
export function isSealedBy(file: string, key: HubKey): boolean {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const meta = database.prepare('SELECT value FROM meta WHERE name = ?').pluck();
    return meta.get('key_check') === keyCheckOf(key) && (meta.get('next_key_check') ?? '') === '';
  } finally {
    database.close();
  }
}

function begin(
  connection: Connection,
  meta: Meta,
  { key, next, file }: { readonly key: HubKey; readonly next: HubKey; readonly file: string },
): void {
  connection.transaction(() => {
    const { newest, older } = keyringOf(meta, key, next, file);
    const isDone = older !== null || newest.key === next;
    if (isDone || meta.text('key_check') === undefined) return;
    keepHashKeys(new SecretTable(connection, new Seal(newest, systemRandom)), newest.key);
    meta.set('next_key_check', keyCheckOf(next));
  });
}

function sealTable(connection: Connection, table: SealedTable, seal: Seal, keyNumber: number): void {
  const ids = table.id.join(', ');
  const old = table.columns.map((column) => `substr(${column}, 1, 4) <> @prefix`).join(' OR ');
  const after = table.id.map((column) => `@${column}`).join(', ');
  const select = (condition: string): Statement =>
    connection.prepare(
      `SELECT ${ids}, ${table.columns.join(', ')} FROM ${table.table} WHERE (${old}) ${condition}
       ORDER BY ${ids} LIMIT ${BATCH_ROWS}`,
    );
  const [first, further] = [select(''), select(`AND (${ids}) > (${after})`)];
  const prefix = prefixOf(keyNumber);
  let last: SqlRow | undefined;
  do {
    last = connection.transaction(() => {
      const rows = (
        last === undefined ? first.all({ prefix }) : further.all({ prefix, ...last })
      ) as SqlRow[];
      for (const row of rows) sealRow(connection, table, seal, row);
      const end = rows.at(-1);
      return end && Object.fromEntries(table.id.map((column) => [column, end[column] ?? null]));
    });
  } while (last !== undefined);
}

/** A value that does not open stays as it is: nobody can read it by any key. */
function sealRow(connection: Connection, { table, id, columns }: SealedTable, seal: Seal, row: SqlRow): void {
  const place = id.map((column) => row[column] as string | number);
  for (const column of columns) {
    const value = row[column];
    if (!(value instanceof Uint8Array)) continue;
    const at = { table, column, id: place };
    const text = seal.open(value, at);
    if (text === undefined) continue;
    const condition = id.map((name) => `${name} = ?`).join(' AND ');
    connection
      .prepare(`UPDATE ${table} SET ${column} = ? WHERE ${condition}`)
      .run(seal.seal(text, at), ...place);
  }
}

/** Nothing of what was sealed before is left in free pages or in the log. */
function clearAway(connection: Connection): void {
  if (!isRewritten(connection)) while (connection.giveBack(0, Number.MAX_SAFE_INTEGER)) continue;
  connection.pragma('wal_checkpoint(TRUNCATE)');
}

/** False: it is too large for that, or the disk has no room for a second one. */
function isRewritten(connection: Connection): boolean {
  if (connection.sizeBytes() > REWRITE_BYTES_MAX) return false;
  try {
    connection.prepare('VACUUM').run();
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'disk') return false;
    throw error;
  }
}
