import { createHash } from 'node:crypto';
import { concat, eui, Reader, u16, u32, u8, type Bytes } from './bytes.ts';

/** Items of the stick's memory, by their numbers in Z-Stack. */
const ITEM = {
  address: 0x01,
  startupOption: 0x03,
  networkBase: 0x21,
  extendedPanId: 0x2d,
  activeKey: 0x3a,
  alternateKey: 0x3b,
  hasConfigured: 0x60,
  preconfiguredKey: 0x62,
  panId: 0x83,
  channels: 0x84,
  keySeed: 0x101,
} as const;

const KEY_BYTES = 16;
/** The system that tables belong to, and what an empty entry of each is. */
const TABLES_SYSTEM = 1;
const TABLE = { addresses: 1, linkKeys: 4, otherKeys: 6, frameCounters: 7 } as const;
/** Devices that the stick can keep: fewer than a real one, since hosts read every entry, and more than a house has locks. */
const DEVICES_MAX = 40;
const OTHER_KEYS_MAX = 16;
const TABLES: readonly { readonly item: number; readonly entries: number; readonly empty: Bytes }[] = [
  { item: TABLE.addresses, entries: DEVICES_MAX, empty: concat(fromHex('00ff'), zeros(10)) },
  { item: TABLE.frameCounters, entries: 4, empty: zeros(12) },
  { item: TABLE.linkKeys, entries: DEVICES_MAX, empty: zeros(20) },
  { item: TABLE.otherKeys, entries: OTHER_KEYS_MAX, empty: zeros(24) },
];
/** Places in the network information base as a 32-bit chip lays it out (Z-Stack 3.0.2, nwk.h). */
const BASE_BYTES = 116;
const BASE = {
  channel: 24,
  coordinator: 28,
  panId: 36,
  state: 38,
  channels: 40,
  extendedPanId: 57,
  keyLoaded: 65,
};
const BASE_DEFAULTS: readonly (readonly [at: number, value: number])[] = [
  [12, 5],
  [18, 2],
  [BASE.state, 9],
  [BASE.keyLoaded, 1],
  [103, 3],
];
const CHANNEL_FIRST = 11;
const CHANNEL_LAST = 26;
const DEFAULT_CHANNELS = 1 << CHANNEL_FIRST;
/** Bits of the start option that erase what is configured and what the network has become. */
const ERASE_ALL = 0b11;

/** What makes a network one and not another: who has the same of all three is in it. */
export interface NetworkIdentity {
  readonly panId: number;
  /** Hex, in the order of the air. */
  readonly extendedPanId: string;
  readonly key: string;
}

/** What a stick keeps without power: numbered items and tables, with which hosts back it up and move it. */
export class StickMemory {
  /** What it came with from the factory. */
  readonly ownAddress: string;
  readonly #items: Map<string, Bytes>;
  readonly #onChange: () => void;

  /** `held`: what an earlier run of the same stick kept, by name in hex. */
  constructor(ownAddress: string, held: Readonly<Record<string, string>> | undefined, onChange: () => void) {
    this.ownAddress = ownAddress;
    this.#onChange = onChange;
    const items = Object.entries(held ?? {}).map(([name, hex]) => [name, fromHex(hex)] as const);
    this.#items = new Map(items);
    if (held === undefined) this.#bear();
  }

  /** A host that moves a network to this stick gives it the address of the one before, to which the locks are bound. */
  get address(): string {
    const given = this.item(ITEM.address);
    return given === undefined ? this.ownAddress : new Reader(given).eui();
  }

  item(id: number): Bytes | undefined {
    return this.#items.get(String(id));
  }

  entry(system: number, item: number, index: number): Bytes | undefined {
    return this.#items.get(`${system}/${item}/${index}`);
  }

  setItem(id: number, value: Bytes): void {
    this.#set(String(id), value);
  }

  setEntry(system: number, item: number, index: number, value: Bytes): void {
    this.#set(`${system}/${item}/${index}`, value);
  }

  deleteItem(id: number): boolean {
    this.#onChange();
    return this.#items.delete(String(id));
  }

  deleteEntry(system: number, item: number, index: number): boolean {
    this.#onChange();
    return this.#items.delete(`${system}/${item}/${index}`);
  }

  clearEntry(system: number, item: number, index: number): void {
    const table = TABLES.find((known) => known.item === item);
    if (table !== undefined) this.setEntry(system, item, index, table.empty);
  }

  /** What a restart does to the memory where a host asked for it in the start option. */
  restart(): void {
    if (((this.item(ITEM.startupOption)?.[0] ?? 0) & ERASE_ALL) !== ERASE_ALL) return;
    const configured = this.item(ITEM.hasConfigured);
    this.#items.clear();
    this.#bear();
    if (configured !== undefined) this.setItem(ITEM.hasConfigured, configured);
  }

  /** The network of this stick, `undefined` before there is one. */
  network(): (NetworkIdentity & { readonly channel: number }) | undefined {
    const base = this.item(ITEM.networkBase);
    const key = this.item(ITEM.activeKey)?.slice(1, 1 + KEY_BYTES);
    if (base === undefined || base.length < BASE_BYTES || key === undefined) return undefined;
    return {
      panId: (base[BASE.panId] ?? 0) | ((base[BASE.panId + 1] ?? 0) << 8),
      extendedPanId: toHex(base.slice(BASE.extendedPanId, BASE.extendedPanId + 8)),
      channel: base[BASE.channel] ?? 0,
      key: toHex(key),
    };
  }

  /** Forms a network of what was configured. */
  form(): void {
    const channels = this.#number(ITEM.channels, DEFAULT_CHANNELS);
    const base = new Uint8Array(BASE_BYTES);
    for (const [at, value] of BASE_DEFAULTS) base[at] = value;
    base[BASE.channel] = firstChannel(channels);
    base.set(eui(this.address), BASE.coordinator);
    base.set(u16(this.#number(ITEM.panId, 0x1a62)), BASE.panId);
    base.set(u32(channels), BASE.channels);
    const extendedPanId = this.item(ITEM.extendedPanId) ?? eui(this.address);
    base.set(extendedPanId, BASE.extendedPanId);
    this.setEntry(TABLES_SYSTEM, TABLE.frameCounters, 0, concat(u32(0), extendedPanId));
    this.setItem(ITEM.networkBase, base);
    const key = this.item(ITEM.preconfiguredKey) ?? new Uint8Array(KEY_BYTES);
    this.setItem(ITEM.activeKey, concat(u8(0), key, u8(0)));
    this.setItem(ITEM.alternateKey, concat(u8(0), key, u8(0)));
  }

  toJSON(): Record<string, string> {
    return Object.fromEntries([...this.#items].map(([name, value]) => [name, toHex(value)]));
  }

  #set(name: string, value: Bytes): void {
    this.#items.set(name, value);
    this.#onChange();
  }

  #number(id: number, fallback: number): number {
    const item = this.item(id);
    return item === undefined ? fallback : item.reduceRight((sum, byte) => sum * 256 + byte, 0);
  }

  /** As it comes from the factory: sizes are those of a CC2652 with Z-Stack 3.x.0 (field note 2). */
  #bear(): void {
    this.setItem(0x82, zeros(24));
    this.setItem(ITEM.channels, u32(DEFAULT_CHANNELS));
    this.setItem(ITEM.preconfiguredKey, zeros(KEY_BYTES));
    this.setItem(0x63, zeros(1));
    this.setItem(ITEM.activeKey, zeros(18));
    this.setItem(ITEM.alternateKey, zeros(18));
    this.setItem(ITEM.hasConfigured, zeros(1));
    const seed = createHash('sha256').update(`trust centre ${this.ownAddress}`).digest();
    this.setItem(ITEM.keySeed, Uint8Array.from(seed.subarray(0, KEY_BYTES)));
    // How many are used, then an empty entry for each other key.
    this.setItem(0x4c, concat(u16(0), repeated(fromHex('feff00000000'), OTHER_KEYS_MAX)));
    for (const { item, entries, empty } of TABLES) {
      for (let index = 0; index < entries; index += 1) this.setEntry(TABLES_SYSTEM, item, index, empty);
    }
  }
}

function zeros(length: number): Bytes {
  return new Uint8Array(length);
}

function firstChannel(mask: number): number {
  for (let channel = CHANNEL_FIRST; channel <= CHANNEL_LAST; channel += 1) {
    if ((mask & (1 << channel)) !== 0) return channel;
  }
  return CHANNEL_FIRST;
}

function repeated(bytes: Bytes, times: number): Bytes {
  return concat(...Array.from({ length: times }, () => bytes));
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function fromHex(hex: string): Bytes {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
