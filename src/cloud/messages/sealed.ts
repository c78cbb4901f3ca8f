import { z } from 'zod';
import { time } from '../../wire/access-code.ts';

/** Names of algorithms as in RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, base mode. */
export const SEALING_SUITE = 'x25519-hkdf-sha256/hkdf-sha256/aes-256-gcm';

/** The `info` of HPKE, so that nothing sealed for one purpose opens for the other. */
export const CODE_INFO = 'lockhub v1 sealed code';
export const REPLY_INFO = 'lockhub v1 sealed reply';
export const SECRET_INFO = 'lockhub v1 sealed offline secret';

const SEALED_LENGTH_MAX = 200;

const base64url = (length: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(length);

export const publicKeySchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .describe('A public key of X25519: 32 bytes as base64url without padding.');

export const sealedReplySchema = z
  .object({
    enc: publicKeySchema.describe('The encapsulated key of HPKE: 32 bytes as base64url without padding.'),
    ciphertext: base64url(SEALED_LENGTH_MAX).describe('Digits and tag, as base64url without padding.'),
  })
  .describe('A PIN, sealed by the hub with HPKE to the `reply_key` of the command.');

export const sealedCodeSchema = sealedReplySchema
  .extend({ key_id: base64url(64).describe("The hub's key that it is sealed to, as `up/hello` tells it.") })
  .describe("A PIN on its way to the hub, sealed with HPKE to the hub's public key.");

export const sealedSecretSchema = sealedCodeSchema.describe(
  "A secret of offline codes on its way to the hub: 32 bytes as base64url without padding, sealed with HPKE to the hub's public key.",
);

export const sealingKeySchema = z
  .object({
    key_id: z.string().describe('Changes when the hub makes a new key.'),
    suite: z
      .literal(SEALING_SUITE)
      .describe('Names of RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, base mode.'),
    public_key: publicKeySchema,
  })
  .describe("The hub's newest public key for sealed PINs. Some older ones open for a while, too.");

export const acceptedSecretsSchema = z
  .array(
    z.object({
      secret_id: z.string(),
      accepted_until: time.nullable().describe('`null`: until another one replaces it.'),
    }),
  )
  .describe('The secrets whose offline codes open, by their ids, the newest first.');

export type AcceptedSecret = z.infer<typeof acceptedSecretsSchema>[number];
export type SealedCode = z.infer<typeof sealedCodeSchema>;
export type SealedReply = z.infer<typeof sealedReplySchema>;
export type SealingKey = z.infer<typeof sealingKeySchema>;

/** What a sealed code belongs to: moved to another code, lock, hub or document, it does not open. */
export interface CodePlace {
  readonly hubId: string;
  readonly deviceId: string;
  readonly accessCodeId: string;
  readonly generation: number;
  readonly version: number;
}

/** The associated data (`aad`) of a sealed code. The `device_id` in lower case, the others as they were sent. */
export function codeAad({ hubId, deviceId, accessCodeId, generation, version }: CodePlace): string {
  return `lockhub/v1/${hubId}/${deviceId}/${accessCodeId}/${generation}/${version}`;
}

/** The associated data (`aad`) of a secret of offline codes. */
export function secretAad(hubId: string, secretId: string): string {
  return `lockhub/v1/${hubId}/${secretId}`;
}

/** The associated data (`aad`) of a PIN in the result of a command. */
export function replyAad(hubId: string, commandId: string): string {
  return `lockhub/v1/${hubId}/${commandId}`;
}
