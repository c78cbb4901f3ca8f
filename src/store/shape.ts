import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { StoreError, storeErrorOf } from './errors.ts';

const tableRow = z.object({ name: z.string(), sql: z.string() });

/** What a database is like, without anything that is in it. */
export interface DatabaseShape {
  readonly schema_version: number;
  readonly pages: number;
  readonly free_pages: number;
  readonly page_bytes: number;
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly sql: string }[];
}

/** Looks into a hub's database without writing to it. A text says why that can't be. */
export function shapeOf(file: string): DatabaseShape | string {
  if (!existsSync(file)) return 'There is no database.';
  try {
    const database = new Database(file, { readonly: true, fileMustExist: true });
    try {
      return look(database);
    } finally {
      database.close();
    }
  } catch (error) {
    const known = storeErrorOf(error, file);
    if (known instanceof StoreError) return known.message;
    throw known;
  }
}

function look(database: Database.Database): DatabaseShape {
  const pragma = (name: string): number => Number(database.pragma(name, { simple: true }));
  const tables = z
    .array(tableRow)
    .parse(database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").all());
  return {
    schema_version: pragma('user_version'),
    pages: pragma('page_count'),
    free_pages: pragma('freelist_count'),
    page_bytes: pragma('page_size'),
    tables: tables.map(({ name, sql }) => ({
      name,
      rows: Number(database.prepare(`SELECT count(*) FROM "${name}"`).pluck().get()),
      sql,
    })),
  };
}
