import { z } from 'zod';

import type { Connection, Statement } from './connection.ts';
import { parseRow } from './rows.ts';

const TABLE = 'meta';

const textRow = z.object({ value: z.string() });
const countRow = z.object({ value: z.int().nonnegative() });

/** What the database knows of itself. */
export type MetaName = 'epoch' | 'key_check' | 'outbox_acked' | 'outbox_published';

/** Single values, by name. */
export class Meta {
  readonly #select: Statement;
  readonly #upsert: Statement;

  constructor(connection: Connection) {
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
    return this.#read(name, countRow) ?? 0;
  }

  set(name: MetaName, value: string | number): void {
    this.#upsert.run(name, value);
  }

  #read<T>(name: MetaName, shape: z.ZodType<{ value: T }>): T | undefined {
    const row = this.#select.get(name);
    if (row === undefined) return undefined;
    return parseRow(shape, row, TABLE, ['name']).value;
  }
}
