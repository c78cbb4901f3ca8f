import { z } from 'zod';

import type { RadioStorage } from '../lock-driver.ts';
import type { Connection, Statement } from './connection.ts';
import { StoreError } from './errors.ts';
import { blob, parseRow } from './rows.ts';
import type { Place, Seal } from './seal.ts';

const TABLE = 'radio_storage';
/** Batched writes beyond this are not kept waiting for the turn of the event loop to end. */
const BATCH_MAX = 10_000;

const entryRow = z.object({ key: z.string(), value: blob });

/** What is not written yet of one file: its clearing comes before its values; `null` deletes a key. */
interface Batch {
  cleared: boolean;
  readonly values: Map<string, string | null>;
}

/**
 * The radio library's state. It writes one small value after the other (a first interview of two locks: 2,078), so
 * writes are gathered and go to the disk as one transaction per turn of the event loop.
 */
export class RadioStorageTable implements RadioStorage {
  readonly #connection: Connection;
  readonly #seal: Seal;
  readonly #onWarning: (message: string) => void;
  readonly #select: Statement;
  readonly #upsert: Statement;
  readonly #delete: Statement;
  readonly #clear: Statement;
  #batches = new Map<string, Batch>();
  #batched = 0;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(connection: Connection, seal: Seal, onWarning: (message: string) => void) {
    this.#connection = connection;
    this.#seal = seal;
    this.#onWarning = onWarning;
    this.#select = connection.prepare(`SELECT file, key, value FROM ${TABLE} WHERE file = ? ORDER BY rowid`);
    this.#upsert = connection.prepare(
      `INSERT INTO ${TABLE} (file, key, value) VALUES (?, ?, ?) ON CONFLICT (file, key) DO UPDATE SET value = excluded.value`,
    );
    this.#delete = connection.prepare(`DELETE FROM ${TABLE} WHERE file = ? AND key = ?`);
    this.#clear = connection.prepare(`DELETE FROM ${TABLE} WHERE file = ?`);
  }

  /**
   * In the order in which the keys were first set. A value that does not open is left out with a warning: the radio
   * library asks its locks again, where a failure here would keep the hub from starting.
   */
  entries(file: string): readonly (readonly [key: string, value: string])[] {
    this.flush();
    const entries: [string, string][] = [];
    let dropped = 0;
    for (const row of this.#select.all(file)) {
      const { key, value } = parseRow(entryRow, row, TABLE, ['file', 'key']);
      const opened = this.#seal.open(value, placeOf(file, key));
      if (opened === undefined) dropped += 1;
      else entries.push([key, opened]);
    }
    if (dropped > 0) this.#onWarning(`${dropped} values of ${TABLE} (${file}) don't open and are left out`);
    return entries;
  }

  set(file: string, key: string, value: string): void {
    this.#batchOf(file).values.set(key, value);
    this.#gathered();
  }

  delete(file: string, key: string): void {
    this.#batchOf(file).values.set(key, null);
    this.#gathered();
  }

  clear(file: string): void {
    this.#batches.set(file, { cleared: true, values: new Map() });
    this.#gathered();
  }

  /**
   * On a full disk it only warns and keeps what waits for the next flush: losing radio state must never stop the hub.
   * Not for use inside a transaction, which such a disk would end unseen.
   */
  flush(): void {
    if (this.#connection.inTransaction) throw new Error(`${TABLE} is flushed inside a transaction`);
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    this.#batched = 0;
    if (this.#batches.size === 0) return;
    try {
      this.#connection.transaction(() => {
        for (const [file, batch] of this.#batches) this.#write(file, batch);
      });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#onWarning(`${TABLE} could not be written and waits: ${error.message}`);
      return;
    }
    this.#batches = new Map();
  }

  #write(file: string, batch: Batch): void {
    if (batch.cleared) this.#clear.run(file);
    for (const [key, value] of batch.values) {
      if (value === null) this.#delete.run(file, key);
      else this.#upsert.run(file, key, this.#seal.seal(value, placeOf(file, key)));
    }
  }

  #batchOf(file: string): Batch {
    const known = this.#batches.get(file);
    if (known !== undefined) return known;
    const batch: Batch = { cleared: false, values: new Map() };
    this.#batches.set(file, batch);
    return batch;
  }

  #gathered(): void {
    this.#batched += 1;
    if (this.#batched >= BATCH_MAX) this.flush();
    else this.#scheduled ??= setImmediate(() => this.flush());
  }
}

function placeOf(file: string, key: string): Place {
  return { table: TABLE, column: 'value', id: [file, key] };
}
