import { z } from 'zod';
import type { CommandError, CommandRequest, CommandType } from '../../core/command.ts';
import { SECOND_MS, type Instant } from '../../core/time.ts';
import { time as timeText } from '../../wire/access-code.ts';
import { codeIdSchema } from './entry.ts';
import { MAJOR_VERSION } from './payload.ts';
import { rejected, type Parsed } from './rejection.ts';
import { publicKeySchema, sealedSecretSchema } from './sealed.ts';
import { idSchema } from './topics.ts';

const PAIRING_SECONDS_MAX = 300;
const PIN_LENGTH_MAX = 12;
const QR_LENGTH_MAX = 500;
const URL_LENGTH_MAX = 2000;
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
} satisfies Readonly<Record<CommandType, z.ZodObject>>;

type Params<Type extends CommandType> = z.output<(typeof commandParams)[Type]>;

const time = z.iso.datetime({ offset: true }).transform((iso) => Date.parse(iso));

/** `down/command`, but for its parameters, which depend on its type. */
export const commandSchema = z.object({
  command_id: codeIdSchema.describe(
    'An id that the cloud chose. It makes the command happen once: sent again within 30 days, only the result comes again.',
  ),
  type: z.string(),
  expires_at: time.describe(
    'ISO 8601 with `Z` or an offset, at most 30 days ahead. Not begun by then, it does not happen.',
  ),
  params: z.unknown().optional(),
});

/** A command as it came: understood, or with the words for its sender. */
export interface ReadCommand {
  readonly commandId: string;
  readonly type: string;
  readonly expiresAt: Instant;
  readonly request: CommandRequest | { readonly invalid: string };
}

/** Reads a command. One that has no id or no end can't be answered, so it is rejected as a message. */
export function readCommand(value: unknown): Parsed<ReadCommand> {
  const parsed = commandSchema.safeParse(value);
  if (!parsed.success) return rejected('invalid_message');
  const { command_id, type, expires_at, params } = parsed.data;
  return {
    ok: true,
    value: { commandId: command_id, type, expiresAt: expires_at, request: requestOf(type, params ?? {}) },
  };
}

function requestOf(type: string, params: unknown): ReadCommand['request'] {
  if (!isCommandType(type)) return { invalid: 'type: no such command.' };
  const read = commandParams[type].safeParse(params);
  if (!read.success) return { invalid: `params.${paramsProblem(read.error)}` };
  return requestFrom(type, read.data);
}

function isCommandType(type: string): type is CommandType {
  return Object.hasOwn(commandParams, type);
}

/** The field and the rule, never what was sent: it could be a PIN. */
function paramsProblem({ issues: [first] }: z.ZodError): string {
  return `${first?.path.join('.') ?? ''}: is missing or not as the contract says.`;
}

function requestFrom(type: CommandType, params: unknown): CommandRequest {
  switch (type) {
    case 'lock_door':
    case 'unlock_door':
    case 'identify':
    case 'reinterview':
    case 'self_test':
    case 'check_link':
    case 'remove_device':
      return { type, deviceId: (params as Params<typeof type>).device_id };
    case 'ping':
    case 'audit':
      return { type, deviceId: (params as Params<typeof type>).device_id ?? null };
    case 'pull_backup_access_code':
    case 'reveal_code': {
      const { device_id, access_code_id, reply_key } = params as Params<typeof type>;
      return { type, deviceId: device_id, accessCodeId: access_code_id, replyKey: reply_key ?? null };
    }
    case 'generate_code': {
      const { device_id, preferred_code_length, reply_key } = params as Params<typeof type>;
      const preferredCodeLength = preferred_code_length ?? null;
      return { type, deviceId: device_id, preferredCodeLength, replyKey: reply_key };
    }
    case 'diagnostics':
      return { type };
    case 'update': {
      const { url, signature, allow_downgrade } = params as Params<typeof type>;
      return { type, url, signature, allowDowngrade: allow_downgrade ?? false };
    }
    case 'resend_events':
      return { type, afterSeq: (params as Params<typeof type>).after_seq };
    case 'set_keypad': {
      const { device_id, keypad_device_id } = params as Params<typeof type>;
      return { type, deviceId: device_id, keypadId: keypad_device_id };
    }
    case 'set_offline_secret': {
      const { secret_id, sealed_secret } = params as Params<typeof type>;
      return { type, secretId: secret_id, sealedSecret: sealed_secret };
    }
    case 'start_pairing': {
      const given = params as Params<typeof type>;
      return { type, radio: given.radio, ...admissionOf(given) };
    }
    case 'replace_device': {
      const given = params as Params<typeof type>;
      return { type, deviceId: given.device_id, ...admissionOf(given) };
    }
    case 'enter_pairing_pin':
      return { type, pin: (params as Params<typeof type>).pin };
    case 'stop_pairing':
      return { type, radio: (params as Params<typeof type>).radio ?? null };
  }
}

/** Nobody can be asked over MQTT for digits that a lock shows: what is needed has to come with the command. */
function admissionOf({ duration_seconds, qr, pin }: Params<'start_pairing' | 'replace_device'>) {
  return {
    durationMs: duration_seconds * SECOND_MS,
    qr: qr ?? null,
    pin: pin ?? null,
    asksForPin: false,
  };
}

const COMMAND_ERRORS = [
  'invalid_input',
  'unknown_device',
  'unsupported',
  'clock_uncertain',
  'device_offline',
  'device_online',
  'radio_down',
  'no_answer',
  'refused_by_lock',
  'jammed',
  'access_code_not_found',
  'access_code_not_time_bound',
  'backup_access_code_not_found',
  'no_code_possible',
  'busy',
  'interrupted',
  'timed_out',
  'update_refused',
  'update_failed',
  'hub_fault',
] as const satisfies readonly CommandError[];

/** `up/result`: how far a command is. The last state is sent again whenever its command is sent again. */
export const resultSchema = z.object({
  v: z.literal(MAJOR_VERSION).describe('Major version of the contract.'),
  command_id: z.string(),
  type: z.string().describe('As it was sent, known or not.'),
  state: z
    .enum(['accepted', 'running', 'succeeded', 'failed', 'expired'])
    .describe('`accepted`: stored. `running`: begun, so that it is not begun again. The others are the end.'),
  at: timeText.describe('When it came into this state.'),
  result: z
    .record(z.string(), z.unknown())
    .describe('Of a command that succeeded; its fields depend on the type.')
    .optional(),
  error: z
    .object({
      code: z.enum(COMMAND_ERRORS),
      message: z.string().describe('For people; its words may change.'),
    })
    .describe('Of a command that failed.')
    .optional(),
});

export type Result = z.infer<typeof resultSchema>;
