import { basename } from 'node:path';
import type { Database, DatabaseFactory, DatabaseOptions } from '@zwave-js/shared/bindings';
import type { RadioStorage } from '../../src/lock-driver.ts';

/** Moves with every frame and serves no purpose after a restart: not worth a write (SD cards wear out). */
const VOLATILE_KEY = /\.(lastSeen|lastAwake)$/;

/** The text of one row: the value, and when it was set where the library wants to know. */
interface Row {
  readonly value?: unknown;
  /** Milliseconds since 1970. */
  readonly at?: number;
}

/**
 * Gives zwave-js its databases in the hub's own storage, so that nothing of them is ever on disk in clear
 * (they hold PINs: field note 6) and one backup covers them.
 */
export function radioDatabases(storage: RadioStorage): DatabaseFactory {
  return {
    createInstance: <V>(filename: string, options?: DatabaseOptions<V>): Database<V> =>
      new StoredDatabase<V>(storage, basename(filename), options ?? {}),
  };
}

/** One of zwave-js's databases: a map in memory that writes what really changed. */
class StoredDatabase<V> implements Database<V> {
  readonly #storage: RadioStorage;
  readonly #file: string;
  readonly #options: DatabaseOptions<V>;
  readonly #values = new Map<string, V>();
  readonly #texts = new Map<string, string>();
  readonly #timestamps = new Map<string, number>();
  #isOpen = false;

  constructor(storage: RadioStorage, file: string, options: DatabaseOptions<V>) {
    this.#storage = storage;
    this.#file = file;
    this.#options = options;
  }

  open(): Promise<void> {
    for (const [key, text] of this.#storage.entries(this.#file)) this.#load(key, text);
    this.#isOpen = true;
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (this.#isOpen) this.#storage.flush();
    this.#isOpen = false;
    return Promise.resolve();
  }

  has(key: string): boolean {
    return this.#open().has(key);
  }

  get(key: string): V | undefined {
    return this.#open().get(key);
  }

  set(key: string, value: V, updateTimestamp = true): this {
    this.#open().set(key, value);
    if (this.#options.enableTimestamps && updateTimestamp) this.#timestamps.set(key, Date.now());
    const { serializer } = this.#options;
    const stored: unknown = serializer ? serializer(key, value) : value;
    const text = JSON.stringify(stored) ?? '';
    if (VOLATILE_KEY.test(key) || this.#texts.get(key) === text) return this;
    this.#texts.set(key, text);
    const at = this.#timestamps.get(key);
    const row: Row = at === undefined ? { value: stored } : { value: stored, at };
    this.#storage.set(this.#file, key, JSON.stringify(row));
    return this;
  }

  delete(key: string): boolean {
    const existed = this.#open().delete(key);
    this.#texts.delete(key);
    this.#timestamps.delete(key);
    if (existed) {
      this.#storage.delete(this.#file, key);
    }
    return existed;
  }

  clear(): void {
    this.#open().clear();
    this.#texts.clear();
    this.#timestamps.clear();
    this.#storage.clear(this.#file);
  }

  getTimestamp(key: string): number | undefined {
    this.#open();
    return this.#timestamps.get(key);
  }

  get size(): number {
    return this.#open().size;
  }

  keys(): MapIterator<string> {
    return this.#open().keys();
  }

  entries(): MapIterator<[string, V]> {
    return this.#open().entries();
  }

  /** A row that does not parse is dropped: the library asks the lock again for what it does not find. */
  #load(key: string, text: string): void {
    const row = parseRow(text);
    if (row === undefined) {
      this.#storage.delete(this.#file, key);
      return;
    }
    const { reviver } = this.#options;
    this.#values.set(key, reviver ? reviver(key, row.value) : (row.value as V));
    this.#texts.set(key, JSON.stringify(row.value) ?? '');
    if (row.at !== undefined) this.#timestamps.set(key, row.at);
  }

  /** zwave-js swallows exactly this message when it comes too late, after its own shutdown. */
  #open(): Map<string, V> {
    if (!this.#isOpen) throw new Error('The database is not open');
    return this.#values;
  }
}

function parseRow(text: string): Row | undefined {
  try {
    const row: unknown = JSON.parse(text);
    return typeof row === 'object' && row !== null ? row : undefined;
  } catch {
    return undefined;
  }
}
