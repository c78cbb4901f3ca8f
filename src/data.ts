import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { finishRestore, isRestoreUnderWay } from './backup/swap.ts';
import type { Config } from './config.ts';
import type { RadioKind } from './core/lock-event.ts';
import type { Instant } from './core/time.ts';
import { StoreError } from './store/errors.ts';
import { holdDataDirectory } from './store/instance-lock.ts';
import { loadOrCreateKey } from './store/key-file.ts';
import { openStore } from './store/open-store.ts';
import { Reserve } from './store/reserve.ts';
import type { Store } from './store/store.ts';
import { markClosed, markClosing, markOpen } from './store/wal-mark.ts';

/** Makes the data directory, for the hub's own user only. */
export function makeDataDirectory({ dataDir }: Config): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
}

/**
 * Makes the data directory, keeps it to this process until what is returned is called, and ends a restore that a power
 * cut left in the middle. Throws `StoreError` of kind `busy` when a hub has it.
 */
export function holdData(config: Config): () => void {
  makeDataDirectory(config);
  const release = holdDataDirectory(path.join(config.dataDir, 'hub.lock'));
  finishRestore(config);
  return release;
}

/**
 * Opens the hub's database, with its key, or makes both. `now` says when events are written down; it is there when the
 * hub itself asks, which has the data directory. Throws `StoreError` and what the system says of files.
 */
export function openData(
  { dataDir, keyFile }: Pick<Config, 'dataDir' | 'keyFile'>,
  onWarning: (message: string) => void,
  now?: () => Instant,
  onDamage?: (error: StoreError) => void,
): Store {
  if (isRestoreUnderWay(dataDir)) {
    throw new StoreError(
      'busy',
      `A restore in ${dataDir} was interrupted: start the hub, which ends it first.`,
    );
  }
  const file = path.join(dataDir, 'lockhub.db');
  const key = loadOrCreateKey({ keyFile, databaseExists: existsSync(file) });
  const marks = now
    ? { closing: () => marked(markClosing, file) }
    : { closed: () => marked(markClosed, file) };
  const open = (): Store =>
    openStore({ file, key, onWarning, ...marks, ...(now && { now }), ...(onDamage && { onDamage }) });
  try {
    return open();
  } catch (error) {
    const reserve = reserveOf({ dataDir });
    if (!(error instanceof StoreError) || error.kind !== 'disk' || reserve.bytes() === 0) throw error;
    // SQLite needs some room to begin with, even to read.
    reserve.release();
    return open();
  }
}

/** The hub goes on with its database: from here on its log would be missed. */
export function markData({ dataDir }: Pick<Config, 'dataDir'>): void {
  marked(markOpen, path.join(dataDir, 'lockhub.db'));
}

/** A mark that can't be written is an alarm too many or one too few, and no reason not to serve the doors. */
function marked(mark: (database: string) => void, database: string): void {
  try {
    mark(database);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
}

/** What is kept free for codes on the disk. */
export function reserveOf({ dataDir }: Pick<Config, 'dataDir'>): Reserve {
  return new Reserve(path.join(dataDir, 'reserve'));
}

/** Where on a radio network the hub's locks are. */
export function lockAddresses(store: Store, kind: RadioKind): readonly (number | string)[] {
  return store.deviceIds().flatMap((deviceId) => {
    const { radio, address } = store.lockState(deviceId)?.lock ?? {};
    return radio === kind && address != null ? [address] : [];
  });
}
