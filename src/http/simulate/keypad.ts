import { randomUUID } from 'node:crypto';
import { attemptEvent } from '../../core/attempt-event.ts';
import type { ActionAttemptObject } from '../action-attempts.ts';
import { ApiProblem } from '../problem.ts';
import type { ApiParts } from '../route.ts';
import { lockInHouse } from './lock-in-house.ts';

interface Attempted {
  readonly action_attempt: ActionAttemptObject;
}

/** `/locks/simulate/keypad_code_entry`: a PIN was typed, whether or not the lock opened to it. */
export async function typePin(
  context: ApiParts,
  deviceId: string,
  digits: string,
): Promise<Attempted | ApiProblem> {
  const found = lockInHouse(context, deviceId);
  if (found instanceof ApiProblem) return found;
  const { opened } = await found.house.typePin(found.address, digits);
  return attempted(context, deviceId, 'simulate_keypad_code_entry', { result: { opened } });
}

/** `/locks/simulate/manual_lock_via_keypad`. */
export async function pressLock(context: ApiParts, deviceId: string): Promise<Attempted | ApiProblem> {
  const found = lockInHouse(context, deviceId);
  if (found instanceof ApiProblem) return found;
  const isLocked = await found.house.pressLock(found.address);
  return attempted(
    context,
    deviceId,
    'simulate_manual_lock_via_keypad',
    isLocked ? { result: {} } : { error: JAMMED },
  );
}

const JAMMED = { type: 'jammed', message: 'The bolt is stuck.' };

type Ended =
  | { readonly result: Readonly<Record<string, unknown>>; readonly error?: never }
  | { readonly error: ActionAttemptObject['error']; readonly result?: never };

/** Hands are quick: the attempt has ended when it is told, and can be looked up all the same. */
function attempted(
  { store, clock, simulation }: ApiParts,
  deviceId: string,
  action: 'simulate_keypad_code_entry' | 'simulate_manual_lock_via_keypad',
  { result, error }: Ended,
): Attempted {
  const attempt: ActionAttemptObject = {
    action_attempt_id: randomUUID(),
    action_type: action.toUpperCase(),
    status: error === undefined ? 'success' : 'error',
    result: result === undefined ? null : { ...result },
    error: error ?? null,
  };
  simulation?.remember(attempt);
  const state = error === undefined ? 'succeeded' : 'failed';
  store.append([attemptEvent(attempt.action_attempt_id, action, deviceId, state, clock.now().earliest)]);
  return { action_attempt: attempt };
}
