import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { generateKeyPairSync } from 'node:crypto';
import { z } from 'zod';
import type { Result } from '../cloud/messages/command.ts';
import {
  CODE_INFO,
  codeAad,
  REPLY_INFO,
  replyAad,
  SECRET_INFO,
  secretAad,
  type CodePlace,
  type SealedCode,
  sealedReplySchema,
  type SealedReply,
  type SealingKey,
} from '../cloud/messages/sealed.ts';
import { metaOf, setMeta, type CloudDatabase } from './database.ts';
import type { Document } from './documents.ts';
import type { SharedSecret } from './offline-secret.ts';

/** `SEALING_SUITE` of the contract. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

const keySchema = z.object({ kty: z.literal('OKP'), crv: z.literal('X25519'), x: z.string(), d: z.string() });

/** A pair of this cloud's own, as JWK. PINs in the results of commands are sealed to its public half. */
export type ReplyKey = z.infer<typeof keySchema>;

/** The pair of this database, made at the first call. */
export function replyKeyOf(database: CloudDatabase): ReplyKey {
  const stored = metaOf(database, 'reply_key');
  if (stored !== undefined) return keySchema.parse(JSON.parse(stored));
  const { privateKey } = generateKeyPairSync('x25519');
  const key = keySchema.parse(privateKey.export({ format: 'jwk' }));
  setMeta(database, 'reply_key', JSON.stringify(key));
  return key;
}

/** The same document with every `code` sealed to the hub's key. */
export async function sealedDocument(
  document: Document,
  place: Omit<CodePlace, 'accessCodeId'>,
  key: SealingKey,
): Promise<Document> {
  const codes = document.codes.map(async (entry) => {
    const { code, ...rest } = entry;
    if (typeof code !== 'string') return entry;
    const aad = codeAad({ ...place, accessCodeId: entry.access_code_id });
    return { ...rest, sealed_code: await seal(code, key, CODE_INFO, aad) };
  });
  return { ...document, codes: await Promise.all(codes) };
}

/** A secret of offline codes, sealed to the hub's key. */
export function sealedSecret(
  { secretId, secret }: SharedSecret,
  hubId: string,
  key: SealingKey,
): Promise<SealedCode> {
  return seal(secret, key, SECRET_INFO, secretAad(hubId, secretId));
}

async function seal(text: string, key: SealingKey, info: string, aad: string): Promise<SealedCode> {
  const publicKey = await suite.kem.deserializePublicKey(bytesOf(key.public_key));
  const { enc, ct } = await suite.seal(
    { recipientPublicKey: publicKey, info: Buffer.from(info) },
    Buffer.from(text),
    Buffer.from(aad),
  );
  return { key_id: key.key_id, enc: textOf(enc), ciphertext: textOf(ct) };
}

/** The PIN in the result of a command, in whatever field it is; `undefined`: there is none that opens. */
export async function openedResult(
  result: Result | null | undefined,
  hubId: string,
  key: ReplyKey,
): Promise<string | undefined> {
  for (const field of Object.values(result?.result ?? {})) {
    const sealed = sealedReplySchema.safeParse(field);
    if (sealed.success && result) return openReply(sealed.data, hubId, result.command_id, key);
  }
  return undefined;
}

async function openReply(
  { enc, ciphertext }: SealedReply,
  hubId: string,
  commandId: string,
  key: ReplyKey,
): Promise<string | undefined> {
  const privateKey = await suite.kem.importKey('jwk', { ...key, key_ops: ['deriveBits'] }, false);
  try {
    const opened = await suite.open(
      { recipientKey: privateKey, enc: bytesOf(enc), info: Buffer.from(REPLY_INFO) },
      bytesOf(ciphertext),
      Buffer.from(replyAad(hubId, commandId)),
    );
    return Buffer.from(opened).toString();
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
