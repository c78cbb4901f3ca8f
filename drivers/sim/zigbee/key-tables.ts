import { concat, eui, Reader, u16, u32, type Bytes } from './bytes.ts';
import type { StickMemory } from './memory.ts';

/** Tables of Z-Stack 3.x.0 as hosts back them up: the system that they are in, and their numbers there. */
const SYSTEM = 1;
const TABLE = { addresses: 1, linkKeys: 4 } as const;
const KEY_SEED = 0x101;
const KEY_BYTES = 16;
/** Flags of an entry among the addresses (AddrMgr.h): a child, and a device with a link key. */
const CHILD_WITH_KEY = 0x01 | 0x02;
const NO_DEVICE = '0x0000000000000000';
/** The device has shown that it holds the key, which is for this one device (ZDSecMgr.h). */
const VERIFIED_KEY = 0x02;
const UNIQUE_KEY = 0x00;

/** What a device and the trust centre share, as the device knows it. */
export interface LinkKey {
  /** Hex. */
  readonly key: string;
  /** Counter of the last frame that the device secured with the key, and of the last that it took. */
  readonly sent: number;
  readonly heard: number;
}

interface KeyEntry {
  readonly sent: number;
  readonly heard: number;
  readonly ieee: string;
  /** By how much the seed is turned for this device's key. */
  readonly shift: number;
}

/** By what the trust centre of a stick knows a device again: its address, its link key and the counters of both sides. */
export class KeyTables {
  readonly #memory: StickMemory;

  constructor(memory: StickMemory) {
    this.#memory = memory;
  }

  /** Gives a device that joins a key of its own, once it has shown that it has it. `undefined`: the tables are full. */
  admit(ieee: string, address: number): LinkKey | undefined {
    const [index, place] = [this.#indexOf(ieee) ?? this.#indexOf(NO_DEVICE), this.#placeFor(ieee)];
    if (index === undefined || place === undefined) return undefined;
    const entry = { sent: 1, heard: 1, ieee, shift: index % KEY_BYTES };
    this.#setKey(index, entry);
    this.#setAddress(place, ieee, address);
    return { key: this.#keyOf(entry), sent: entry.heard, heard: entry.sent };
  }

  /**
   * Takes back a device that proves who it is by its link key. `undefined`: the key is another or unknown here, or a
   * counter is one that was there before, as of a frame that somebody plays again.
   */
  readmit(ieee: string, address: number, shown: LinkKey | undefined): LinkKey | undefined {
    const [index, place] = [this.#indexOf(ieee), this.#placeFor(ieee)];
    if (index === undefined || place === undefined || shown === undefined) return undefined;
    const known = this.#key(index);
    const entry = { ...known, sent: known.sent + 1, heard: shown.sent + 1 };
    const isFresh = entry.heard > known.heard && entry.sent > shown.heard;
    if (shown.key !== this.#keyOf(known) || !isFresh) return undefined;
    this.#setKey(index, entry);
    this.#setAddress(place, ieee, address);
    return { key: shown.key, sent: entry.heard, heard: entry.sent };
  }

  /** A device that left. */
  forget(ieee: string): void {
    const [index, place] = [this.#indexOf(ieee), this.#placeOf(ieee)];
    if (index !== undefined) this.#memory.clearEntry(SYSTEM, TABLE.linkKeys, index);
    if (place !== undefined) this.#memory.clearEntry(SYSTEM, TABLE.addresses, place);
  }

  /** The seed, turned, over the address that fills it twice: what a host computes from its backup. */
  #keyOf({ ieee, shift }: KeyEntry): string {
    const seed = this.#memory.item(KEY_SEED) ?? new Uint8Array(KEY_BYTES);
    const turned = concat(seed.subarray(shift), seed.subarray(0, shift));
    const address = concat(eui(ieee), eui(ieee));
    return Buffer.from(turned.map((byte, at) => byte ^ (address[at] ?? 0))).toString('hex');
  }

  #key(index: number): KeyEntry {
    const entry = new Reader(this.#memory.entry(SYSTEM, TABLE.linkKeys, index) ?? new Uint8Array(20));
    const [sent, heard, ieee] = [entry.u32(), entry.u32(), entry.eui()];
    entry.take(2);
    return { sent, heard, ieee, shift: entry.u8() % KEY_BYTES };
  }

  #setKey(index: number, { sent, heard, ieee, shift }: KeyEntry): void {
    const ending = Uint8Array.of(VERIFIED_KEY, UNIQUE_KEY, shift, 0);
    const entry = concat(u32(sent), u32(heard), eui(ieee), ending);
    this.#memory.setEntry(SYSTEM, TABLE.linkKeys, index, entry);
  }

  #setAddress(index: number, ieee: string, address: number): void {
    const flags = Uint8Array.of(CHILD_WITH_KEY, 0xff);
    this.#memory.setEntry(SYSTEM, TABLE.addresses, index, concat(flags, u16(address), eui(ieee)));
  }

  /** Where the key of a device is, or the first entry that is free. */
  #indexOf(ieee: string): number | undefined {
    return this.#find(TABLE.linkKeys, (entry) => new Reader(entry.subarray(8)).eui() === ieee);
  }

  #placeOf(ieee: string): number | undefined {
    return this.#find(TABLE.addresses, (entry) => isUsed(entry) && addressIn(entry) === ieee);
  }

  #placeFor(ieee: string): number | undefined {
    return this.#placeOf(ieee) ?? this.#find(TABLE.addresses, (entry) => !isUsed(entry));
  }

  #find(table: number, isIt: (entry: Bytes) => boolean): number | undefined {
    for (let index = 0; ; index += 1) {
      const entry = this.#memory.entry(SYSTEM, table, index);
      if (entry === undefined) return undefined;
      if (isIt(entry)) return index;
    }
  }
}

function isUsed(entry: Bytes): boolean {
  return entry[0] !== 0;
}

function addressIn(entry: Bytes): string {
  return new Reader(entry.subarray(4)).eui();
}
