import { z } from 'zod';

import type { Connection, Statement } from './connection.ts';
import { blob, parseRow } from './rows.ts';
import { unreadable, type Place, type Seal } from './seal.ts';
import type { Secrets } from './store.ts';

const TABLE = 'secrets';

const secretRow = z.object({ value: blob });
const nameRow = z.object({ name: z.string() });

/** The hub's own secrets, such as the keys of its radio network. */
export class SecretTable implements Secrets {
  readonly #seal: Seal;
  readonly #select: Statement;
  readonly #upsert: Statement;
  readonly #names: Statement;

  constructor(connection: Connection, seal: Seal) {
    this.#seal = seal;
    this.#select = connection.prepare(`SELECT name, value FROM ${TABLE} WHERE name = ?`);
    this.#names = connection.prepare(`SELECT name FROM ${TABLE}`);
    this.#upsert = connection.prepare(
      `INSERT INTO ${TABLE} (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    );
  }

  /** A secret that does not open throws: a hub that made a new one instead would lose its locks. */
  get(name: string): string | undefined {
    const row = this.#select.get(name);
    if (row === undefined) return undefined;
    const place = placeOf(name);
    const secret = this.#seal.open(parseRow(secretRow, row, TABLE, ['name']).value, place);
    if (secret === undefined) throw unreadable(place, 'value does not open');
    return secret;
  }

  /** Throws where one of them does not open. */
  prove(): void {
    for (const row of this.#names.all()) this.get(parseRow(nameRow, row, TABLE, []).name);
  }

  set(name: string, value: string): void {
    this.#upsert.run(name, this.#seal.seal(value, placeOf(name)));
  }
}

function placeOf(name: string): Place {
  return { table: TABLE, column: 'value', id: [name] };
}
