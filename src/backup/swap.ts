import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { nextKeyFile } from '../store/next-key.ts';
import { z } from 'zod';
import { ownedLike, syncPath } from './disk.ts';
import { REPLACEMENT } from './replacement.ts';

const DATABASE = 'lockhub.db';
const KEY = 'hub.key';
/** What SQLite keeps beside a database: never to be met by another one. */
const DATABASE_FILES = [`${DATABASE}-mark`, `${DATABASE}-wal`, `${DATABASE}-shm`, DATABASE] as const;

/** Where things are in a data directory while one database takes the place of another. */
export interface Places {
  readonly dataDir: string;
  readonly keyFile: string;
}

/** Half-written: as good as not there. */
export function stagingOf(dataDir: string): string {
  return path.join(dataDir, 'restore.new');
}

/** Complete and verified: it takes the place of what is there, now or at the next start. */
function readyOf(dataDir: string): string {
  return path.join(dataDir, 'restore.ready');
}

/** What was there before the last restore. */
function beforeOf(dataDir: string): string {
  return path.join(dataDir, 'before-restore');
}

/** Beside a staged database: it takes the place of a damaged one, which is kept in this folder of the data directory. */
export const ASIDE_FILE = 'aside.json';
const asideSchema = z.object({ folder: z.string().regex(/^damaged\/[0-9TZ-]+$/) });

/** The one step that decides: before it the old database is the hub's, after it the new one. */
export function commitRestore({ dataDir }: Places): void {
  const staging = stagingOf(dataDir);
  for (const made of [staging, ...readdirSync(staging).map((name) => path.join(staging, name))]) {
    ownedLike(made, dataDir);
  }
  syncPath(staging);
  renameSync(staging, readyOf(dataDir));
  syncPath(dataDir);
}

/**
 * Ends a restore that was decided, also one that a power cut left in the middle; every step may be done again. True when
 * there was one. To be called with the data directory held, before the database is opened.
 */
export function finishRestore({ dataDir, keyFile }: Places): boolean {
  rmSync(stagingOf(dataDir), { recursive: true, force: true });
  const ready = readyOf(dataDir);
  if (!existsSync(ready)) return false;
  const before = asideOf(ready, dataDir);
  // The new database is moved last: as long as it is here, nothing of it is in its place.
  if (existsSync(path.join(ready, DATABASE))) {
    setAside(dataDir, keyFile, before);
    // One outside of the data directory is this key already, or there is none, and may be read-only.
    const isOwn = path.dirname(keyFile) === dataDir;
    if (existsSync(path.join(ready, KEY)) && (isOwn || !existsSync(keyFile))) {
      renameSync(path.join(ready, KEY), keyFile);
    }
    syncPath(path.dirname(keyFile));
    if (existsSync(path.join(ready, REPLACEMENT)))
      renameSync(path.join(ready, REPLACEMENT), path.join(dataDir, REPLACEMENT));
    renameSync(path.join(ready, DATABASE), path.join(dataDir, DATABASE));
    syncPath(dataDir);
  }
  if (existsSync(path.join(ready, ASIDE_FILE))) {
    mkdirSync(before, { recursive: true, mode: 0o700 });
    renameSync(path.join(ready, ASIDE_FILE), path.join(before, ASIDE_FILE));
    syncPath(before);
  }
  rmSync(ready, { recursive: true, force: true });
  return true;
}

/** Where the database that is replaced is kept. */
function asideOf(ready: string, dataDir: string): string {
  const file = path.join(ready, ASIDE_FILE);
  if (!existsSync(file)) return beforeOf(dataDir);
  return path.join(dataDir, asideSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).folder);
}

/** A restore was decided and not ended. */
export function isRestoreUnderWay(dataDir: string): boolean {
  return existsSync(readyOf(dataDir));
}

/** The old database and its key stay, until the next restore or, of a damaged one, for longer. */
function setAside(dataDir: string, keyFile: string, before: string): void {
  if (DATABASE_FILES.every((name) => !existsSync(path.join(dataDir, name)))) return;
  // A power cut in here leaves some of the files there already, which the rest belongs to.
  if (existsSync(path.join(dataDir, DATABASE)) && existsSync(path.join(before, DATABASE))) {
    rmSync(before, { recursive: true, force: true });
  }
  mkdirSync(before, { recursive: true, mode: 0o700 });
  ownedLike(before, dataDir);
  // The database last: once it is gone, nothing here is done again.
  if (existsSync(keyFile) && path.dirname(keyFile) === dataDir) {
    renameSync(keyFile, path.join(before, KEY));
    // One that was to follow is the old database's affair too.
    if (existsSync(nextKeyFile(keyFile)))
      renameSync(nextKeyFile(keyFile), nextKeyFile(path.join(before, KEY)));
  }
  for (const name of DATABASE_FILES) {
    if (existsSync(path.join(dataDir, name))) {
      renameSync(path.join(dataDir, name), path.join(before, name));
    }
  }
  syncPath(before);
}
