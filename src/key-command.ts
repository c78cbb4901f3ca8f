import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from './config.ts';
import { CREDENTIALS_FOLDER } from './config-path.ts';
import { SECOND_MS } from './core/time.ts';
import { holdData } from './data.ts';
import { changeKey, isKeyAsked, mayChangeKey } from './key-change.ts';
import { isOpenedCredential } from './sealed-credentials.ts';
import { StoreError } from './store/errors.ts';
import { askForNextKey } from './store/next-key.ts';

/** A running hub looks every 10 s, ends within 5 s, and seals a large database anew in a minute. */
const WAIT_MS = 120 * SECOND_MS;
const LOOK_MS = SECOND_MS / 4;

/**
 * `lockhub rotate-key`: another key for what is secret in the database. A hub that runs is asked for it and does it; else
 * it is done here. Answers lines to print. Rejects with `StoreError`.
 */
export async function rotateKey(config: Config): Promise<readonly string[]> {
  if (isOpenedCredential(config.keyFile)) throw new StoreError('disk', ENCRYPTED);
  if (!mayChangeKey(config)) throw new StoreError('disk', `Only root may replace ${config.keyFile}.`);
  const release = heldData(config);
  if (release === null) return waitForHub(config);
  try {
    askForNextKey(config.keyFile);
    changeKey(config);
    return DONE;
  } finally {
    release();
  }
}

/** `null`: a hub runs. */
function heldData(config: Config): (() => void) | null {
  try {
    return holdData(config);
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'busy') return null;
    throw error;
  }
}

async function waitForHub(config: Config): Promise<readonly string[]> {
  if (path.basename(path.dirname(config.keyFile)) === CREDENTIALS_FOLDER) {
    throw new StoreError('busy', 'The key is a credential, so stop the hub first (systemctl stop lockhub).');
  }
  askForNextKey(config.keyFile);
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += LOOK_MS) {
    if (!isKeyAsked(config)) return DONE;
    await sleep(LOOK_MS);
  }
  throw new StoreError('busy', 'The hub has not taken the new key yet; it does so at its next start.');
}

const ENCRYPTED =
  'The key is an encrypted credential: stop the hub, decrypt it into the folder credentials (systemd-creds decrypt), do this again, and encrypt it anew.';
const DONE = [
  'Everything secret in the database is sealed by a new key, and the old one is destroyed.',
  'Older backups open with the recovery key alone; the hub makes a new one when it runs.',
] as const;
