import type { HubKey } from './key.ts';
import type { Secrets } from './store.ts';

/** What keys of the local API and one-time logins are looked up by. */
const PURPOSES = ['api keys', 'login codes'] as const;

type Purpose = (typeof PURPOSES)[number];

/**
 * The key of the hashes that are kept for this purpose. Who holds a key of the local API is the only one who knows it, so
 * its hash can't be made anew: when another hub key follows, what the hashes were made by becomes a secret of its own.
 */
export function hashKeyOf(secrets: Pick<Secrets, 'get'>, key: HubKey, purpose: Purpose): Uint8Array {
  const kept = secrets.get(nameOf(purpose));
  return kept === undefined ? key.derive(purpose) : Buffer.from(kept, 'hex');
}

/** Keeps what is derived from this key, unless that of an earlier one is kept. Call inside a transaction. */
export function keepHashKeys(secrets: Secrets, key: HubKey): void {
  for (const purpose of PURPOSES) {
    secrets.set(nameOf(purpose), Buffer.from(hashKeyOf(secrets, key, purpose)).toString('hex'));
  }
}

function nameOf(purpose: Purpose): string {
  return `hash_key_of_${purpose.replace(' ', '_')}`;
}
