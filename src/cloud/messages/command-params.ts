import { z } from 'zod';
import type { CommandType } from '../../core/command.ts';
import { codeIdSchema } from './entry.ts';
import { publicKeySchema, sealedSecretSchema } from './sealed.ts';
import { idSchema } from './topics.ts';

const PAIRING_SECONDS_MAX = 300;
const PIN_LENGTH_MAX = 12;
const QR_LENGTH_MAX = 500;
const URL_LENGTH_MAX = 4000;
const WIPE_REASON_MAX = 200;
const SIGNATURE_LENGTH_MAX = 4096;

const oneLock = z.object({ device_id: idSchema });
const maybeOneLock = z.object({ device_id: idSchema.nullish() });
const replyKey = publicKeySchema.describe(
  'A public key of the sender (X25519, 32 bytes as base64url) that the PIN of the result is sealed to.',
);
const oneCode = z.object({
  device_id: idSchema,
  access_code_id: codeIdSchema,
  reply_key: replyKey.nullish(),
});
const radio = z.enum(['zwave', 'zigbee']);

const pairingPin = z.string().regex(/^\d{5}$/);
const letIn = {
  duration_seconds: z
    .int()
    .min(1)
    .max(PAIRING_SECONDS_MAX)
    .describe('How long locks may join; the first one ends it.'),
  qr: z
    .string()
    .max(QR_LENGTH_MAX)
    .nullish()
    .describe("The text of the lock's QR code, which says who it is and lets it in securely."),
  pin: pairingPin
    .nullish()
    .describe('The five digits that a lock shows or has on its label, to be let in securely.'),
};

/** The parameters of each type of command. */
export const commandParams = {
  lock_door: oneLock,
  unlock_door: oneLock,
  identify: oneLock,
  reinterview: oneLock,
  ping: maybeOneLock,
  audit: maybeOneLock,
  pull_backup_access_code: oneCode,
  reveal_code: oneCode,
  set_keypad: z.object({
    device_id: idSchema.describe('The lock.'),
    keypad_device_id: idSchema.nullable().describe('The keypad; `null`: no keypad opens the lock any more.'),
  }),
  set_offline_secret: z.object({
    secret_id: codeIdSchema.describe('A name that the cloud chose, another for each secret.'),
    sealed_secret: sealedSecretSchema,
  }),
  generate_code: z.object({
    device_id: idSchema,
    preferred_code_length: z.int().min(4).max(PIN_LENGTH_MAX).nullish(),
    reply_key: replyKey,
  }),
  diagnostics: z.object({}),
  make_backup: z.object({
    upload_url: z
      .string()
      .regex(/^https?:\/\/\S+$/)
      .max(URL_LENGTH_MAX)
      .nullish()
      .describe(
        'Where the hub puts the file by an HTTP `PUT`, such as a presigned address of an object store. The file is sealed, so plain `http` tells nobody what is in it.',
      ),
  }),
  rotate_key: z.object({}),
  update: z.object({
    url: z
      .string()
      .regex(/^https?:\/\/\S+$/)
      .max(URL_LENGTH_MAX)
      .describe('Where the archive is, over HTTP or HTTPS: what counts is its signature.'),
    signature: z
      .string()
      .max(SIGNATURE_LENGTH_MAX)
      .describe('The text of its `.minisig` file, all four lines.'),
    allow_downgrade: z.boolean().nullish().describe('An older version than the one that runs is meant.'),
  }),
  resend_events: z.object({
    after_seq: z
      .int()
      .nonnegative()
      .describe('Events above it that the cloud has not acknowledged are sent once more.'),
  }),
  self_test: oneLock,
  check_link: oneLock,
  start_pairing: z.object({ radio, ...letIn }),
  stop_pairing: z.object({ radio: radio.nullish() }),
  remove_device: oneLock,
  replace_device: z.object({ device_id: idSchema, ...letIn }),
  enter_pairing_pin: z.object({
    pin: pairingPin.nullable().describe('`null`: nobody has them; then the lock may get in without proof.'),
  }),
  wipe: z.object({
    hub_id: z.string().describe('The same as in the topic.'),
    epoch: z
      .string()
      .describe('Of the event log of this hub (`up/hello`). A hub that was wiped has another one.'),
    codes: z
      .enum(['keep', 'remove'])
      .nullish()
      .describe(
        '`keep` (default): only codes that have ended are taken off the locks first. `remove`: all codes.',
      ),
    reason: z
      .string()
      .regex(/^[^\p{Cc}]*$/u)
      .max(WIPE_REASON_MAX)
      .nullish()
      .describe('Shown on the page of the hub.'),
    signature: z
      .string()
      .regex(/^[A-Za-z0-9_-]{86}$/)
      .nullish()
      .describe(
        'Ed25519, as base64url, over the lines `lockhub wipe 1`, `hub_id`, `epoch`, `command_id`, `expires_at` (UTC with milliseconds and `Z`), `codes` and `reason`, joined by line feeds. Needed where the hub has a `cloud.wipe_public_key`.',
      ),
  }),
} satisfies Readonly<Record<CommandType, z.ZodObject>>;

/** The parameters of one type, as they were read. */
export type Params<Type extends CommandType> = z.output<(typeof commandParams)[Type]>;
