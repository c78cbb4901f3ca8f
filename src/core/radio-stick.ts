/** A radio as the hub may open it: which kind, and for Zigbee which language its stick speaks. */
export type RadioUse =
  | { readonly kind: 'zwave' }
  | { readonly kind: 'zigbee'; readonly adapter: 'zstack' | 'ember' };

/** A stick that a person has confirmed as a radio, with the port that it is found at. */
export type ChosenRadio = RadioUse & { readonly port: string };

/** What a serial device says of itself on USB; empty where it says nothing. Ids are four hex digits. */
export interface UsbSaid {
  readonly vendorId: string;
  readonly productId: string;
  readonly manufacturer: string;
  readonly product: string;
  /** Of a device with several ports: which one. */
  readonly interfaceNumber: number;
}

/** What a stick is taken for. */
export interface StickJudgement {
  /** Make and model, or what little is known. */
  readonly name: string;
  /** What it may be used as, the likeliest first; none: it is no radio that the hub drives. */
  readonly uses: readonly RadioUse[];
  /** Its ids are those of one radio alone; otherwise a person who sees it has to say. */
  readonly isSure: boolean;
}

/** A serial device of this machine. */
export interface SerialStick extends StickJudgement {
  /** What the config would name: by its id where the system gives it one, so that it may move to another port. */
  readonly port: string;
  /** Vendor and product, such as `10c4:ea60`. */
  readonly usbId: string;
}

/** Whether a stick may be used so: where its ids don't say what it is, a person does. */
export function mayBe({ uses }: StickJudgement, use: RadioUse): boolean {
  return uses.some((one) =>
    one.kind === 'zwave' ? use.kind === 'zwave' : use.kind === 'zigbee' && use.adapter === one.adapter,
  );
}

const ZWAVE: RadioUse = { kind: 'zwave' };
const ZSTACK: RadioUse = { kind: 'zigbee', adapter: 'zstack' };
const EMBER: RadioUse = { kind: 'zigbee', adapter: 'ember' };

interface KnownStick {
  readonly ids: RegExp;
  /** Of "manufacturer product"; absent: the ids are enough. */
  readonly text?: RegExp;
  readonly interfaceNumber?: number;
  readonly name: string;
  readonly uses: readonly RadioUse[];
}

/**
 * Sticks by their USB ids, the first that fits counts. From the tables of zigbee-herdsman (`adapterDiscovery`) and Home
 * Assistant (`zwave_js`, `zha`): chips such as `10c4:ea60` are in sticks of every make, so those go by their texts.
 */
const KNOWN: readonly KnownStick[] = [
  { ids: /^0658:0200$/, name: 'Z-Wave stick (Aeotec Z-Stick Gen5, Z-Wave.Me UZB)', uses: [ZWAVE] },
  { ids: /^10c4:8a2a$/, interfaceNumber: 0, name: 'Nortek HUSBZB-1, Z-Wave side', uses: [ZWAVE] },
  { ids: /^10c4:8a2a$/, interfaceNumber: 1, name: 'Nortek HUSBZB-1, Zigbee side', uses: [EMBER] },
  { ids: /^303a:/, text: /ZWA-2/i, name: 'Home Assistant Connect ZWA-2', uses: [ZWAVE] },
  { ids: /^303a:/, text: /ZBT-2/i, name: 'Home Assistant Connect ZBT-2', uses: [EMBER] },
  { ids: /^10c4:ea60$/, text: /SkyConnect|ZBT-1/i, name: 'Home Assistant Connect ZBT-1', uses: [EMBER] },
  { ids: /./, text: /z-?wave/i, name: 'Z-Wave stick', uses: [ZWAVE] },
  { ids: /^(1cf1:0030|0403:6015)$/, text: /conbee/i, name: 'ConBee (not driven by lockhub)', uses: [] },
  { ids: /^10c4:ea60$/, text: /slzb-0\dp/i, name: 'SMLIGHT SLZB with a TI chip', uses: [ZSTACK] },
  { ids: /^10c4:ea60$/, text: /slzb-0[67]/i, name: 'SMLIGHT SLZB', uses: [EMBER] },
  { ids: /^10c4:ea60$/, text: /sonoff.*cc2674p10/i, name: 'Sonoff Dongle Plus PP10', uses: [ZSTACK] },
  { ids: /^10c4:ea60$/, text: /sonoff.*(max|mg24|mg21)/i, name: 'Sonoff Dongle', uses: [EMBER] },
  { ids: /^(1a86:55d4|10c4:ea60)$/, text: /sonoff.*plus.v2/i, name: 'Sonoff ZBDongle-E', uses: [EMBER] },
  { ids: /^10c4:ea60$/, text: /sonoff.*plus/i, name: 'Sonoff ZBDongle-P', uses: [ZSTACK] },
  { ids: /^0451:(16a8|16c8|bef3)$/, name: 'Zigbee stick with a TI chip', uses: [ZSTACK] },
  {
    ids: /^(10c4:ea60|1a86:7523)$/,
    text: /tubeszb|zigstar|cc2652/i,
    name: 'Zigbee stick (TI)',
    uses: [ZSTACK],
  },
  { ids: /^0403:6015$/, text: /electrolama/i, name: 'Electrolama zig-a-zig-ah', uses: [ZSTACK] },
];

/** Converters that sticks of every kind have, and so have devices that are none. */
const ANYTHING = /^(10c4:ea60|1a86:55d4|1a86:7523|0403:6015)$/;

/** Which radio a serial device is, by what it says on USB alone: to ask an unknown device might disturb it. */
export function judgeStick(said: UsbSaid): StickJudgement {
  const ids = `${said.vendorId}:${said.productId}`;
  const text = `${said.manufacturer} ${said.product}`.trim();
  const known = KNOWN.find(
    (one) =>
      one.ids.test(ids) &&
      (one.text?.test(text) ?? true) &&
      (one.interfaceNumber ?? said.interfaceNumber) === said.interfaceNumber,
  );
  if (known !== undefined) {
    const isOwnName = known.text !== undefined && text !== '';
    return { name: isOwnName ? text : known.name, uses: known.uses, isSure: true };
  }
  const name = text === '' ? 'serial device' : text;
  return { name, uses: ANYTHING.test(ids) ? [ZWAVE, ZSTACK, EMBER] : [], isSure: false };
}
