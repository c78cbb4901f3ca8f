import { hkdfSync, randomBytes } from 'node:crypto';

/** A source of random bytes. Tests give a seeded one; what runs at a door uses `systemRandom`. */
export type RandomBytes = (sizeBytes: number) => Uint8Array;

export const systemRandom: RandomBytes = (sizeBytes) => randomBytes(sizeBytes);

const KEY_BYTES = 32;
const KEY_PATTERN = new RegExp(`^[0-9a-f]{${KEY_BYTES * 2}}$`, 'i');

/** The key that all that is secret in the database depends on. Like a PIN it can't be printed. */
export class HubKey {
  readonly #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  static generate(random: RandomBytes = systemRandom): HubKey {
    return new HubKey(random(KEY_BYTES));
  }

  /** From the text of a key file; `undefined` unless it is 64 hex digits. */
  static parse(text: string): HubKey | undefined {
    const digits = text.trim();
    return KEY_PATTERN.test(digits) ? new HubKey(Buffer.from(digits, 'hex')) : undefined;
  }

  /** The text of a key file. Never log, print or publish the result. */
  reveal(): string {
    return Buffer.from(this.#bytes).toString('hex');
  }

  /** A 32-byte key for one purpose (HKDF-SHA-256), so that no two uses share a key. */
  derive(purpose: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#bytes, '', `lockhub ${purpose}`, KEY_BYTES));
  }

  toString(): string {
    return '[hub key]';
  }

  toJSON(): string {
    return '[hub key]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[hub key]';
  }
}
