import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { z } from 'zod';
import { BackupError } from './errors.ts';
import { RECIPIENTS_MAX, recipientSchema } from './recipients.ts';

/**
 * A backup file, version 1:
 *
 *     8 bytes   "LHBACKUP"
 *     1 byte    version of the format
 *     4 bytes   length of the header, big endian
 *     …         header: JSON, in clear
 *     …         chunks: 64 KiB of the compressed content each, the last one less, and a tag of 16 bytes behind each
 *     32 bytes  SHA-256 of all before, whatever the version
 *
 * Chunks are AES-256-GCM by the content key of this one file. The nonce of a chunk is its number (11 bytes, big endian)
 * and one byte that is 1 for the last, as in age's STREAM, so that none can be left out, moved or cut off. The SHA-256 of
 * all that stands before the first chunk is authenticated with each.
 */
export const MAGIC = Buffer.from('LHBACKUP');
export const FORMAT_VERSION = 1;
export const CHUNK_BYTES = 64 * 1024;
export const TAG_BYTES = 16;
export const CHECKSUM_BYTES = 32;
/** Up to and including the length of the header. */
export const PREFIX_BYTES = MAGIC.length + 1 + 4;
export const HEADER_BYTES_MAX = 64 * 1024;

const CIPHER = 'aes-256-gcm';
const NUMBER_BYTES = 11;

/** What can be read of a backup without a key. */
const headerSchema = z.object({
  hub_id: z.string(),
  /** When it was made, by the clock of the hub. */
  made_at: z.iso.datetime(),
  /** Of the program that made it. */
  version: z.string(),
  /** Why it was made. */
  reason: z.enum(['nightly', 'on_demand', 'before_risk']),
  /** Of all that lasts in the database, which is sealed in it: two backups with the same one differ in nothing else. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  recipients: z.array(recipientSchema).min(1).max(RECIPIENTS_MAX),
});

export type BackupHeader = z.output<typeof headerSchema>;

/** All that stands before the first chunk. */
export function frontOf(header: BackupHeader): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  if (text.length > HEADER_BYTES_MAX) throw new Error('The header of a backup is too long.');
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt8(FORMAT_VERSION, MAGIC.length);
  prefix.writeUInt32BE(text.length, MAGIC.length + 1);
  return Buffer.concat([prefix, text]);
}

/** The header in a text whose checksum was right. Throws `BackupError` of kind `damaged`. */
export function parseHeader(text: string): BackupHeader {
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new BackupError('damaged', 'The header of the backup makes no sense.', { cause: error });
  }
}

/** Seals and opens the chunks of one file. */
export class Chunks {
  readonly #key: Uint8Array;
  readonly #bound: Buffer;

  constructor(contentKey: Uint8Array, front: Uint8Array) {
    this.#key = contentKey;
    this.#bound = createHash('sha256').update(front).digest();
  }

  seal(chunk: Uint8Array, number: number, isLast: boolean): Buffer {
    const cipher = createCipheriv(CIPHER, this.#key, nonceOf(number, isLast), { authTagLength: TAG_BYTES });
    cipher.setAAD(this.#bound);
    return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws `BackupError` of kind `damaged`. */
  open(sealed: Uint8Array, number: number, isLast: boolean): Buffer {
    if (sealed.length < TAG_BYTES) throw damagedAt(number);
    const nonce = nonceOf(number, isLast);
    const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(this.#bound);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const opened = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
    try {
      return Buffer.concat([opened, decipher.final()]);
    } catch {
      throw damagedAt(number);
    }
  }
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(NUMBER_BYTES + 1);
  nonce.writeUIntBE(number, NUMBER_BYTES - 6, 6);
  nonce.writeUInt8(isLast ? 1 : 0, NUMBER_BYTES);
  return nonce;
}

function damagedAt(number: number): BackupError {
  return new BackupError('damaged', `The backup is damaged: chunk ${number} is not what was written.`);
}
