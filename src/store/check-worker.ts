import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { StoreError, storeErrorOf } from './errors.ts';

// Reading all of a large database takes seconds, in which the doors of a house must not wait.
const { file } = z.object({ file: z.string() }).parse(workerData);
parentPort?.postMessage(verdictOf(), []);

/** What is wrong with it; `null`: nothing, or it could not be read now. */
function verdictOf(): string | null {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { readonly: true, fileMustExist: true });
    const verdict = String(database.pragma('integrity_check(1)', { simple: true }));
    return verdict === 'ok' ? null : verdict.replaceAll(/\s+/g, ' ');
  } catch (error) {
    const known = storeErrorOf(error, file);
    const isDamage =
      known instanceof StoreError && (known.kind === 'damaged' || known.kind === 'not_a_database');
    return isDamage ? known.message : null;
  } finally {
    database?.close();
  }
}
