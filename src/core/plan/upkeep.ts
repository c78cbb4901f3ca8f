import { ownerOf } from './assign.ts';
import { auditWork } from './audit.ts';
import { isBudgetSpent } from './budget.ts';
import { mayBeStale } from '../timing/stale.ts';
import { clockIsTrusted, clockWork } from '../timing/lock-clock.ts';
import type { LockState, Policy } from '../lock.ts';
import type { Operation } from '../operation.ts';
import type { PlannedOperation, Priority, Reason } from './planned.ts';
import type { TimeReading } from '../time.ts';

/**
 * What keeps a table and a lock true to each other and serves no code of its own: looks at slots that somebody may
 * have touched, ours first, the lock's clock, and an audit when nothing else is to be done.
 */
export function upkeep(
  state: LockState,
  policy: Policy,
  now: TimeReading,
  isBusy: boolean,
): readonly PlannedOperation[] {
  const work = state.slots
    .filter((row) => row.recheck !== 'later' || !mayBeStale(row, now))
    .filter((row) => row.recheck !== 'no' || (row.content.kind === 'unknown' && row.owner === null))
    // Who fights for a slot reports it each time; while nothing may be put back, nothing need be looked at.
    .filter((row) => !isBudgetSpent(state.lock, now) || ownerOf(state, row)?.externallyModified !== true)
    .map(({ slot, owner }) =>
      look({ kind: 'read_slot', slot }, 'content_unknown', owner === null ? 'look' : 'set'),
    );
  if (needsClock(state)) {
    const kind = clockWork(state.lock, policy, now, isBusy || work.length > 0);
    const reason = kind === 'set_clock' ? 'lock_clock_not_set' : 'lock_clock_check';
    if (kind !== null) work.push(look({ kind }, reason, 'set'));
  }
  if (isBusy || work.length > 0) return work;
  const audit = auditWork(state, policy, now);
  return audit === null ? work : [look(audit, 'audit', 'look')];
}

/** A schedule of ours is on the lock, so its clock matters; or it was found wrong, and may be right again. */
export function needsClock(state: LockState): boolean {
  if (!clockIsTrusted(state.lock)) return true;
  return state.slots.some(({ schedule }) => schedule.kind === 'known' && schedule.window !== null);
}

function look(operation: Operation, reason: Reason, priority: Priority): PlannedOperation {
  return { operation, accessCodeId: null, wish: '', priority, reason };
}
