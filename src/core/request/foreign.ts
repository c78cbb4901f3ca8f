import { isPoolCode, type AccessCode, type AccessCodeRequest, type Origin } from '../access-code.ts';
import type { Entries } from './accept.ts';
import { Claims } from './clash.ts';
import type { DomainEvent, Step } from '../event.ts';
import type { LockState, Policy } from '../lock.ts';
import { refusalOf, sameRequest, type Refusal } from './request.ts';
import type { TimeReading } from '../time.ts';
import { adopt, deleteUnmanaged, notAdopted, withoutRemoval } from './unmanaged.ts';

/** What a document has done to codes that were found on the lock. */
export interface Foreign {
  readonly step: Step<LockState>;
  /** By `access_code_id`: those that could not be adopted. */
  readonly refusals: ReadonlyMap<string, Refusal>;
}

/**
 * Adopts the codes found on the lock that the document names as its own, and deletes those that it buries. One that an
 * older document buried and that this one names stays: what is asked for last counts.
 */
export function foreignCodes(
  state: LockState,
  entries: Entries,
  tombstones: readonly string[],
  policy: Policy,
  now: TimeReading,
): Foreign {
  const refusals = new Map<string, Refusal>();
  const events: DomainEvent[] = [];
  const found = new Set(state.slots.flatMap(({ unmanaged }) => unmanaged?.accessCodeId ?? []));
  // What the document changes is judged later, by what is on the lock then.
  const others = state.codes.filter(
    (code) => !isPoolCode(code) && (code.origin === 'local' || isKept(code, entries)),
  );
  let next = state;
  for (const accessCodeId of found) {
    const entry = entries.get(accessCodeId);
    if (entry?.kind === 'valid') {
      next = withoutRemoval(next, accessCodeId);
      const adopted = adoptAs(entry.request, 'cloud', next, others, policy, now);
      if ('step' in adopted) {
        next = adopted.step.state;
        events.push(...adopted.step.events);
        continue;
      }
      const { refusal, event } = adopted;
      refusals.set(accessCodeId, refusal);
      // A document that is sent again is refused again, and that is told once.
      if (!next.codes.some((code) => code.accessCodeId === accessCodeId)) events.push(event);
    } else if (tombstones.includes(accessCodeId)) {
      const step = deleteUnmanaged(next, accessCodeId, 'cloud', now);
      next = step.state;
      events.push(...step.events);
    }
  }
  return { step: { state: next, events }, refusals };
}

/** The step that takes a code over, or why it is not to be ours and the event that tells so. */
type Adopted =
  | { readonly step: Step<LockState> }
  | { readonly refusal: Refusal; readonly event: DomainEvent };

/**
 * Takes a code over, unless the lock, the request or another code stands against that: an adoption that is refused later
 * would have made it ours all the same, to be deleted with the entry.
 */
export function adoptAs(
  request: AccessCodeRequest,
  origin: Origin,
  state: LockState,
  others: readonly AccessCode[],
  policy: Policy,
  now: TimeReading,
): Adopted {
  const { accessCodeId } = request;
  const adoption = adopt(state, accessCodeId, request, origin, now);
  if (adoption.kind === 'refused') {
    const { reason, message } = adoption;
    const event = notAdopted(state, accessCodeId, { code: reason, message }, now);
    return { refusal: { code: 'invalid_input', message }, event };
  }
  const { code, step } = adoption;
  const wanted = { ...code, ...request, pin: request.pin ?? code.pin };
  const refusal =
    refusalOf(request, code, state.lock, policy, now) ??
    new Claims(step.state, others, policy).clashOf(wanted);
  if (refusal === null) return { step };
  return { refusal, event: notAdopted(state, accessCodeId, refusal, now) };
}

function isKept(code: AccessCode, entries: Entries): boolean {
  const entry = entries.get(code.accessCodeId);
  return entry?.kind === 'valid' && sameRequest(code, entry.request);
}
