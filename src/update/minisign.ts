import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { UpdateError } from './errors.ts';

// The format of minisign: https://jedisct1.github.io/minisign/ (signature and public key formats).

/** "Ed": a public key. */
const KEY_MARK = 'Ed';
/** "ED": a signature over the BLAKE2b-512 digest of a file; older ones over the file itself are not taken. */
const SIGNATURE_MARK = 'ED';
const MARK_BYTES = 2;
const ID_BYTES = 8;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const TRUSTED = 'trusted comment: ';
/** A `.minisig` has some hundred. */
export const SIGNATURE_TEXT_MAX = 4096;

interface PublicKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** A signature whose comment was signed by a key that is trusted; the file it is of has still to be looked at. */
export interface Signature {
  readonly trustedComment: string;
  /** Throws `UpdateError` unless these are the file's bytes. */
  check(file: string): Promise<void>;
}

/** Reads the text of a `.minisig` file. Throws `UpdateError` unless it is of one of these keys (base64, as minisign prints them). */
export function readSignature(text: string, publicKeys: readonly string[]): Signature {
  const [, packed = '', comment = '', global = ''] = text.split(/\r?\n/);
  const bytes = Buffer.from(packed, 'base64');
  const isWhole = bytes.length === MARK_BYTES + ID_BYTES + SIGNATURE_BYTES && comment.startsWith(TRUSTED);
  if (!isWhole || bytes.toString('latin1', 0, MARK_BYTES) !== SIGNATURE_MARK) {
    throw new UpdateError('The signature is none of minisign with a hashed file.');
  }
  const id = bytes.toString('hex', MARK_BYTES, MARK_BYTES + ID_BYTES);
  const signature = bytes.subarray(MARK_BYTES + ID_BYTES);
  const trustedComment = comment.slice(TRUSTED.length);
  const signed = Buffer.concat([signature, Buffer.from(trustedComment)]);
  const key = publicKeys.map(publicKeyOf).find((each) => each.id === id)?.key;
  if (key === undefined) throw new UpdateError('The signature is of a key that this hub does not trust.');
  if (!verify(null, signed, key, Buffer.from(global, 'base64'))) throw notSigned();
  return {
    trustedComment,
    check: async (file) => {
      if (!verify(null, await digestOf(file), key, signature)) throw notSigned();
    },
  };
}

/** Whether a text is a public key as minisign prints it. */
export function isPublicKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return (
    bytes.length === MARK_BYTES + ID_BYTES + KEY_BYTES && bytes.toString('latin1', 0, MARK_BYTES) === KEY_MARK
  );
}

function publicKeyOf(text: string): PublicKey {
  const bytes = Buffer.from(text, 'base64');
  const x = bytes.toString('base64url', MARK_BYTES + ID_BYTES);
  return {
    id: bytes.toString('hex', MARK_BYTES, MARK_BYTES + ID_BYTES),
    key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
  };
}

async function digestOf(file: string): Promise<Buffer> {
  const hash = createHash('blake2b512');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest();
}

function notSigned(): UpdateError {
  return new UpdateError('The signature does not fit: the update was changed or damaged on its way.');
}
