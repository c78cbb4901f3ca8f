import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

import { Pin } from '../core/pin.ts';
import { StoreError } from './errors.ts';
import type { HubKey, RandomBytes } from './key.ts';

const CIPHER = 'aes-256-gcm';
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

/** Seals single values with AES-256-GCM and makes fingerprints of PINs, each by its own key derived from the hub's. */
export class Seal {
  /** Tells whether a key is the one a database was made with, without telling the key. */
  readonly keyCheck: string;
  readonly #sealingKey: KeyObject;
  readonly #fingerprintKey: KeyObject;
  readonly #random: RandomBytes;

  constructor(key: HubKey, random: RandomBytes) {
    this.keyCheck = Buffer.from(key.derive('key check')).toString('hex');
    this.#sealingKey = createSecretKey(key.derive('sealing'));
    this.#fingerprintKey = createSecretKey(key.derive('fingerprint'));
    this.#random = random;
  }

  /** Nonce, tag and ciphertext in one value. */
  seal(text: string, place: Place): Uint8Array {
    const nonce = this.#random(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#sealingKey, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(boundTo(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** `undefined` when the value was not sealed by this key for this place, or was changed since. */
  open(value: Uint8Array, place: Place): string | undefined {
    if (value.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const nonce = value.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, this.#sealingKey, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(place));
    decipher.setAuthTag(value.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const opened = decipher.update(value.subarray(NONCE_BYTES + TAG_BYTES));
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

function boundTo(place: Place): Uint8Array {
  return Buffer.from(JSON.stringify([place.table, place.column, ...place.id]));
}
