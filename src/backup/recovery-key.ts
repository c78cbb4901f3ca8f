import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type webcrypto,
} from 'node:crypto';
import { BackupError } from './errors.ts';

/** Crockford's base 32: no letter that is taken for a digit. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BITS_A_DIGIT = 5;
const KEY_BYTES = 32;
/** Of the SHA-256 of the key: a text with a slip of the pen is told from a key of another hub. */
const CHECK_BYTES = 3;
/** 35 bytes are 56 digits. */
const GROUP_DIGITS = 7;
/** What a private X25519 key has before its 32 bytes in PKCS#8 (RFC 8410). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

/**
 * The key that opens a hub's backups when the hub itself is gone: the private half of an X25519 pair, for paper or a
 * safe. The hub keeps only the public half. Like a PIN it can't be printed by accident.
 */
export class RecoveryKey {
  readonly #bytes: Buffer;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  static generate(): RecoveryKey {
    const { d = '' } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
    return new RecoveryKey(Buffer.from(d, 'base64url'));
  }

  /** From its text, in whatever case and grouping. Throws `BackupError` of kind `not_a_key`. */
  static parse(text: string): RecoveryKey {
    const digits = text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
    const bytes = bytesOf(digits);
    const key = bytes?.subarray(0, KEY_BYTES);
    if (bytes === undefined || key === undefined || !checkOf(key).equals(bytes.subarray(KEY_BYTES))) {
      throw new BackupError(
        'not_a_key',
        'This is no recovery key: expected 8 groups of 7 letters and digits, as they were shown when it was made.',
      );
    }
    return new RecoveryKey(key);
  }

  /** The text to write down. Never log or publish the result. */
  reveal(): string {
    const digits = digitsOf(Buffer.concat([this.#bytes, checkOf(this.#bytes)]));
    return digits.match(new RegExp(`.{${GROUP_DIGITS}}`, 'g'))?.join('-') ?? digits;
  }

  /** The half that the hub keeps: 32 bytes as base64url. */
  get publicKey(): string {
    return createPublicKey(this.#privateKey()).export({ format: 'jwk' }).x ?? '';
  }

  /** As JSON Web Key, for HPKE. */
  jwk(): webcrypto.JsonWebKey {
    return { ...this.#privateKey().export({ format: 'jwk' }), key_ops: ['deriveBits'] };
  }

  toString(): string {
    return '[recovery key]';
  }

  toJSON(): string {
    return '[recovery key]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[recovery key]';
  }

  #privateKey(): ReturnType<typeof createPrivateKey> {
    const key = Buffer.concat([PRIVATE_PREFIX, this.#bytes]);
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  }
}

function checkOf(key: Buffer): Buffer {
  return createHash('sha256').update('lockhub recovery key').update(key).digest().subarray(0, CHECK_BYTES);
}

function digitsOf(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(new RegExp(`.{${BITS_A_DIGIT}}`, 'g')) ?? [];
  return groups.map((group) => DIGITS[Number.parseInt(group, 2)]).join('');
}

function bytesOf(digits: string): Buffer | undefined {
  if (digits.length !== ((KEY_BYTES + CHECK_BYTES) * 8) / BITS_A_DIGIT) return undefined;
  const values = digits.split('').map((digit) => DIGITS.indexOf(digit));
  if (values.includes(-1)) return undefined;
  const bits = values.map((value) => value.toString(2).padStart(BITS_A_DIGIT, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
