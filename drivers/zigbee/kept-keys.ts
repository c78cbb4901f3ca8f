import { makeNetworkKeys, storedNetworkKeys, type ZigbeeNetworkKeys } from './keys.ts';

/** Name of what makes the network among the hub's secrets. */
const ZIGBEE_KEYS = 'zigbee_network_keys';

interface Secrets {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** What makes this hub's network: made once and kept. */
export function networkKeys(secrets: Secrets): ZigbeeNetworkKeys {
  const stored = secrets.get(ZIGBEE_KEYS);
  if (stored !== undefined) return storedNetworkKeys.parse(JSON.parse(stored));
  const keys = makeNetworkKeys();
  secrets.set(ZIGBEE_KEYS, JSON.stringify(keys));
  return keys;
}
