import type { LockState } from '../../core/lock.ts';
import type { LocalContext } from '../../core/request/local.ts';
import type { LocalOutcome } from '../../core/request/local-outcome.ts';
import { ApiProblem } from '../problem.ts';
import { localContext, lockOf, NO_SUCH_CODE, problemOf, type CodesContext } from './context.ts';

/** Nothing beside `ok`: what existing clients expect of a change (spec section b). */
export type Done = Record<string, never>;

/** Changes the lock that has this code, and wakes its loop. */
export function changeCode(
  context: CodesContext,
  accessCodeId: string,
  deviceId: string | null | undefined,
  act: (state: LockState, local: LocalContext) => LocalOutcome,
): Done | ApiProblem {
  const holder = lockOf(context, accessCodeId, deviceId)?.lock.deviceId;
  if (holder === undefined) return NO_SUCH_CODE;
  const changed = changeLock(context, holder, NO_SUCH_CODE, act);
  return changed instanceof ApiProblem ? changed : {};
}

/** Changes one lock in one transaction and wakes its loop; answers its state then. */
export function changeLock(
  context: CodesContext,
  deviceId: string,
  unknown: ApiProblem,
  act: (state: LockState, local: LocalContext) => LocalOutcome,
): LockState | ApiProblem {
  const { store, wake } = context;
  const changed = store.transaction(() => {
    const before = store.lockState(deviceId);
    if (before === undefined) return unknown;
    const outcome = act(before, localContext(context, deviceId));
    if (outcome.kind === 'refused') return problemOf(outcome);
    store.commit(before, outcome.step.state, outcome.step.events);
    return outcome.step.state;
  });
  if (!(changed instanceof ApiProblem)) wake(deviceId);
  return changed;
}
