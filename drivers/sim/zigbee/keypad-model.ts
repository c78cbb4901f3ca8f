/** Names of the Zigbee keypads that a house can have. */
export const ZIGBEE_KEYPAD_NAMES = ['ace-keypad', 'ace-four-digits'] as const;
export type ZigbeeKeypadName = (typeof ZIGBEE_KEYPAD_NAMES)[number];

/** How a keypad speaks on the air, as far as keypads differ. */
export interface ZigbeeKeypadModel {
  readonly name: ZigbeeKeypadName;
  readonly manufacturer: string;
  readonly modelId: string;
  readonly manufacturerCode: number;
  readonly endpoint: number;
  /** It sends after so many digits, whatever follows; `null`: what was typed, with the key that disarms. */
  readonly sendsAfter: number | null;
}

export const ZIGBEE_KEYPAD_MODELS: Readonly<Record<ZigbeeKeypadName, ZigbeeKeypadModel>> = {
  // Its maker's technical manual: end point 44; converters develco.ts.
  'ace-keypad': {
    name: 'ace-keypad',
    manufacturer: 'frient A/S',
    modelId: 'KEPZB-110',
    manufacturerCode: 0x1015,
    endpoint: 44,
    sendsAfter: null,
  },
  // XHK1-UE (ZHA #692).
  'ace-four-digits': {
    name: 'ace-four-digits',
    manufacturer: 'Universal Electronics Inc',
    modelId: 'URC4450BC0-X-R',
    manufacturerCode: 0x10ef,
    endpoint: 1,
    sendsAfter: 4,
  },
};
