import Database from 'better-sqlite3';
import { StoreError, storeErrorOf } from './errors.ts';

/**
 * Keeps a data directory to one hub: two would fight over the radio, the broker and the same rows. The lock is the
 * operating system's, so it ends with the process however that ends. Throws `StoreError` of kind `busy` when another
 * hub has it, and of kind `disk` where it can't be used; the returned function gives it back.
 */
export function holdDataDirectory(lockFile: string): () => void {
  let database: Database.Database | undefined;
  try {
    const lock = new Database(lockFile, { timeout: 0 });
    database = lock;
    // Nothing is ever written, so that a full disk keeps no hub from starting.
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    return () => lock.close();
  } catch (error) {
    database?.close();
    const isHeld = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
    if (!isHeld) throw storeErrorOf(error, lockFile);
    const message = `Another hub is running on this data directory (${lockFile} is locked): stop it first.`;
    throw new StoreError('busy', message, { cause: error });
  }
}
