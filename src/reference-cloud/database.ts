import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { FileError } from './file-error.ts';

/** Tells this program's files from those of others, the hub's own among them: "lhcl" in ASCII. */
const APPLICATION_ID = 0x6c_68_63_6c;
const SCHEMA_VERSION = 1;
const BUSY_TIMEOUT_MS = 1000;

export type CloudDatabase = Database.Database;

const SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE hubs (
    hub_id TEXT PRIMARY KEY, epoch TEXT, hello TEXT, health TEXT, presence TEXT, boots TEXT NOT NULL DEFAULT '[]'
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE logs (
    hub_id TEXT, epoch TEXT, received INTEGER NOT NULL, PRIMARY KEY (hub_id, epoch)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE events (
    hub_id TEXT, epoch TEXT, seq INTEGER, event_id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (hub_id, epoch, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX event_ids ON events (hub_id, event_id);
  CREATE TABLE losses (hub_id TEXT, epoch TEXT, first_seq INTEGER, last_seq INTEGER) STRICT;
  CREATE TABLE locks (
    hub_id TEXT, device_id TEXT, generation INTEGER NOT NULL, version INTEGER NOT NULL, report TEXT,
    PRIMARY KEY (hub_id, device_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE documents (
    hub_id TEXT, device_id TEXT, generation INTEGER NOT NULL, version INTEGER NOT NULL,
    codes TEXT NOT NULL, tombstones TEXT NOT NULL, PRIMARY KEY (hub_id, device_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE commands (
    command_id TEXT PRIMARY KEY, hub_id TEXT NOT NULL, type TEXT NOT NULL, payload TEXT NOT NULL,
    expires_at INTEGER NOT NULL, result TEXT
  ) STRICT;
  CREATE INDEX commands_by_hub ON commands (hub_id, expires_at);
`;

/**
 * Opens or makes the database of a reference cloud, for this process alone. It holds PINs in clear, as a cloud that
 * hands them out does, so only its owner may read it. Throws a `FileError`.
 */
export function openDatabase(file: string): CloudDatabase {
  try {
    // Made here, so that it is nobody else's from its first byte on.
    if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
    const database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    database.pragma('locking_mode = EXCLUSIVE');
    refuseOthers(database, file);
    if (file !== ':memory:') chmodSync(file, 0o600);
    database.pragma('journal_mode = WAL');
    // What was acknowledged to a hub is forgotten there, so it has to be on the disk.
    database.pragma('synchronous = FULL');
    if (database.pragma('user_version', { simple: true }) === 0) create(database);
    return database;
  } catch (error) {
    throw databaseErrorOf(error, file);
  }
}

/** Throws before anything in the file is changed. */
function refuseOthers(database: CloudDatabase, file: string): void {
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (tables === 0) return;
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new FileError(`${file} is the database of another program.`);
  }
  if (database.pragma('user_version', { simple: true }) !== SCHEMA_VERSION) {
    throw new FileError(`${file} was written by another version of this program.`);
  }
}

function create(database: CloudDatabase): void {
  database.transaction(() => {
    database.exec(SCHEMA);
    setMeta(database, 'cloud_id', randomUUID());
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${SCHEMA_VERSION}`);
  })();
}

function databaseErrorOf(error: unknown, file: string): unknown {
  if (error instanceof FileError) return error;
  if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
    return new FileError(`${file} is in use by another program.`, { cause: error });
  }
  const isExpected = error instanceof Error && ('syscall' in error || error instanceof Database.SqliteError);
  return isExpected ? new FileError(`${file}: ${error.message}`, { cause: error }) : error;
}

/** A value that belongs to the cloud as a whole. */
export function metaOf(database: CloudDatabase, name: string): string | undefined {
  const value = database.prepare('SELECT value FROM meta WHERE name = ?').pluck().get(name);
  return typeof value === 'string' ? value : undefined;
}

export function setMeta(database: CloudDatabase, name: string, value: string): void {
  database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(name, value);
}
