import { closeSync, openSync, statfsSync } from 'node:fs';

import Database from 'better-sqlite3';

import { StoreError, storeErrorOf, unopened } from './errors.ts';
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from './migrations.ts';

/** Longest wait for another program that has the database locked, such as a backup. */
const BUSY_TIMEOUT_MS = 5000;
/** The write-ahead log is cut back to this after a checkpoint. */
const LOG_BYTES_MAX = 16 * 1024 * 1024;
/** A database without room to shrink is written anew once, where that takes seconds and the disk has room for it. */
const REWRITE_BYTES_MAX = 64 * 1024 * 1024;
const REWRITE_ROOM_FACTOR = 3;
/** SQLite's own number for `auto_vacuum=INCREMENTAL`. */
const SHRINKS = 2;
/** SQLite's own number for `synchronous=FULL`. */
const SYNCHRONOUS_FULL = 2;

type SqlValue = string | number | Uint8Array | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** A prepared statement whose rows are unparsed and whose failures are `StoreError`s. */
export interface Statement {
  run(...parameters: readonly (SqlValue | SqlRow)[]): { readonly changes: number; readonly rowId: number };
  get(...parameters: readonly (SqlValue | SqlRow)[]): unknown;
  all(...parameters: readonly (SqlValue | SqlRow)[]): readonly unknown[];
}

/** One open database file in the only mode this project allows: WAL, every commit synced, foreign keys enforced. */
export class Connection {
  readonly #database: Database.Database;
  readonly #file: string;
  readonly #inTransaction: Database.Transaction<(work: () => unknown) => unknown>;
  /** The disk did not take what was to be written last. */
  #isRefused = false;
  readonly #onDamage: (error: StoreError) => void;

  /**
   * Opens or makes `file`, proves that it is sound and brings its schema up to date. `fileBytesMax` bounds the
   * database file: beyond it a commit fails as on a full disk.
   * Throws `StoreError` of kind `not_a_database`, `newer`, `damaged`, `busy` or `disk`, having changed nothing.
   */
  constructor(file: string, fileBytesMax: number, onDamage: (error: StoreError) => void) {
    this.#file = file;
    this.#onDamage = onDamage;
    this.#database = openFile(file);
    this.#inTransaction = this.#database.transaction((work) => work());
    try {
      this.#refuseForeignFile();
      this.#refuseDamagedFile();
      this.#setMode(fileBytesMax);
      this.#migrate();
      this.#letShrink();
    } catch (error) {
      this.#database.close();
      throw unopened(error, file);
    }
  }

  prepare(sql: string): Statement {
    const statement = this.#guarded(() => this.#database.prepare(sql));
    return {
      run: (...parameters) =>
        this.#guarded(() => {
          const { changes, lastInsertRowid } = statement.run(...parameters);
          return { changes, rowId: Number(lastInsertRowid) };
        }),
      get: (...parameters) => this.#guarded(() => statement.get(...parameters)),
      all: (...parameters) => this.#guarded(() => statement.all(...parameters)),
    };
  }

  /** All of `work` or nothing of it. Inside another transaction it is a savepoint of that one. */
  transaction<T>(work: () => T): T;
  transaction(work: () => unknown): unknown {
    return this.#guarded(() => this.#inTransaction.immediate(work));
  }

  /**
   * The same without waiting for the disk: a power cut may undo it, as long as nothing was committed after it that was
   * waited for. For what is done again then without harm.
   */
  unsynced<T>(work: () => T): T {
    if (this.inTransaction) return this.transaction(work);
    this.#database.exec('PRAGMA synchronous = NORMAL');
    try {
      return this.transaction(work);
    } finally {
      this.#database.exec('PRAGMA synchronous = FULL');
    }
  }

  /**
   * Takes the write lock, writes with `work` and takes that back: nothing is kept, and the disk not worn. Throws where
   * somebody else has the lock, or a transaction of our own was left open.
   */
  rehearse(work: () => void): void {
    if (this.inTransaction) throw new StoreError('busy', `A transaction of ${this.#file} was never ended.`);
    this.#guarded(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        work();
      } finally {
        this.#database.exec('ROLLBACK');
      }
    });
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  /** Whether the disk takes nothing: once that was so, `probe` is tried, which has to write something. */
  isRefused(probe: () => void): boolean {
    if (!this.#isRefused) return false;
    try {
      this.transaction(probe);
      this.#isRefused = false;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
    return this.#isRefused;
  }

  /** Gives free pages beyond `keptBytes` back to the disk, at most so many. True: there are more. */
  giveBack(keptBytes: number, pagesMax: number): boolean {
    if (this.pragma('auto_vacuum') !== SHRINKS) return false;
    const kept = Math.ceil(keptBytes / Number(this.pragma('page_size')));
    const extra = Number(this.pragma('freelist_count')) - kept;
    if (extra > 0) this.#database.pragma(`incremental_vacuum(${Math.min(extra, pagesMax)})`);
    return extra > pagesMax;
  }

  /** Bytes of the database file, free pages among them. */
  sizeBytes(): number {
    return Number(this.pragma('page_count')) * Number(this.pragma('page_size'));
  }

  /** A setting as SQLite reports it. */
  pragma(name: string): unknown {
    return this.#database.pragma(name, { simple: true });
  }

  close(): void {
    this.#database.close();
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const known = storeErrorOf(error, this.#file);
      if (known instanceof StoreError && known.kind === 'disk') this.#isRefused = true;
      if (known instanceof StoreError && isDamage(known)) this.#onDamage(known);
      throw known;
    }
  }

  /** Runs before anything is written, so that a file of somebody else stays as it is. */
  #refuseForeignFile(): void {
    const tables = this.#database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
    const applicationId = this.pragma('application_id');
    const isFresh = tables === 0 && applicationId === 0;
    if (!isFresh && applicationId !== APPLICATION_ID) {
      throw new StoreError('not_a_database', `${this.#file} is the database of another program.`);
    }
    const version = this.#schemaVersion();
    if (version > SCHEMA_VERSION) {
      throw new StoreError(
        'newer',
        `The database ${this.#file} was written by a newer lockhub (schema ${version}, this one knows ${SCHEMA_VERSION}). Install that version again.`,
      );
    }
  }

  #refuseDamagedFile(): void {
    const verdict = this.pragma('integrity_check(1)');
    if (verdict !== 'ok') {
      const reason = String(verdict).replaceAll(/\s+/g, ' ');
      throw new StoreError(
        'damaged',
        `The database ${this.#file} is damaged (${reason}). Restore it from a backup.`,
      );
    }
  }

  /** WAL alone would sync less often than every commit here, so each setting is read back. */
  #setMode(fileBytesMax: number): void {
    // Of effect only in a database that is empty still.
    this.#database.pragma('auto_vacuum = INCREMENTAL');
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = FULL');
    this.#database.pragma('foreign_keys = ON');
    this.#database.pragma('temp_store = MEMORY');
    this.#database.pragma(`journal_size_limit = ${LOG_BYTES_MAX}`);
    this.#database.pragma(`max_page_count = ${Math.ceil(fileBytesMax / Number(this.pragma('page_size')))}`);
    const mode = [this.pragma('journal_mode'), this.pragma('synchronous'), this.pragma('foreign_keys')];
    if (mode[0] !== 'wal' || mode[1] !== SYNCHRONOUS_FULL || mode[2] !== 1) {
      throw new StoreError(
        'disk',
        `The database ${this.#file} can't be kept safely here (${mode.join(', ')}).`,
      );
    }
  }

  #migrate(): void {
    const from = this.#schemaVersion();
    if (from === SCHEMA_VERSION) return;
    this.transaction(() => {
      for (const sql of MIGRATIONS.slice(from)) this.#database.exec(sql);
      this.#database.pragma(`application_id = ${APPLICATION_ID}`);
      this.#database.pragma(`user_version = ${SCHEMA_VERSION}`);
    });
  }

  /** A database of before can't give room back until it was written anew; that may wait for another start. */
  #letShrink(): void {
    const bytes = this.sizeBytes();
    if (this.pragma('auto_vacuum') === SHRINKS || bytes > REWRITE_BYTES_MAX) return;
    const { bavail, bsize } = statfsSync(this.#file);
    if (bavail * bsize < bytes * REWRITE_ROOM_FACTOR) return;
    this.#database.pragma('auto_vacuum = INCREMENTAL');
    this.#database.exec('VACUUM');
  }

  #schemaVersion(): number {
    return Number(this.pragma('user_version'));
  }
}

function isDamage({ kind }: StoreError): boolean {
  return kind === 'damaged' || kind === 'not_a_database';
}

function openFile(file: string): Database.Database {
  try {
    // SQLite gives its log files the mode of the database, so it is made private before SQLite sees it.
    closeSync(openSync(file, 'a', 0o600));
    return new Database(file, { timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    const known = storeErrorOf(error, file);
    if (known instanceof StoreError) throw known;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError('disk', `The database ${file} can't be opened (${reason}).`, { cause: error });
  }
}
