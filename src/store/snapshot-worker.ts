import { workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { z } from 'zod';

// A copy of a large database takes seconds, in which the doors of a house must not wait.
const { file, copy } = z.object({ file: z.string(), copy: z.string() }).parse(workerData);
const database = new Database(file, { readonly: true, fileMustExist: true });
try {
  database.prepare('VACUUM INTO ?').run(copy);
} finally {
  database.close();
}
