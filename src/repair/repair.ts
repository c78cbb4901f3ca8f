import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { syncPath } from '../backup/disk.ts';
import { BackupError } from '../backup/errors.ts';
import { applyRestore, makeItsOwn, stageRestore } from '../backup/restore.ts';
import { backupsIn } from '../backup/shelf.ts';
import { stagingOf } from '../backup/swap.ts';
import type { Config } from '../config.ts';
import { instantText } from '../core/instant-text.ts';
import { withOrphans } from '../core/observe/orphans.ts';
import type { Instant } from '../core/time.ts';
import { reserveOf } from '../data.ts';
import { isMadeWith, newestIn } from '../store/damaged.ts';
import { StoreError } from '../store/errors.ts';
import { HubKey } from '../store/key.ts';
import { openStore } from '../store/open-store.ts';
import { prove } from '../store/prove.ts';
import { salvage, takeBack, type Salvage } from '../store/salvage.ts';
import type { Store } from '../store/store.ts';
import { repairsIn, stageAside, tidyAside, type DamageKind, type Repair } from './aside.ts';

/** Backups that are tried, newest first. */
const BACKUPS_MAX = 50;
/** Rows of a damaged database that may make no sense before nothing of it is believed. */
const ROWS_MAX = 50;
const NOTHING: Salvage = { whole: [], part: [], lost: [] };

/** Why a database can't be gone on with. */
export interface Damage {
  readonly kind: DamageKind;
  /** In a sentence for a person. */
  readonly seen: string;
}

type Places = Pick<Config, 'dataDir' | 'keyFile' | 'hubId' | 'backup'>;

/** What a repair starts from. */
interface Base {
  readonly key: HubKey;
  readonly backup: Repair['backup'];
}

/**
 * Puts a database in the place of a damaged one: its newest backup that opens, or an empty one, with what can be read of
 * the damaged one and is newer. It is a database of its own then, whose slots are looked at before anything is written.
 * What was damaged is kept. Nobody may have the database open, and the data directory has to be held. Rejects with the
 * `StoreError` of the damage where going on would be worse: nothing was changed then.
 */
export async function repair(damage: Damage, places: Places, about: Instant): Promise<Repair> {
  tidyAside(places.dataDir);
  try {
    return await attempt(damage, places, about);
  } catch (error) {
    if (!isForWantOfRoom(error)) throw error;
    // What is kept for codes is for them, and so is what nobody needs to go on.
    reserveOf(places).release();
    tidyAside(places.dataDir, 0);
    return attempt(damage, places, about);
  }
}

async function attempt(damage: Damage, places: Places, about: Instant): Promise<Repair> {
  const { dataDir } = places;
  const staging = stagingOf(dataDir);
  const database = path.join(staging, 'lockhub.db');
  try {
    const base = await stageBase(damage, places);
    const taken = salvaged(damage, places, base);
    const at = Math.max(about, newestIn(database), Date.parse(base.backup?.made_at ?? '1970-01-01'));
    adoptOrphans(database, base.key, at);
    makeItsOwn(database, base.key, at);
    const repaired = stageAside(dataDir, {
      at: instantText(at),
      damage: damage.kind,
      seen: damage.seen,
      backup: base.backup,
      ...taken,
    });
    applyRestore(places);
    tidyAside(dataDir);
    return repaired;
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Stages the newest backup that opens with a key of this hub, otherwise an empty database; that not where the old one is
 * sound and waits for its key or its program.
 */
async function stageBase({ kind, seen }: Damage, places: Places): Promise<Base> {
  const { dataDir, keyFile } = places;
  const isOwnKey = path.dirname(keyFile) === dataDir;
  const keys = keysOf(places, isOwnKey);
  for (const key of keys) {
    const backup = await stageBackup(key, places);
    if (backup === null) continue;
    if (!isOwnKey) rmSync(path.join(stagingOf(dataDir), 'hub.key'));
    return { key, backup };
  }
  if (kind === 'newer' || kind === 'missing_key' || kind === 'wrong_key') throw new StoreError(kind, seen);
  const key = keys[0] ?? HubKey.generate();
  stageEmpty(dataDir, key, isOwnKey);
  return { key, backup: null };
}

/** Answers which one it is; `null`: none opens. */
async function stageBackup(key: HubKey, places: Places): Promise<Repair['backup']> {
  const { folder } = places.backup;
  for (const name of shelved(places).slice(0, BACKUPS_MAX)) {
    try {
      const { header } = await stageRestore(path.join(folder, name), key, places.hubId, places);
      return { name, made_at: header.made_at };
    } catch (error) {
      if (isForWantOfRoom(error) || !isExpected(error)) throw error;
    }
  }
  return null;
}

/** Keys of this hub, the one that the damaged database was made with first. */
function keysOf({ dataDir, keyFile }: Places, isOwnKey: boolean): readonly HubKey[] {
  const former = repairsIn(dataDir).map(({ folder }) => path.join(dataDir, folder, 'hub.key'));
  const files = [keyFile, ...(isOwnKey ? [path.join(dataDir, 'before-restore', 'hub.key'), ...former] : [])];
  const keys = files.flatMap((file) => keyIn(file) ?? []);
  const database = path.join(dataDir, 'lockhub.db');
  return keys.toSorted((one, other) => rankOf(database, other) - rankOf(database, one));
}

function rankOf(database: string, key: HubKey): number {
  return isMadeWith(database, key) === true ? 1 : 0;
}

function keyIn(file: string): HubKey | undefined {
  return existsSync(file) ? HubKey.parse(readFileSync(file, 'latin1')) : undefined;
}

/** Names of the backups of this hub, newest first. */
export function shelved({ backup: { folder }, hubId }: Pick<Config, 'backup' | 'hubId'>): readonly string[] {
  return existsSync(folder) ? backupsIn(folder, hubId).map(({ name }) => name) : [];
}

function stageEmpty(dataDir: string, key: HubKey, isOwnKey: boolean): void {
  const staging = stagingOf(dataDir);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { mode: 0o700 });
  openStore({ file: path.join(staging, 'lockhub.db'), key }).close();
  if (!isOwnKey) return;
  const file = path.join(staging, 'hub.key');
  writeFileSync(file, `${key.reveal()}\n`, { mode: 0o600 });
  syncPath(file);
}

/** What of the damaged database is newer than its backup and makes sense, over what is staged. */
function salvaged(damage: Damage, { dataDir }: Places, { key, backup }: Base): Salvage {
  const staging = stagingOf(dataDir);
  const target = path.join(staging, 'lockhub.db');
  const base = path.join(staging, 'base.db');
  const copy = path.join(staging, 'copy.db');
  const damaged = path.join(dataDir, 'lockhub.db');
  copyFileSync(target, base);
  try {
    // A log of another database would be applied by whoever opens this one, also to read.
    const isAlone = damage.kind === 'foreign_log';
    if (isAlone) copyFileSync(damaged, copy);
    const source = isAlone ? copy : damaged;
    const taken = isWorthIt(damage, source, key, backup) ? salvage(target, base, source) : NOTHING;
    if (makesSense(target, base, key)) return taken;
    copyFileSync(base, target);
    if (!makesSense(target, base, key)) throw new Error('An empty database or a backup makes no sense.');
    return { ...NOTHING, lost: [...taken.whole, ...taken.part, ...taken.lost] };
  } finally {
    for (const file of [base, copy]) {
      for (const name of [file, `${file}-wal`, `${file}-shm`]) rmSync(name, { force: true });
    }
  }
}

function isWorthIt({ kind }: Damage, source: string, key: HubKey, backup: Repair['backup']): boolean {
  if (!existsSync(source) || kind === 'newer' || isMadeWith(source, key) === false) return false;
  // Without its log a database is as old as the last time that SQLite emptied that.
  const mayBeOld = kind === 'foreign_log' || kind === 'missing_log';
  return !mayBeOld || backup === null || newestIn(source) >= Date.parse(backup.made_at);
}

function adoptOrphans(file: string, key: HubKey, at: Instant): void {
  const store = openStore({ file, key, now: () => at });
  try {
    for (const deviceId of store.deviceIds()) {
      const state = store.lockState(deviceId);
      if (state !== undefined) store.commit(state, withOrphans(state, at), []);
    }
  } finally {
    store.close();
  }
}

/** Rows that make no sense are those of `base` again, or go. False: there are too many of them. */
function makesSense(target: string, base: string, key: HubKey): boolean {
  const known = new Set<string>();
  for (let count = 0; count < ROWS_MAX; count += 1) {
    const fault = faultIn(target, key);
    if (fault === null) return true;
    if (fault.row === null) return false;
    const name = JSON.stringify(fault.row);
    if (!takeBack(target, base, fault.row, known.has(name))) return false;
    known.add(name);
  }
  return false;
}

function faultIn(file: string, key: HubKey): StoreError | null {
  let store: Store | undefined;
  try {
    store = openStore({ file, key });
    prove(store);
    return null;
  } catch (error) {
    if (error instanceof StoreError && error.kind !== 'disk') return error;
    throw error;
  } finally {
    store?.close();
  }
}

function isExpected(error: unknown): boolean {
  if (error instanceof BackupError || error instanceof StoreError) return true;
  return error instanceof Error && 'syscall' in error;
}

function isForWantOfRoom(error: unknown): boolean {
  if (error instanceof StoreError) return error.kind === 'disk';
  return error instanceof Error && 'code' in error && /ENOSPC|EDQUOT|SQLITE_FULL/.test(String(error.code));
}
