import { z } from 'zod';
import { simulatedCode, simulatedCodeParameters } from '../simulate/code.ts';
import { simulateConnection, simulateRemoval } from '../simulate/presence.ts';
import { pressLock, typePin } from '../simulate/keypad.ts';
import { actionAttemptSchema } from '../action-attempts.ts';
import { shownUnmanagedSchema } from '../codes/context.ts';
import { route, type Route } from '../route.ts';

const nothing = z.object({});
const ofDevice = z.object({ device_id: z.string() });
const typed = z.string().regex(/^[0-9]{1,32}$/, 'digits');
const attempt = z.object({ action_attempt: actionAttemptSchema });

/** What a person at a lock could do, where the locks are those of a simulated house. */
export const simulate: readonly Route[] = [
  route({
    path: '/access_codes/simulate/create_unmanaged_access_code',
    verbs: ['POST'],
    scope: 'write',
    summary: 'Somebody puts a PIN into a simulated lock; answers when the hub has found it.',
    params: simulatedCodeParameters,
    answer: z.object({ access_code: shownUnmanagedSchema }),
    act: simulatedCode,
  }),
  route({
    path: '/locks/simulate/keypad_code_entry',
    verbs: ['POST'],
    scope: 'write',
    summary: 'Somebody types a PIN at a simulated lock.',
    params: ofDevice.extend({ code: typed }),
    answer: attempt,
    act: (context, { device_id, code }) => typePin(context, device_id, code),
  }),
  route({
    path: '/locks/simulate/manual_lock_via_keypad',
    verbs: ['POST'],
    scope: 'write',
    summary: 'Somebody presses the lock button of a simulated lock.',
    params: ofDevice,
    answer: attempt,
    act: (context, { device_id }) => pressLock(context, device_id),
  }),
  route({
    path: '/devices/simulate/connect',
    verbs: ['POST'],
    scope: 'write',
    summary: 'A simulated lock that was silent is on the radio again.',
    params: ofDevice,
    answer: nothing,
    act: (context, { device_id }) => simulateConnection(context, device_id, true),
  }),
  route({
    path: '/devices/simulate/disconnect',
    verbs: ['POST'],
    scope: 'write',
    summary: 'A simulated lock falls silent on the radio.',
    params: ofDevice,
    answer: nothing,
    act: (context, { device_id }) => simulateConnection(context, device_id, false),
  }),
  route({
    path: '/devices/simulate/remove',
    verbs: ['POST'],
    scope: 'admin',
    summary: 'A simulated lock is told at its keypad to leave the radio network, and the hub lets it go.',
    params: ofDevice,
    answer: nothing,
    act: (context, { device_id }) => simulateRemoval(context, device_id),
  }),
];
