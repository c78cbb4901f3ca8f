import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

/**
 * HPKE in base mode for one message, as RFC 9180 describes it, for DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and
 * AES-256-GCM. It shares no code with the hub and its library, so that each can be checked by the other.
 */

const HASH_BYTES = 32;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

const KEM_SUITE = Buffer.concat([Buffer.from('KEM'), uint16(0x0020)]);
const HPKE_SUITE = Buffer.concat([Buffer.from('HPKE'), uint16(0x0020), uint16(0x0001), uint16(0x0002)]);

export interface Sealed {
  readonly enc: Buffer;
  readonly ciphertext: Buffer;
}

/** What is sealed beside the text: section 5.1 of the RFC. */
export interface Binding {
  readonly info: string;
  readonly aad: string;
}

/** A private key from its 32 bytes, or a new one. */
export function privateKey(bytes?: Buffer): KeyObject {
  if (bytes === undefined) return generateKeyPairSync('x25519').privateKey;
  // RFC 8410: the fixed beginning of such a key in PKCS #8.
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), bytes]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

export function publicBytes(key: KeyObject): Buffer {
  const der = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' });
  return der.subarray(-KEY_BYTES);
}

/** Seals a text to 32 bytes of a public key. */
export function seal(publicKey: Buffer, text: string, binding: Binding, ephemeral = privateKey()): Sealed {
  const enc = publicBytes(ephemeral);
  const shared = diffieHellman({ privateKey: ephemeral, publicKey: publicFrom(publicKey) });
  const { key, nonce } = schedule(shared, Buffer.concat([enc, publicKey]), binding.info);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(binding.aad));
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { enc, ciphertext };
}

/** Throws when it does not open. */
export function open(own: KeyObject, { enc, ciphertext }: Sealed, binding: Binding): string {
  const shared = diffieHellman({ privateKey: own, publicKey: publicFrom(enc) });
  const { key, nonce } = schedule(shared, Buffer.concat([enc, publicBytes(own)]), binding.info);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(binding.aad));
  decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final()]).toString();
}

function publicFrom(bytes: Buffer): KeyObject {
  const der = Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), bytes]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}

/** Sections 4.1 and 5.1: the key and the nonce of the first message. */
function schedule(dh: Buffer, kemContext: Buffer, info: string): { key: Buffer; nonce: Buffer } {
  const eaePrk = extract(KEM_SUITE, '', 'eae_prk', dh);
  const shared = expand(KEM_SUITE, eaePrk, 'shared_secret', kemContext, HASH_BYTES);
  const context = Buffer.concat([
    Buffer.from([0]),
    extract(HPKE_SUITE, '', 'psk_id_hash', Buffer.alloc(0)),
    extract(HPKE_SUITE, '', 'info_hash', Buffer.from(info)),
  ]);
  const secret = extract(HPKE_SUITE, shared, 'secret', Buffer.alloc(0));
  return {
    key: expand(HPKE_SUITE, secret, 'key', context, KEY_BYTES),
    nonce: expand(HPKE_SUITE, secret, 'base_nonce', context, NONCE_BYTES),
  };
}

/** LabeledExtract of section 4. */
function extract(suite: Buffer, salt: Buffer | '', label: string, material: Buffer): Buffer {
  const labeled = Buffer.concat([Buffer.from('HPKE-v1'), suite, Buffer.from(label), material]);
  return createHmac('sha256', salt).update(labeled).digest();
}

/** LabeledExpand of section 4, of which no length here needs more than one round. */
function expand(suite: Buffer, key: Buffer, label: string, info: Buffer, length: number): Buffer {
  const labeled = [uint16(length), Buffer.from('HPKE-v1'), suite, Buffer.from(label), info, Buffer.from([1])];
  return createHmac('sha256', key).update(Buffer.concat(labeled)).digest().subarray(0, length);
}
