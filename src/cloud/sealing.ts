import { generateKeyPairSync } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import type { SealedReply } from './messages/sealed.ts';

/** `SEALING_SUITE` in base mode (RFC 9180), one message for each encapsulation. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** A pair of X25519: 32 bytes each, as base64url without padding. */
export interface KeyPair {
  readonly publicKey: string;
  /** Kept nowhere but among the hub's secrets. */
  readonly privateKey: string;
}

export function makeKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync('x25519');
  const { x, d } = privateKey.export({ format: 'jwk' });
  if (x === undefined || d === undefined) throw new Error('A new key has no key in it.');
  return { publicKey: x, privateKey: d };
}

/**
 * Seals a PIN for whoever holds the private half of `replyKey` (`publicKeySchema`). `info` and `aad` as in
 * `messages/sealed.ts`. `undefined`: the key is well formed and still none that anything could be sealed to.
 */
export async function sealReply(
  replyKey: string,
  text: string,
  info: string,
  aad: string,
): Promise<SealedReply | undefined> {
  const key = await suite.kem.deserializePublicKey(fromBase64url(replyKey));
  try {
    const sealed = await suite.seal(
      { recipientPublicKey: key, info: Buffer.from(info) },
      Buffer.from(text),
      Buffer.from(aad),
    );
    return { enc: toBase64url(sealed.enc), ciphertext: toBase64url(sealed.ct) };
  } catch {
    return undefined;
  }
}

/** Opens what was sealed to this pair. `undefined`: sealed to another key or for another place, or damaged. */
export async function openSealed(
  { publicKey, privateKey }: KeyPair,
  { enc, ciphertext }: SealedReply,
  info: string,
  aad: string,
): Promise<string | undefined> {
  const jwk = { kty: 'OKP', crv: 'X25519', x: publicKey, d: privateKey, key_ops: ['deriveBits'] };
  const key = await suite.kem.importKey('jwk', jwk, false);
  try {
    const opened = await suite.open(
      { recipientKey: key, enc: fromBase64url(enc), info: Buffer.from(info) },
      fromBase64url(ciphertext),
      Buffer.from(aad),
    );
    return Buffer.from(opened).toString();
  } catch {
    return undefined;
  }
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, 'base64url'));
}

function toBase64url(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString('base64url');
}
