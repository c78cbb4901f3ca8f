import Database from 'better-sqlite3';
import { StoreError } from './errors.ts';

/**
 * Keeps a data directory to one hub: two would fight over the radio, the broker and the same rows. The lock is the
 * operating system's, so it ends with the process however that ends. Throws `StoreError` of kind `busy` when another
 * hub has it; the returned function gives it back.
 */
export function holdDataDirectory(lockFile: string): () => void {
  const database = new Database(lockFile, { timeout: 0 });
  try {
    // Nothing is ever written, so that a full disk keeps no hub from starting.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    const isHeld = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
    if (!isHeld) throw error;
    const message = `Another hub is running on this data directory (${lockFile} is locked): stop it first.`;
    throw new StoreError('busy', message, { cause: error });
  }
  return () => database.close();
}
