import { z } from 'zod';
import type { CommandRequest } from '../../core/command.ts';
import { allows, type Scope } from '../../core/scope.ts';
import { MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import { takeCommand } from '../commands.ts';
import { ApiProblem, invalidParameters, notFound } from '../problem.ts';
import type { ApiContext, Route } from '../route.ts';
import { pageCommandOf } from './command-object.ts';
import { idParam, pageRoute } from './page-route.ts';
import type { CommandAnswer } from './types.ts';

/** A person waits in front of the door: what has not begun by then is not to happen any more. */
const LIFETIME_MS = MINUTE_MS;
const PAIRING_SECONDS_MAX = 300;
const QR_CHARS_MAX = 500;

const radio = z.enum(['zwave', 'zigbee']);
const admission = {
  duration_seconds: z.int().min(1).max(PAIRING_SECONDS_MAX),
  qr: z.string().max(QR_CHARS_MAX).nullish(),
  pin: z
    .string()
    .regex(/^\d{5}$/, 'The five digits of the label.')
    .nullish(),
};

const wish = z.discriminatedUnion('type', [
  z.object({
    type: z.enum([
      'lock_door',
      'unlock_door',
      'identify',
      'reinterview',
      'self_test',
      'check_link',
      'remove_device',
    ]),
    device_id: idParam,
  }),
  z.object({ type: z.enum(['audit', 'ping']), device_id: idParam.nullish() }),
  z.object({ type: z.literal('set_keypad'), device_id: idParam, keypad_device_id: idParam.nullable() }),
  z.object({ type: z.literal('start_pairing'), radio, ...admission }),
  z.object({ type: z.literal('replace_device'), device_id: idParam, ...admission }),
  z.object({ type: z.literal('stop_pairing'), radio: radio.nullish() }),
]);

/** `/page/commands`: what is to happen once, and how it is. */
export const pageCommands: Route = pageRoute({
  path: '/page/commands',
  verbs: ['GET', 'POST'],
  scope: 'read',
  params: z.looseObject({ command_id: idParam.optional() }),
  act: (context, params): CommandAnswer | ApiProblem => {
    if (context.verb === 'POST') return begin(context, params);
    const command = context.store.commands.get(params.command_id ?? '');
    const shown = command && pageCommandOf(command);
    return shown === undefined ? notFound('command') : { command: shown };
  },
});

/** `/page/pairing/pin`: the digits that a lock has to be let in with, or `null` to go on without proof. */
export const pagePairingPin: Route = pageRoute({
  path: '/page/pairing/pin',
  verbs: ['POST'],
  scope: 'admin',
  params: z.object({ pin: admission.pin.unwrap() }),
  act: (context, { pin }): CommandAnswer => done(context, { type: 'enter_pairing_pin', pin: pin ?? null }),
});

function begin(context: ApiContext, params: unknown): CommandAnswer | ApiProblem {
  const read = wish.safeParse(params);
  if (!read.success) return invalidParameters(read.error);
  const { data } = read;
  const scope = scopeOf(data.type);
  if (!allows(context.caller.scopes, scope)) {
    return new ApiProblem(403, 'forbidden', `This needs a key with the scope ${scope}.`);
  }
  const deviceId = 'device_id' in data ? (data.device_id ?? null) : null;
  if (deviceId !== null && context.store.lockState(deviceId) === undefined) return notFound('device');
  return done(context, requestOf(data));
}

function done(context: ApiContext, request: CommandRequest): CommandAnswer {
  const durationMs = 'durationMs' in request ? request.durationMs : 0;
  const command = pageCommandOf(takeCommand(context, request, durationMs + LIFETIME_MS));
  if (command === undefined) throw new Error('a command that was made here was not understood');
  return { command };
}

/** Who is let in and out of the network is for those who look after the hub. */
function scopeOf(type: z.output<typeof wish>['type']): Scope {
  switch (type) {
    case 'start_pairing':
    case 'stop_pairing':
    case 'replace_device':
    case 'remove_device':
    case 'set_keypad':
      return 'admin';
    case 'lock_door':
    case 'unlock_door':
    case 'identify':
    case 'reinterview':
    case 'self_test':
    case 'check_link':
    case 'audit':
    case 'ping':
      return 'write';
  }
}

function requestOf(given: z.output<typeof wish>): CommandRequest {
  switch (given.type) {
    case 'lock_door':
    case 'unlock_door':
    case 'identify':
    case 'reinterview':
    case 'self_test':
    case 'check_link':
    case 'remove_device':
      return { type: given.type, deviceId: given.device_id };
    case 'audit':
    case 'ping':
      return { type: given.type, deviceId: given.device_id ?? null };
    case 'set_keypad':
      return { type: given.type, deviceId: given.device_id, keypadId: given.keypad_device_id };
    case 'start_pairing':
      return { type: given.type, radio: given.radio, ...admissionOf(given) };
    case 'replace_device':
      return { type: given.type, deviceId: given.device_id, ...admissionOf(given) };
    case 'stop_pairing':
      return { type: given.type, radio: given.radio ?? null };
  }
}

/** Somebody is at the page, so a lock that wants digits gets them asked for. */
function admissionOf({
  duration_seconds,
  qr,
  pin,
}: {
  readonly duration_seconds: number;
  readonly qr?: string | null | undefined;
  readonly pin?: string | null | undefined;
}) {
  return { durationMs: duration_seconds * SECOND_MS, qr: qr ?? null, pin: pin ?? null, asksForPin: true };
}
