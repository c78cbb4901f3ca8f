import { type AccessCodeRequest } from '../access-code.ts';
import type { Draw } from '../draw.ts';
import { shareOrDraw, type WhenNotShared } from './linked.ts';
import { createLocal, updateLocal, type CodeChange, type LocalContext, type NewLocalCode } from './local.ts';
import { refused, type LocalRefusal } from './local-outcome.ts';
import type { LockState } from '../lock.ts';
import type { DomainEvent } from '../event.ts';
import type { Pin } from '../pin.ts';
import { listedCodes } from './unmanaged.ts';

/** What becomes of one lock. */
interface LockChange {
  readonly before: LockState;
  readonly after: LockState;
  readonly events: readonly DomainEvent[];
  /** The codes that were made or changed. */
  readonly accessCodeIds: readonly string[];
}

/** What came of a request for several locks: all of it, or nothing. */
export type SeveralOutcome =
  | { readonly kind: 'taken'; readonly changes: readonly LockChange[] }
  | LocalRefusal;

/** One code for each of several locks. */
export interface CodesForEach {
  readonly request: Omit<AccessCodeRequest, 'accessCodeId' | 'commonCodeKey'>;
  readonly attemptForOfflineDevice: boolean;
  readonly behavior: WhenNotShared;
  /** Links the codes whose PIN the hub makes up; those with a PIN that was asked for are not linked (spec section b). */
  readonly commonCodeKey: string;
  readonly idFor: (deviceId: string) => string;
}

/** Makes a code on each lock, with one PIN for all of them as far as that is possible. */
export function createOnEach(
  states: readonly LockState[],
  wanted: CodesForEach,
  context: Omit<LocalContext, 'sources'> & { readonly draw: Draw },
): SeveralOutcome {
  const { policy, draw } = context;
  const { pin } = wanted.request;
  const ofNoLock = { ...wanted.request, accessCodeId: '', commonCodeKey: null };
  const shared =
    pin !== null && wanted.behavior === 'throw'
      ? { common: pin, pinOf: new Map<string, Pin>() }
      : shareOrDraw(states, ofNoLock, wanted.behavior, draw, policy);
  if ('refusal' in shared) {
    const odd = shared.deviceIds.join(', ');
    return refused('invalid_input', `device_ids: these locks can not have the PIN of the others: ${odd}.`);
  }
  // A key is new and the PINs are there, so no other lock has a say.
  const alone: LocalContext = { ...context, sources: { draw, siblings: () => [] } };
  const changes: LockChange[] = [];
  for (const before of states) {
    const { deviceId } = before.lock;
    const outcome = createLocal(before, forLock(deviceId, wanted, shared), alone);
    if (outcome.kind === 'refused') {
      if (states.length === 1) return outcome;
      return refused(outcome.type, `${outcome.message} Nothing was made: this is of lock ${deviceId}.`);
    }
    const { accessCodeId, step } = outcome;
    changes.push({ before, after: step.state, events: step.events, accessCodeIds: [accessCodeId] });
  }
  return { kind: 'taken', changes };
}

/** A lock that can't have the PIN of the others has one of its own and is not linked to them. */
function forLock(
  deviceId: string,
  { request, attemptForOfflineDevice, commonCodeKey, idFor }: CodesForEach,
  { common, pinOf }: { readonly common: Pin | null; readonly pinOf: ReadonlyMap<string, Pin> },
): NewLocalCode {
  const accessCodeId = idFor(deviceId);
  const own = pinOf.get(deviceId) ?? common;
  const isCommon = own !== null && common?.equals(own) === true;
  if (request.pin !== null && isCommon) {
    return { request: { ...request, accessCodeId, commonCodeKey: null }, attemptForOfflineDevice };
  }
  const key = isCommon ? commonCodeKey : null;
  return {
    request: { ...request, pin: null, accessCodeId, commonCodeKey: key },
    attemptForOfflineDevice,
    ...(own === null ? {} : { drawnPin: own }),
  };
}

/** Changes all codes with this key, on whatever locks. */
export function updateGroup(
  states: readonly LockState[],
  commonCodeKey: string,
  change: CodeChange,
  contextFor: (deviceId: string) => LocalContext,
): SeveralOutcome {
  const changes: LockChange[] = [];
  for (const before of states) {
    const members = listedCodes(before).filter(
      (code) => code.commonCodeKey === commonCodeKey && code.removingSince === null,
    );
    if (members.length === 0) continue;
    const context = contextFor(before.lock.deviceId);
    let after = before;
    const events: DomainEvent[] = [];
    for (const { accessCodeId } of members) {
      const outcome = updateLocal(after, accessCodeId, change, context);
      if (outcome.kind === 'refused') {
        return refused(
          outcome.type,
          `${outcome.message} Nothing was changed: this is of code ${accessCodeId}.`,
        );
      }
      after = outcome.step.state;
      events.push(...outcome.step.events);
    }
    changes.push({ before, after, events, accessCodeIds: members.map((code) => code.accessCodeId) });
  }
  if (changes.length > 0) return { kind: 'taken', changes };
  return refused('access_code_not_found', 'common_code_key: the hub knows no access code with this key.');
}
