import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { z } from 'zod';
import type { HubKey } from '../store/key.ts';
import { RecoveryKey } from './recovery-key.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What the hub's own key is derived for, and what seals are bound to. */
const PURPOSE = 'backup';
const INFO = Buffer.from('lockhub backup v1');
/** Readers of one backup, the hub itself among them. */
export const RECIPIENTS_MAX = 9;

/** RFC 9180 in base mode. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

/** For whom the key of a backup is wrapped: the hub that made it, and holders of recovery keys. */
export const recipientSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hub'), wrapped: base64url }),
  z.object({ kind: z.literal('recovery'), public_key: base64url, enc: base64url, wrapped: base64url }),
]);

export type Recipient = z.output<typeof recipientSchema>;

/** Who may open a backup: by the key file of the hub, or by a recovery key. */
export type Opener = HubKey | RecoveryKey;

/** Wraps the key of a backup for the hub itself and for each public half of a recovery key (base64url). */
export async function wrapFor(
  contentKey: Uint8Array,
  hubKey: HubKey,
  publicKeys: readonly string[],
): Promise<readonly Recipient[]> {
  const others = publicKeys.map(async (publicKey): Promise<Recipient> => {
    const recipientPublicKey = await suite.kem.deserializePublicKey(bytesOf(publicKey));
    const { enc, ct } = await suite.seal({ recipientPublicKey, info: INFO }, Buffer.from(contentKey));
    return { kind: 'recovery', public_key: publicKey, enc: textOf(enc), wrapped: textOf(ct) };
  });
  return [{ kind: 'hub', wrapped: wrapForHub(contentKey, hubKey) }, ...(await Promise.all(others))];
}

/** The key of a backup; `undefined`: it was not made for this opener. */
export async function unwrap(
  recipients: readonly Recipient[],
  opener: Opener,
): Promise<Uint8Array | undefined> {
  for (const recipient of recipients) {
    const key =
      opener instanceof RecoveryKey
        ? await unwrapRecovery(recipient, opener)
        : unwrapForHub(recipient, opener);
    if (key !== undefined) return key;
  }
  return undefined;
}

function wrapForHub(contentKey: Uint8Array, hubKey: HubKey): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, hubKey.derive(PURPOSE), nonce, { authTagLength: TAG_BYTES });
  const wrapped = Buffer.concat([cipher.update(contentKey), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), wrapped]).toString('base64url');
}

function unwrapForHub(recipient: Recipient, hubKey: HubKey): Uint8Array | undefined {
  if (recipient.kind !== 'hub') return undefined;
  const sealed = Buffer.from(recipient.wrapped, 'base64url');
  if (sealed.length <= NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, hubKey.derive(PURPOSE), nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const key = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES));
  try {
    decipher.final();
    return key;
  } catch {
    return undefined;
  }
}

async function unwrapRecovery(recipient: Recipient, key: RecoveryKey): Promise<Uint8Array | undefined> {
  if (recipient.kind !== 'recovery' || recipient.public_key !== key.publicKey) return undefined;
  const recipientKey = await suite.kem.importKey('jwk', key.jwk(), false);
  try {
    const enc = bytesOf(recipient.enc);
    return new Uint8Array(await suite.open({ recipientKey, enc, info: INFO }, bytesOf(recipient.wrapped)));
  } catch {
    return undefined;
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, 'base64url'));
}

function textOf(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString('base64url');
}
