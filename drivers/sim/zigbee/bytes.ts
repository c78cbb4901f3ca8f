/** Bytes of the wire. Zigbee and MT count from the least significant byte. */
export type Bytes = Uint8Array<ArrayBuffer>;

const EUI_BYTES = 8;

export function u8(value: number): Bytes {
  return Uint8Array.of(value & 0xff);
}

export function u16(value: number): Bytes {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff);
}

export function u32(value: number): Bytes {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff);
}

/** An IEEE address, given as `0x` and 16 hex digits. */
export function eui(address: string): Bytes {
  return Uint8Array.from(Buffer.from(address.slice(2).padStart(2 * EUI_BYTES, '0'), 'hex').reverse());
}

/** A string with its length in front, as ZCL carries digits and texts. */
export function octets(text: string): Bytes {
  return concat(u8(text.length), Uint8Array.from(Buffer.from(text, 'latin1')));
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  return Uint8Array.from(Buffer.concat(parts));
}

/** A frame ended before everything was said that it has to say. */
export class ShortFrameError extends Error {}

/** Reads bytes from the front. Throws `ShortFrameError` where there are none left. */
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.take(1)[0] ?? 0;
  }

  u16(): number {
    return this.u8() | (this.u8() << 8);
  }

  u32(): number {
    return (this.u16() | (this.u16() << 16)) >>> 0;
  }

  /** `0x` and 16 hex digits. */
  eui(): string {
    return `0x${Buffer.from(this.take(EUI_BYTES)).reverse().toString('hex')}`;
  }

  octets(): string {
    return Buffer.from(this.take(this.u8())).toString('latin1');
  }

  take(length: number): Bytes {
    if (length > this.left) throw new ShortFrameError(`${length} bytes wanted, ${this.left} left`);
    const taken = this.#bytes.slice(this.#at, this.#at + length);
    this.#at += length;
    return Uint8Array.from(taken);
  }

  rest(): Bytes {
    return this.take(this.left);
  }
}
