import { z } from 'zod';

import type { Connection, Statement } from './connection.ts';
import { parseRow } from './rows.ts';

const TABLE = 'meta';

const textRow = z.object({ value: z.string() });
const countRow = z.object({ value: z.int().nonnegative() });

/** What the database knows of itself. */
export type MetaName =
  | 'epoch'
  | 'floor'
  | 'key_check'
  | 'key_number'
  /** Of the key that follows, while values are sealed anew; empty: none does. */
  | 'next_key_check'
  | 'outbox_acked'
  | 'outbox_published'
  | 'probes';

/** Single values, by name. */
export class Meta {
  readonly #connection: Connection;
  /** Counts as committed; they are asked for every few seconds. */
  readonly #counts = new Map<MetaName, number>();
  readonly #select: Statement;
  readonly #upsert: Statement;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#select = connection.prepare(`SELECT name, value FROM ${TABLE} WHERE name = ?`);
    this.#upsert = connection.prepare(
      `INSERT INTO ${TABLE} (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    );
  }

  text(name: MetaName): string | undefined {
    return this.#read(name, textRow);
  }

  /** 0 before it was first set. */
  count(name: MetaName): number {
    const known = this.#counts.get(name);
    if (known !== undefined) return known;
    const count = this.#read(name, countRow) ?? 0;
    // What a transaction shows may still be rolled back.
    if (!this.#connection.inTransaction) this.#counts.set(name, count);
    return count;
  }

  set(name: MetaName, value: string | number): void {
    this.#counts.delete(name);
    this.#upsert.run(name, value);
  }

  #read<T>(name: MetaName, shape: z.ZodType<{ value: T }>): T | undefined {
    const row = this.#select.get(name);
    if (row === undefined) return undefined;
    return parseRow(shape, row, TABLE, ['name']).value;
  }
}
