import { createHmac, createSecretKey } from 'node:crypto';
import type { DoorMemory, OfflineSecret } from '../../src/core/offline/judge.ts';

/** The secret of the test vectors in README: the bytes 0 to 31. */
export const SECRET = Uint8Array.from({ length: 32 }, (_, index) => index);

/** The door of the test vectors. */
export const DOOR = '9689dc30-77d8-4728-9968-b3abd0835f47';

export const CLEAN: DoorMemory = { burnt: [], guesses: [] };

/** What a door knows of a secret. */
export function doorSecret(bytes: Uint8Array, secretId = 'first'): OfflineSecret {
  const key = createSecretKey(bytes);
  const mac = (text: string): Uint8Array => createHmac('sha256', key).update(text).digest();
  return { secretId, mac, acceptedUntil: null };
}
