import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { AccessCode, AccessCodeRequest } from '../../core/access-code.ts';
import type { Draw } from '../../core/draw.ts';
import type { LockState, Policy } from '../../core/lock.ts';
import type { LockLink } from '../../core/lock-event.ts';
import type { LocalContext } from '../../core/request/local.ts';
import type { LocalRefusal } from '../../core/request/local-outcome.ts';
import { nearestWindow } from '../../core/request/offline.ts';
import { listedCodes } from '../../core/request/unmanaged.ts';
import type { Store } from '../../store/store.ts';
import { accessCodeSchema, unmanagedCodeSchema } from '../../wire/access-code.ts';
import { offlineTimeFrameOf } from '../../wire/offline-time-frame.ts';
import { accessCodeOf, viewOf, type View } from '../../wire/view.ts';
import { workspaceIdOf } from '../identity.ts';
import { ApiProblem, invalidInput, notFound } from '../problem.ts';

/** What requests about access codes need of the hub, and what may be told to whoever asks. */
export interface CodesContext {
  readonly hubId: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: Policy;
  /** Cryptographic randomness, for PINs and ids that the hub makes up. */
  readonly draw: Draw;
  /** Tells the loop that something about a lock changed; what, it reads from the store. */
  readonly wake: (deviceId: string) => void;
  readonly isRadioUp: (radio: LockLink) => boolean;
  /** What the cloud owns may be changed here: there is no cloud, or `http.local_override` is on. */
  readonly mayChangeCloudCodes: boolean;
  /** `false`: `code` is `null` in every answer, and nothing is found by its PIN. */
  readonly showsPins: boolean;
}

const workspace = { workspace_id: z.string().describe('The hub: always the same.') };

/** A managed access code as answers show it. `code` is `null` also for those who may not see PINs. */
export const shownCodeSchema = accessCodeSchema.extend(workspace).meta({ id: 'AccessCode' });
export type ShownCode = z.infer<typeof shownCodeSchema>;

/** A code that the hub found on a lock, in the same way. */
export const shownUnmanagedSchema = unmanagedCodeSchema.extend(workspace).meta({ id: 'UnmanagedAccessCode' });
export type ShownUnmanaged = z.infer<typeof shownUnmanagedSchema>;

/** The content of an answer with one code. */
export interface OneCode {
  readonly access_code: ShownCode;
}

/** What a request on one lock is judged by; the other locks are read only where a `common_code_key` needs it. */
export function localContext(context: CodesContext, deviceId: string): LocalContext {
  const { store, policy, clock, draw, mayChangeCloudCodes } = context;
  const siblings = (): readonly LockState[] =>
    store.deviceIds().flatMap((id) => (id === deviceId ? [] : (store.lockState(id) ?? [])));
  return { sources: { draw, siblings }, policy, now: clock.now(), localOverride: mayChangeCloudCodes };
}

/** The lock that has this code, managed or not; `deviceId`, where it is given, has to be that lock. */
export function lockOf(
  { store }: CodesContext,
  accessCodeId: string,
  deviceId: string | null | undefined,
): LockState | undefined {
  for (const id of deviceId == null ? store.deviceIds() : [deviceId]) {
    const state = store.lockState(id);
    const isThere =
      state?.codes.some((code) => code.accessCodeId === accessCodeId) === true ||
      state?.slots.some(({ unmanaged }) => unmanaged?.accessCodeId === accessCodeId) === true;
    if (isThere) return state;
  }
  return undefined;
}

export function viewIn({ policy, clock, isRadioUp }: CodesContext, state: LockState): View {
  const { radio } = state.lock;
  return viewOf(state, { policy, now: clock.now(), isRadioUp: radio === null || isRadioUp(radio) });
}

/** A managed code as an answer shows it. */
export function shownCode({ showsPins, hubId }: CodesContext, code: AccessCode, view: View): ShownCode {
  const shown = { ...accessCodeOf(code, view), workspace_id: workspaceIdOf(hubId) };
  if (showsPins) return shown;
  const hidden = { from: { code: null }, to: { code: null } };
  const pending_mutations = shown.pending_mutations.map((mutation) =>
    mutation.mutation_code === 'updating_code' ? { ...mutation, ...hidden } : mutation,
  );
  return { ...shown, code: null, pending_mutations };
}

/** A code of a lock whose state was committed just now, as an answer shows it. */
export function committedCode(context: CodesContext, state: LockState, accessCodeId: string): ShownCode {
  const code = listedCodes(state).find((other) => other.accessCodeId === accessCodeId);
  if (code === undefined) throw new Error(`access code ${accessCodeId} was committed and is not there`);
  return shownCode(context, code, viewIn(context, state));
}

/** Status codes of refusals (spec section b, "Request errors"). */
const STATUS: Readonly<Record<LocalRefusal['type'], number>> = {
  invalid_input: 400,
  device_offline: 400,
  cloud_owned: 403,
  access_code_not_found: 404,
  duplicate_access_code: 409,
};

export function problemOf({ type, message }: LocalRefusal): ApiProblem {
  if (type !== 'invalid_input') return new ApiProblem(STATUS[type], type, message);
  // Messages of the core begin with the name of the parameter that they are about.
  const [, parameter] = /^([a-z_]+): /.exec(message) ?? [];
  return invalidInput(message, parameter);
}

/** A refusal with the window that would be taken instead, where nothing but the window was refused. */
export function offering(
  problem: ApiProblem,
  request: AccessCodeRequest,
  state: LockState | undefined,
): ApiProblem {
  const nearest = state === undefined ? null : nearestWindow(request, state.lock);
  if (nearest === null) return problem;
  const { status, type, message, validationErrors } = problem;
  return new ApiProblem(status, type, message, validationErrors, offlineTimeFrameOf(nearest));
}

export const NO_SUCH_CODE = notFound('access_code');
export const NO_SUCH_DEVICE = notFound('device');
