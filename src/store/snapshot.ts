import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { StoreError } from './errors.ts';

/** What a hub notes of what passes: none of it is worth a backup of its own. */
const PASSING = new Set([
  'outbox',
  'outbox_total',
  'event_log',
  'operations',
  'measurements',
  'commands',
  'login_codes',
  'meta',
  'sqlite_sequence',
]);

/**
 * Copies the database of a hub, which may run and write meanwhile, into a new file with mode 0600: one state of it, as
 * after a commit. `copy` must not exist. Rejects with `StoreError`.
 */
export function snapshotTo(file: string, copy: string): Promise<void> {
  // Made private before SQLite sees it, which takes an empty file as well as none.
  closeSync(openSync(copy, 'wx', 0o600));
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('snapshot-worker.ts', import.meta.url), { workerData: { file, copy } });
    const failed = (reason: string, cause?: unknown): void =>
      reject(new StoreError('disk', `The database ${file} can't be copied (${reason}).`, { cause }));
    worker.once('error', (error) => failed(error.message, error));
    worker.once('exit', (code) => (code === 0 ? resolve() : failed('the copy was given up')));
  });
}

/** A digest of all that lasts in a database: two states with the same one differ in nothing that a backup is made for. */
export function digestOf(file: string): string {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const hash = createHash('sha256');
    const names = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .pluck();
    for (const name of names
      .all()
      .map(String)
      .filter((table) => !PASSING.has(table))) {
      hash.update(name);
      const rows = database.prepare(`SELECT * FROM "${name}"`).raw();
      for (const row of rows.iterate()) hash.update(JSON.stringify(row));
    }
    return hash.digest('hex');
  } finally {
    database.close();
  }
}
