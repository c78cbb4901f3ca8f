import { z } from 'zod';

import { unreadable } from './seal.ts';

/** SQLite has no booleans. */
export const flag = z.literal([0, 1]).transform((value) => value === 1);

export const blob = z.instanceof(Uint8Array);

export function flagOf(value: boolean): number {
  return value ? 1 : 0;
}

/** A column that holds JSON of this shape. */
export function json<Shape extends z.ZodType>(shape: Shape) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue('not JSON');
        return z.NEVER;
      }
    })
    .pipe(shape);
}

export function jsonOf(value: unknown): string {
  return JSON.stringify(value);
}

export function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** One of the words of a union; the compiler refuses a list that lacks one of them or has one too many. */
export function words<Word extends string>(list: Readonly<Record<Word, true>>): z.ZodType<Word> {
  return z.custom<Word>((value) => typeof value === 'string' && Object.hasOwn(list, value), 'unknown word');
}

/**
 * Throws `StoreError` of kind `unreadable_row`. Its text has the values of the `key` columns, which name the row, and
 * of no other.
 */
export function parseRow<Shape extends z.ZodType>(
  shape: Shape,
  row: unknown,
  table: string,
  key: readonly string[],
): z.output<Shape> {
  const parsed = shape.safeParse(row);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw unreadable({ table, id: key.map((column) => textOf(row, column)) }, reasons.join(', '));
}

const anyRow = z.record(z.string(), z.unknown());

function textOf(row: unknown, column: string): string {
  const value = anyRow.safeParse(row).data?.[column];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}

/** `INSERT` of these columns by name; `key` names the primary key for an update of a row that is there already. */
export function insertSql(table: string, columns: readonly string[], key?: readonly string[]): string {
  const names = columns.map((column) => `@${column}`);
  const insert = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${names.join(', ')})`;
  if (key === undefined) return insert;
  const updates = columns
    .filter((column) => !key.includes(column))
    .map((name) => `${name} = excluded.${name}`);
  return `${insert} ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${updates.join(', ')}`;
}
