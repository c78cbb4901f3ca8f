import { randomBytes, randomInt } from 'node:crypto';
import { z } from 'zod';

const KEY_BYTES = 16;
const EXTENDED_PAN_ID_BYTES = 8;
/** Ends of the PAN ids that a network may choose (Zigbee specification). */
const PAN_ID_MIN = 0x0001;
const PAN_ID_END = 0xfffe;
/** Channels that stay clear of the usual Wi-Fi channels 1 and 6, and that all sticks have at full power. */
const CHANNELS = [15, 20, 25] as const;

/** What makes a Zigbee network. Whoever has the key can open the locks; without all of it no stick can take them over. */
export interface ZigbeeNetworkKeys {
  /** 32 hex digits. */
  readonly networkKey: string;
  readonly panId: number;
  /** 16 hex digits. */
  readonly extendedPanId: string;
  /** 11 to 26. */
  readonly channel: number;
}

/** How the hub keeps them among its secrets. */
export const storedNetworkKeys = z.object({
  networkKey: z.string().regex(/^[0-9a-f]{32}$/),
  panId: z.int().min(PAN_ID_MIN).max(PAN_ID_END),
  extendedPanId: z.string().regex(/^[0-9a-f]{16}$/),
  channel: z.int().min(11).max(26),
});

/** A new network. To be made once and kept. */
export function makeNetworkKeys(): ZigbeeNetworkKeys {
  return {
    networkKey: randomBytes(KEY_BYTES).toString('hex'),
    panId: randomInt(PAN_ID_MIN, PAN_ID_END),
    extendedPanId: randomBytes(EXTENDED_PAN_ID_BYTES).toString('hex'),
    channel: CHANNELS[randomInt(CHANNELS.length)] ?? CHANNELS[0],
  };
}
