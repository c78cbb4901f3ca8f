import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { RepairView } from '../core/repair-view.ts';
import type { Instant } from '../core/time.ts';
import { StoreError } from '../store/errors.ts';
import { prove } from '../store/prove.ts';
import type { Store } from '../store/store.ts';
import { fileDamage, type FileDamage } from '../store/wal-mark.ts';
import { isEmptied, repairView, type Repair } from './aside.ts';
import { repair, shelved, type Damage } from './repair.ts';

/** A hub's database that was proven to be sound. */
export interface Sound {
  readonly store: Store;
  /** It was damaged, now or lately; `null`: it was not. */
  readonly repaired: RepairView | null;
  /** Writes down that it was repaired just now, if it was; to be called when the hub knows the time as well as it can. */
  readonly tell: (at: Instant) => void;
}

const FILE_WORDS: Readonly<Record<FileDamage, string>> = {
  missing_database: 'is gone or empty',
  missing_log: 'has lost its write-ahead log, and with it what was written last',
  foreign_log: 'has the write-ahead log of another database beside it',
};

/**
 * Opens the hub's database by `open`; one that is damaged is repaired first, at about `now`, by the best
 * guess. To be called with the data directory held.
 * Rejects with the `StoreError` of what only a person can mend.
 */
export async function openSound(
  config: Config,
  log: Logger,
  now: () => Instant,
  open: () => Store,
): Promise<Sound> {
  const found = damageBefore(config) ?? proven(open);
  if (!('kind' in found)) {
    return { store: found, repaired: repairView(config.dataDir), tell: () => undefined };
  }
  log.error(found, 'THE DATABASE IS DAMAGED and is repaired before anything else is done');
  const repaired = await repair(found, config, now());
  log.error(
    repaired,
    isEmptied(repaired)
      ? 'THE DATABASE IS LOST: the hub begins anew, and waits for its cloud to say what it wants'
      : 'the database is repaired: every slot is looked at before anything is written',
  );
  const store = proven(open);
  if ('kind' in store) throw new StoreError('damaged', store.seen);
  return { store, repaired: repairView(config.dataDir), tell: (at) => tell(store, repaired, at) };
}

function tell(store: Store, repaired: Repair, at: Instant): void {
  const { damage, backup, part, lost } = repaired;
  const details = {
    damage,
    restored_from: backup?.made_at ?? null,
    is_emptied: isEmptied(repaired),
    lost: [...part, ...lost],
  };
  try {
    store.append([{ event_type: 'hub.database_repaired', occurredAt: at, details }]);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}

function damageBefore(config: Config): Damage | null {
  const file = path.join(config.dataDir, 'lockhub.db');
  const kind = fileDamage(file, existsSync(config.keyFile) && shelved(config).length > 0);
  return kind && { kind, seen: `The database ${file} ${FILE_WORDS[kind]}.` };
}

function proven(open: () => Store): Store | Damage {
  let store: Store | undefined;
  try {
    store = open();
    prove(store);
    return store;
  } catch (error) {
    closeDamaged(store);
    if (!(error instanceof StoreError)) throw error;
    const { kind, message: seen } = error;
    if (kind === 'disk' || kind === 'busy') throw error;
    return { kind, seen };
  }
}

/** What can't be written any more when a damaged database is closed is lost with it. */
function closeDamaged(store: Store | undefined): void {
  try {
    store?.close();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}
