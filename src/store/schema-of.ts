import Database from 'better-sqlite3';
import { SCHEMA_VERSION } from './migrations.ts';

/** Whether this version of the program can open a database: it is whole, and no newer one has changed how it is made. */
export function isOpenable(file: string): boolean {
  try {
    const database = new Database(file, { fileMustExist: true });
    try {
      return (
        Number(database.pragma('user_version', { simple: true })) <= SCHEMA_VERSION &&
        database.pragma('integrity_check(1)', { simple: true }) === 'ok'
      );
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof Database.SqliteError) return false;
    throw error;
  }
}
