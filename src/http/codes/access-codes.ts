import { identifierOf } from '../../core/identifier.ts';
import { createLocal, deleteLocal, handBackLocal, updateLocal } from '../../core/request/local.ts';
import { changeOf } from '../../wire/change.ts';
import { askedFor } from '../../wire/request.ts';
import type { ActionAttemptObject } from '../action-attempts.ts';
import { ApiProblem, invalidInput } from '../problem.ts';
import { creationOf } from './attempt.ts';
import { changeCode, changeLock, type Done } from './change.ts';
import { committedCode, NO_SUCH_DEVICE, offering, type CodesContext, type OneCode } from './context.ts';
import type { CreateCode, DeleteCode, UpdateCode } from './parameters.ts';

/** Makes ids differ that are made in the same millisecond. */
const SALT_BELOW = 2 ** 32;

interface CreatedCode extends OneCode {
  readonly action_attempt: ActionAttemptObject;
}

/** `/access_codes/create`. */
export function createCode(context: CodesContext, given: CreateCode): CreatedCode | ApiProblem {
  const { device_id: deviceId, sync: _sync, ...parameters } = given;
  const { request: asked, attemptForOfflineDevice } = askedFor(parameters);
  const { clock, draw, store } = context;
  const accessCodeId = identifierOf(`${deviceId} local ${clock.now().earliest} ${draw(SALT_BELOW)}`);
  const request = { ...asked, accessCodeId };
  const made = changeLock(context, deviceId, NO_SUCH_DEVICE, (state, local) =>
    createLocal(state, { request, attemptForOfflineDevice }, local),
  );
  if (made instanceof ApiProblem) return offering(made, request, store.lockState(deviceId));
  const attempt = creationOf(accessCodeId, store);
  if (attempt === undefined) throw new Error(`access code ${accessCodeId} was committed and is not there`);
  return { access_code: committedCode(context, made, accessCodeId), action_attempt: attempt };
}

/** `/access_codes/update`. */
export function updateCode(context: CodesContext, given: UpdateCode): Done | ApiProblem {
  const {
    access_code_id: id,
    device_id: deviceId,
    is_managed: isManaged,
    sync: _sync,
    ...parameters
  } = given;
  const change = changeOf(parameters);
  if (isManaged === false && Object.keys(change).length > 0) return HAND_BACK_ALONE;
  const isPatient = parameters.attempt_for_offline_device !== false;
  return changeCode(context, id, deviceId, (state, local) => {
    if (isManaged === false) return handBackLocal(state, id, local);
    if (!isPatient && !state.lock.online) return LOCK_OFFLINE;
    return updateLocal(state, id, change, local);
  });
}

/** `/access_codes/delete`. Deleting what is on its way off already is no mistake; what is gone is not found. */
export function deleteCode(context: CodesContext, given: DeleteCode): Done | ApiProblem {
  const { access_code_id: id, device_id: deviceId } = given;
  return changeCode(context, id, deviceId, (state, local) => deleteLocal(state, id, local));
}

const HAND_BACK_ALONE = invalidInput('is_managed: false can not stand beside other changes.', 'is_managed');
const LOCK_OFFLINE = {
  kind: 'refused',
  type: 'device_offline',
  message: 'attempt_for_offline_device: the lock is offline, and this change is not to wait for it.',
} as const;
