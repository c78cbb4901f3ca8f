import { chmodSync, writeFileSync } from 'node:fs';
import { randomBytes, type Random } from '../random.ts';

const KEY_NAMES = ['S0_Legacy', 'S2_Unauthenticated', 'S2_Authenticated', 'S2_AccessControl'] as const;
const KEY_LENGTH_BYTES = 16;

/** The network keys of the house, in the words of `security_keys_file`. */
export type NetworkKeys = Readonly<Record<(typeof KEY_NAMES)[number], Uint8Array<ArrayBuffer>>>;

/** Keys that only protect a house made of memory: made from its seed, so that a restarted house knows its hub. */
export function makeNetworkKeys(random: Random): NetworkKeys {
  return {
    S0_Legacy: randomBytes(random, KEY_LENGTH_BYTES),
    S2_Unauthenticated: randomBytes(random, KEY_LENGTH_BYTES),
    S2_Authenticated: randomBytes(random, KEY_LENGTH_BYTES),
    S2_AccessControl: randomBytes(random, KEY_LENGTH_BYTES),
  };
}

/** Writes the keys as JSON, 32 hex digits each, for the owner only, also over a file that others could read. */
export function writeKeysFile(file: string, keys: NetworkKeys): void {
  const hex = Object.fromEntries(KEY_NAMES.map((name) => [name, Buffer.from(keys[name]).toString('hex')]));
  writeFileSync(file, '', { mode: 0o600 });
  chmodSync(file, 0o600);
  writeFileSync(file, `${JSON.stringify(hex, null, 2)}\n`);
}
