import Database from 'better-sqlite3';

/** What is wrong, so that a caller can decide and a person can act. */
export type StoreErrorKind =
  /** The file is a database, but its pages don't agree with each other. */
  | 'damaged'
  /** Written by a newer version of this program. */
  | 'newer'
  /** The key is not the one that sealed this database, or is no key at all. */
  | 'wrong_key'
  /** The database exists and its key file does not. */
  | 'missing_key'
  /** The file is something else than this hub's database. */
  | 'not_a_database'
  /** One row holds what this program can't read; the message names table and row. */
  | 'unreadable_row'
  /** The disk is full, read-only or failing. Nothing was written; the store goes on when there is room again. */
  | 'disk'
  /** Another program keeps the database locked. */
  | 'busy';

/** An expected failure of durable storage. The message is one sentence for a person and never holds a secret. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;
  /** Of an `unreadable_row`: which one it is. */
  readonly row: RowName | null;

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions & { readonly row?: RowName }) {
    super(message, options);
    this.kind = kind;
    this.row = options?.row ?? null;
  }
}

/** A row by its primary key. */
export interface RowName {
  readonly table: string;
  readonly id: readonly (string | number)[];
}

/** Turns what SQLite says about the disk and the file into a `StoreError`; anything else is a bug and stays as it is. */
export function storeErrorOf(error: unknown, file: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const kind = kindOf(error.code);
  if (kind === undefined) return error;
  return new StoreError(kind, sentenceOf(kind, file, `${error.message}, ${error.code}`), { cause: error });
}

/** The same of a database that is opened: tables that are not those of its version are damage, and no bug. */
export function unopened(error: unknown, file: string): unknown {
  const known = storeErrorOf(error, file);
  if (!(known instanceof Database.SqliteError)) return known;
  return new StoreError('damaged', sentenceOf('damaged', file, `${known.message}, ${known.code}`), {
    cause: error,
  });
}

type SqliteErrorKind = 'damaged' | 'not_a_database' | 'disk' | 'busy';

/** Matches the extended codes too, such as `SQLITE_IOERR_WRITE`. */
function kindOf(code: string): SqliteErrorKind | undefined {
  if (/^SQLITE_(FULL|READONLY|IOERR|CANTOPEN|PERM)/.test(code)) return 'disk';
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return 'busy';
  if (code.startsWith('SQLITE_CORRUPT')) return 'damaged';
  if (code === 'SQLITE_NOTADB') return 'not_a_database';
  return undefined;
}

function sentenceOf(kind: SqliteErrorKind, file: string, reason: string): string {
  switch (kind) {
    case 'damaged':
      return `The database ${file} is damaged (${reason}). Restore it from a backup.`;
    case 'not_a_database':
      return `${file} is not a lockhub database (${reason}).`;
    case 'disk':
      return `The database ${file} can't be read or written (${reason}).`;
    case 'busy':
      return `The database ${file} is locked by another program (${reason}).`;
  }
}
