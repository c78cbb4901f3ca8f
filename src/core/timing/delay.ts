import type { AccessCode } from '../access-code.ts';
import type { Lock, Policy } from '../lock.ts';
import { timesOf } from './strategy.ts';
import { MINUTE_MS, SECOND_MS, type Instant, type TimeReading } from '../time.ts';

/** A code that has been on its way to its lock for this long is delayed, unless its start says so earlier. */
const SETTING_OVERDUE_MS = 5 * MINUTE_MS;

/** What a lock that answers may take from the moment on at which a code is to be put on it. */
const ON_TIME_MS = 10 * SECOND_MS;

/** A code that is still on its lock this long after it should be gone is delayed in removing. */
const REMOVING_OVERDUE_MS = MINUTE_MS;

/**
 * When a code that is not yet where it should be counts as delayed: at the start of its window (of a weekly code, the
 * one that counts now), and not before it was to go on the lock, or was changed, and had time enough; a removal after
 * one minute.
 */
export function overdueAt(code: AccessCode, lock: Lock, policy: Policy, now: TimeReading): Instant {
  if (code.removingSince !== null) return code.removingSince + REMOVING_OVERDUE_MS;
  const { onAt, startsAt, endsAt } = timesOf(code, lock, policy, now.earliest);
  const isBounded = startsAt !== null && endsAt !== null;
  if (isBounded && !code.everOnDevice) {
    // What was asked for, or moved, when its window was open already had no lead.
    const isLate = code.statusSince > startsAt + ON_TIME_MS;
    const begunAt = Math.max(onAt ?? 0, isLate ? code.statusSince : code.createdAt);
    return Math.max(startsAt, begunAt + ON_TIME_MS);
  }
  const { code: pin, timeFrame } = code.edits;
  const begunAt = Math.max(onAt ?? 0, code.statusSince, pin?.since ?? 0, timeFrame?.since ?? 0);
  return Math.max(isBounded ? startsAt : 0, begunAt + SETTING_OVERDUE_MS);
}

/** When a code that is to leave the lock for a while, without being deleted, counts as delayed. */
export function leavesOverdueAt({ statusSince, edits }: AccessCode): Instant {
  return Math.max(statusSince, edits.timeFrame?.since ?? 0) + REMOVING_OVERDUE_MS;
}

/** The delay is already shown as a warning. */
export function isDelayed(code: AccessCode): boolean {
  const warning =
    code.removingSince === null ? 'delay_in_setting_on_device' : 'delay_in_removing_from_device';
  return code.warnings.some((entry) => entry.code === warning);
}
