import type { Entries } from './accept.ts';
import type { DomainEvent, Step } from './event.ts';
import type { LockState } from './lock.ts';
import type { Refusal } from './request.ts';
import type { TimeReading } from './time.ts';
import { adopt, deleteUnmanaged } from './unmanaged.ts';

/** What a document has done to codes that were found on the lock. */
export interface Foreign {
  readonly step: Step<LockState>;
  /** By `access_code_id`: those that could not be adopted. */
  readonly refusals: ReadonlyMap<string, Refusal>;
}

/** Adopts the codes found on the lock that the document names as its own, and deletes those that it buries. */
export function foreignCodes(
  state: LockState,
  entries: Entries,
  tombstones: readonly string[],
  now: TimeReading,
): Foreign {
  const refusals = new Map<string, Refusal>();
  const events: DomainEvent[] = [];
  const found = new Set(state.slots.flatMap(({ unmanaged }) => unmanaged?.accessCodeId ?? []));
  let next = state;
  for (const accessCodeId of found) {
    const entry = entries.get(accessCodeId);
    if (entry?.kind === 'valid') {
      const adoption = adopt(withoutRejected(next, accessCodeId), accessCodeId, entry.request, 'cloud', now);
      if (adoption.kind === 'adopted') {
        next = adoption.step.state;
        events.push(...adoption.step.events);
        continue;
      }
      refusals.set(accessCodeId, { code: 'invalid_input', message: adoption.message });
      // A document that is sent again is refused again, and that is told once.
      if (!next.codes.some((code) => code.accessCodeId === accessCodeId))
        events.push(...adoption.step.events);
    } else if (tombstones.includes(accessCodeId)) {
      const step = deleteUnmanaged(next, accessCodeId, now);
      next = step.state;
      events.push(...step.events);
    }
  }
  return { step: { state: next, events }, refusals };
}

/** Without the code that stands for an adoption that was refused before. */
function withoutRejected(state: LockState, accessCodeId: string): LockState {
  const codes = state.codes.filter((code) => code.accessCodeId !== accessCodeId || code.pin !== null);
  return codes.length === state.codes.length ? state : { ...state, codes };
}
