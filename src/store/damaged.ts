import Database from 'better-sqlite3';
import type { Instant } from '../core/time.ts';
import type { HubKey } from './key.ts';
import { keyCheckOf } from './seal.ts';

/** When something was written to a database last, as far as it says; 0: it does not. It is only read. */
export function newestIn(file: string): Instant {
  const said = asked(file, [
    'SELECT max(created_at) FROM event_log',
    "SELECT value FROM meta WHERE name = 'floor'",
  ]);
  return Math.max(0, ...said.filter((value) => typeof value === 'number'));
}

/** Whether a database was made with this key; `null`: it does not say. */
export function isMadeWith(file: string, key: HubKey): boolean | null {
  const [keyCheck] = asked(file, ["SELECT value FROM meta WHERE name = 'key_check'"]);
  return typeof keyCheck === 'string' ? keyCheck === keyCheckOf(key) : null;
}

/** The answer to each question; `undefined` where the database is too damaged for it. */
function asked(file: string, questions: readonly string[]): readonly unknown[] {
  let database: Database.Database | undefined;
  try {
    const open = new Database(file, { readonly: true, fileMustExist: true });
    database = open;
    return questions.map((sql) => answerOf(open, sql));
  } catch (error) {
    if (error instanceof Database.SqliteError) return [];
    throw error;
  } finally {
    database?.close();
  }
}

function answerOf(database: Database.Database, sql: string): unknown {
  try {
    return database.prepare(sql).pluck().get();
  } catch (error) {
    if (error instanceof Database.SqliteError) return undefined;
    throw error;
  }
}
