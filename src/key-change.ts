import { accessSync, constants, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { SECOND_MS } from './core/time.ts';
import { isOpenedCredential } from './sealed-credentials.ts';
import { StoreError } from './store/errors.ts';
import { sealAnew } from './store/key-change.ts';
import { loadOrCreateKey } from './store/key-file.ts';
import { askForNextKey, destroyOldKey, nextKeyFile, putNextKey, readNextKey } from './store/next-key.ts';
import type { Secrets } from './store/store.ts';

/** How often a running hub looks whether somebody has asked for another key. */
const LOOK_MS = 10 * SECOND_MS;
/** What a restore has put aside, with the key of that time. */
const BEFORE_RESTORE = 'before-restore';
/** Name among the hub's secrets of the key that everything was made anew for. */
const FOLLOWED = 'followed_key_number';

type Places = Pick<Config, 'dataDir' | 'keyFile'>;

/** The key can be replaced by who asks: a credential is handed over read-only, and only root replaces it. */
export function mayChangeKey({ keyFile }: Pick<Config, 'keyFile'>): boolean {
  if (isOpenedCredential(keyFile)) return false;
  try {
    accessSync(path.dirname(keyFile), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Another key was asked for, and is not in its place yet. */
export function isKeyAsked({ keyFile }: Pick<Config, 'keyFile'>): boolean {
  return existsSync(nextKeyFile(keyFile));
}

/**
 * Ends a change of keys that was asked for, whether it was begun or not: everything is sealed by the next key, and the one
 * before is destroyed, also in what a restore has put aside. True when there was one. To be called with the data directory
 * held, before the database is opened. Throws `StoreError`, and then both keys open the database.
 */
export function changeKey({ dataDir, keyFile }: Places): boolean {
  if (!mayChangeKey({ keyFile })) return false;
  destroyOldKey(keyFile);
  const next = readNextKey(keyFile);
  if (next === undefined) return false;
  const file = path.join(dataDir, 'lockhub.db');
  const key = loadOrCreateKey({ keyFile, databaseExists: true });
  if (existsSync(file)) sealAnew(file, key, next);
  rmSync(path.join(dataDir, BEFORE_RESTORE), { recursive: true, force: true });
  putNextKey(keyFile);
  return true;
}

/** The same at the start of a hub, which goes on by both keys where it fails. */
export function followKey(places: Places, log: Pick<Logger, 'info' | 'error'>): void {
  try {
    if (changeKey(places)) log.info('what is secret in the database is sealed by a new key');
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    log.error({ reason: error.message }, 'the key could not be replaced; the next start tries again');
  }
}

/** How a running hub comes to another key: it is asked for, and the hub starts anew. */
export interface KeyChange {
  /** False: the key is not the hub's own to replace. Throws `StoreError`. */
  ask(): boolean;
  isAsked(): boolean;
  /** Ends this hub and starts one, which has the next key from its first moment. */
  restart(): void;
}

/** The change of keys of a hub that runs. */
export function keyChangeOf(config: Places, restart: () => void): KeyChange {
  return {
    ask: () => {
      if (!mayChangeKey(config)) return false;
      askForNextKey(config.keyFile);
      return true;
    },
    isAsked: () => isKeyAsked(config),
    restart,
  };
}

/** Starts to look whether another process has asked for another key, and then starts the hub anew. */
export function watchForKey(config: Places, restart: () => void): { stop(): void } {
  const timer = setInterval(() => {
    if (!isKeyAsked(config) || !mayChangeKey(config)) return;
    clearInterval(timer);
    restart();
  }, LOOK_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** Has `renew` done once for each key of the hub but its first. */
export function onceForKey(secrets: Secrets, keyNumber: number, renew: () => void): void {
  if ((secrets.get(FOLLOWED) ?? '1') === String(keyNumber)) return;
  renew();
  secrets.set(FOLLOWED, String(keyNumber));
}
