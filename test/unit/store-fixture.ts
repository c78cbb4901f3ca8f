import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';

import type { LockState } from '../../src/core/lock.ts';
import { HubKey } from '../../src/store/key.ts';
import { openStore, type StoreOptions } from '../../src/store/open-store.ts';
import { StoreError, type StoreErrorKind } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';

export function temporaryDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'lockhub-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A place for one hub's database, and its key; gone when the test has finished. */
export function hubPlace() {
  const directory = temporaryDirectory();
  const file = path.join(directory, 'hub.db');
  const key = HubKey.generate();
  return {
    directory,
    file,
    key,
    open: (options: Partial<StoreOptions> = {}): Store => {
      const store = openStore({ file, key, ...options });
      onTestFinished(() => store.close());
      return store;
    },
    /** The state of a lock as the file holds it, and not as an open store remembers it. */
    reread: (deviceId: string): LockState | undefined => {
      const store = openStore({ file, key });
      try {
        return store.lockState(deviceId);
      } finally {
        store.close();
      }
    },
    /** Looks into or changes the file as another program would. */
    sql: (statement: string, ...parameters: readonly unknown[]): readonly unknown[] => {
      const database = new Database(file);
      try {
        const prepared = database.prepare(statement);
        return prepared.reader ? prepared.all(...parameters) : [prepared.run(...parameters)];
      } finally {
        database.close();
      }
    },
  };
}

/** The failure of an action that must fail as the store says it does. */
export function storeFailure(action: () => unknown): {
  readonly kind: StoreErrorKind;
  readonly message: string;
} {
  try {
    action();
  } catch (error) {
    if (error instanceof StoreError) return { kind: error.kind, message: error.message };
    throw error;
  }
  throw new Error('nothing failed');
}
