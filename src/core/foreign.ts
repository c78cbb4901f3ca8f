import type { AccessCode } from './access-code.ts';
import type { Entries } from './accept.ts';
import type { DomainEvent, Step } from './event.ts';
import type { LockState } from './lock.ts';
import { sameRequest, type Refusal } from './request.ts';
import type { TimeReading } from './time.ts';
import { adopt, deleteUnmanaged, withoutRemoval } from './unmanaged.ts';

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
  now: TimeReading,
): Foreign {
  const refusals = new Map<string, Refusal>();
  const events: DomainEvent[] = [];
  const found = new Set(state.slots.flatMap(({ unmanaged }) => unmanaged?.accessCodeId ?? []));
  // What the document changes is judged later, by what is on the lock then.
  const others = state.codes.filter((code) => code.origin === 'local' || isKept(code, entries));
  let next = state;
  for (const accessCodeId of found) {
    const entry = entries.get(accessCodeId);
    if (entry?.kind === 'valid') {
      next = withoutRemoval(next, accessCodeId);
      const adoption = adopt(next, accessCodeId, entry.request, 'cloud', now, others);
      if (adoption.kind === 'adopted') {
        next = adoption.step.state;
        events.push(...adoption.step.events);
        continue;
      }
      const { reason, message } = adoption;
      const isDuplicate = reason === 'duplicate_access_code';
      refusals.set(accessCodeId, { code: isDuplicate ? reason : 'invalid_input', message });
      // A document that is sent again is refused again, and that is told once.
      if (!next.codes.some((code) => code.accessCodeId === accessCodeId))
        events.push(...adoption.step.events);
    } else if (tombstones.includes(accessCodeId)) {
      const step = deleteUnmanaged(next, accessCodeId, 'cloud', now);
      next = step.state;
      events.push(...step.events);
    }
  }
  return { step: { state: next, events }, refusals };
}

function isKept(code: AccessCode, entries: Entries): boolean {
  const entry = entries.get(code.accessCodeId);
  return entry?.kind === 'valid' && sameRequest(code, entry.request);
}
