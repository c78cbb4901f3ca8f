import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

import { Pin } from '../core/pin.ts';
import { StoreError } from './errors.ts';
import type { HubKey, RandomBytes } from './key.ts';

const CIPHER = 'aes-256-gcm';
/** What begins each value: which key it was sealed by. */
const NUMBER_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** 128 of the 256 bits: enough that no two PINs of a hub ever share a fingerprint. */
const FINGERPRINT_HEX_DIGITS = 32;

/** Where a sealed value belongs. It opens nowhere else, so values can't be swapped between rows. */
export interface Place {
  readonly table: string;
  readonly column: string;
  /** Primary key of the row. */
  readonly id: readonly (string | number)[];
}

/** A key of the hub, and its number: 1 is the one that the database was made with, each that follows has the next. */
export interface NumberedKey {
  readonly number: number;
  readonly key: HubKey;
}

/** Tells whether a key is the one of a database, without telling the key. */
export function keyCheckOf(key: HubKey): string {
  return Buffer.from(key.derive('key check')).toString('hex');
}

/** What the values of this key begin with. */
export function prefixOf(keyNumber: number): Buffer {
  const prefix = Buffer.alloc(NUMBER_BYTES);
  prefix.writeUInt32BE(keyNumber);
  return prefix;
}

/**
 * Seals single values with AES-256-GCM and makes fingerprints of PINs, each by its own key derived from the hub's. While
 * one key follows another, values of both open, and new ones are sealed by the newer.
 */
export class Seal {
  /** Of the key that seals. */
  readonly keyNumber: number;
  readonly #prefix: Buffer;
  readonly #sealingKey: KeyObject;
  readonly #openingKeys: ReadonlyMap<number, KeyObject>;
  readonly #fingerprintKey: KeyObject;
  readonly #random: RandomBytes;

  /** `older`: a key that the values of are being sealed anew. */
  constructor({ number, key }: NumberedKey, random: RandomBytes, older: NumberedKey | null = null) {
    this.keyNumber = number;
    this.#prefix = prefixOf(number);
    this.#sealingKey = createSecretKey(key.derive('sealing'));
    this.#fingerprintKey = createSecretKey(key.derive('fingerprint'));
    this.#random = random;
    const olderKeys =
      older === null ? [] : [[older.number, createSecretKey(older.key.derive('sealing'))] as const];
    this.#openingKeys = new Map([...olderKeys, [number, this.#sealingKey]]);
  }

  /** Number of the key, nonce, tag and ciphertext in one value. */
  seal(text: string, place: Place): Uint8Array {
    const nonce = this.#random(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#sealingKey, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(boundTo(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([this.#prefix, nonce, cipher.getAuthTag(), sealed]);
  }

  /** `undefined` when the value was not sealed by such a key for this place, or was changed since. */
  open(value: Uint8Array, place: Place): string | undefined {
    if (value.length < NUMBER_BYTES + NONCE_BYTES + TAG_BYTES) return undefined;
    const key = this.#openingKeys.get(Buffer.from(value).readUInt32BE());
    if (key === undefined) return undefined;
    const [nonce, tag, sealed] = partsOf(value);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(place));
    decipher.setAuthTag(tag);
    const opened = decipher.update(sealed);
    try {
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  sealPin(pin: Pin, place: Place): Uint8Array {
    return this.seal(pin.reveal(), place);
  }

  /** Throws `StoreError` of kind `unreadable_row` when the value does not open to a PIN. */
  openPin(value: Uint8Array, place: Place): Pin {
    const pin = Pin.parse(this.open(value, place) ?? '');
    if (pin === undefined) throw unreadable(place, `${place.column} does not open to a PIN`);
    return pin;
  }

  /** Keyed fingerprint of a PIN, hex. Equal for equal PINs of this hub and meaningless without its key. */
  fingerprint(pin: Pin): string {
    const digest = createHmac('sha256', this.#fingerprintKey).update(pin.reveal()).digest('hex');
    return digest.slice(0, FINGERPRINT_HEX_DIGITS);
  }
}

/** The error that names a row nobody can read. `reason` never holds the row's values. */
export function unreadable(row: Pick<Place, 'table' | 'id'>, reason: string): StoreError {
  const { table, id } = row;
  return new StoreError('unreadable_row', `Row ${id.join(' ')} of table ${table}: ${reason}.`, {
    row: { table, id },
  });
}

function partsOf(value: Uint8Array): readonly [nonce: Uint8Array, tag: Uint8Array, sealed: Uint8Array] {
  const tagAt = NUMBER_BYTES + NONCE_BYTES;
  return [
    value.subarray(NUMBER_BYTES, tagAt),
    value.subarray(tagAt, tagAt + TAG_BYTES),
    value.subarray(tagAt + TAG_BYTES),
  ];
}

function boundTo(place: Place): Uint8Array {
  return Buffer.from(JSON.stringify([place.table, place.column, ...place.id]));
}
