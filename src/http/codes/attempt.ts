import { listedCodes } from '../../core/request/unmanaged.ts';
import { codeErrors } from '../../wire/problems.ts';
import type { ActionAttemptObject } from '../action-attempts.ts';
import type { Store } from '../../store/store.ts';

const REFUSED = {
  type: 'failed_to_set_on_device',
  message: 'The lock did not take the code.',
} as const;

/**
 * The action attempt that `/access_codes/create` answers with (spec section b). It follows from the code, whose id it
 * has: `success` once the lock holds it, or once it waits for a time to come; `error` while the lock refuses it.
 * `undefined`: there is no such code.
 */
export function creationOf(accessCodeId: string, store: Store): ActionAttemptObject | undefined {
  for (const deviceId of store.deviceIds()) {
    const state = store.lockState(deviceId);
    const code = state && listedCodes(state).find((other) => other.accessCodeId === accessCodeId);
    if (code === undefined) continue;
    const attempt = { action_attempt_id: accessCodeId, action_type: 'CREATE_ACCESS_CODE' };
    if (code.rejected !== null || code.refused !== null) {
      const [first] = codeErrors(code, []);
      const error = first === undefined ? REFUSED : { type: first.error_code, message: first.message };
      return { ...attempt, status: 'error', result: null, error };
    }
    const isWaiting = code.status === 'setting' || code.status === 'unknown';
    if (isWaiting) {
      return { ...attempt, status: 'pending', result: null, error: null };
    }
    return { ...attempt, status: 'success', result: { access_code_id: accessCodeId }, error: null };
  }
  return undefined;
}
