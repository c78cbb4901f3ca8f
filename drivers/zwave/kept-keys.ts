import { z } from 'zod';
import { makeSecurityKeys, type SecurityKeys } from './keys.ts';

/** Name of the network's keys among the hub's secrets. */
const ZWAVE_KEYS = 'zwave_security_keys';

/** How the keys are kept among the hub's secrets. */
const storedKeys = z.object({
  S0_Legacy: z.string(),
  S2_Unauthenticated: z.string(),
  S2_Authenticated: z.string(),
  S2_AccessControl: z.string(),
  longRange: z.object({ S2_Authenticated: z.string(), S2_AccessControl: z.string() }).exactOptional(),
});

interface Secrets {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** Keys once taken over or made are the hub's own from then on: without them no secured lock can be reached. */
export function networkKeys(takenOver: SecurityKeys | undefined, secrets: Secrets): SecurityKeys {
  const stored = secrets.get(ZWAVE_KEYS);
  if (takenOver === undefined && stored !== undefined) return storedKeys.parse(JSON.parse(stored));
  const keys = takenOver ?? makeSecurityKeys();
  secrets.set(ZWAVE_KEYS, JSON.stringify(keys));
  return keys;
}
