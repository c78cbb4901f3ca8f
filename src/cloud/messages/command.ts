import { z } from 'zod';
import type { CommandError, CommandRequest, CommandType } from '../../core/command.ts';
import { SECOND_MS, type Instant } from '../../core/time.ts';
import { time as timeText } from '../../wire/access-code.ts';
import { commandParams, type Params } from './command-params.ts';
import { codeIdSchema } from './entry.ts';
import { MAJOR_VERSION } from './payload.ts';
import { rejected, type Parsed } from './rejection.ts';

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
    case 'rotate_key':
      return { type };
    case 'make_backup':
      return { type, uploadUrl: (params as Params<typeof type>).upload_url ?? null };
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
    case 'wipe':
      return wipeFrom(params as Params<typeof type>);
  }
}

function wipeFrom({ hub_id, epoch, codes, reason, signature }: Params<'wipe'>): CommandRequest {
  const asked = { codes: codes ?? 'keep', reason: reason ?? '', signature: signature ?? null } as const;
  return { type: 'wipe', hubId: hub_id, epoch, ...asked };
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
  'backup_failed',
  'upload_failed',
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
