import { isTimeBound, type AccessCode } from './access-code.ts';
import type { Lock, Policy } from './lock.ts';
import { putOnAt } from './strategy.ts';
import { MINUTE_MS, SECOND_MS, type Instant } from './time.ts';

/** A code that has been on its way to its lock for this long is delayed, unless its start says so earlier. */
const SETTING_OVERDUE_MS = 5 * MINUTE_MS;

/** What a lock that answers may take from the moment on at which a code is to be put on it. */
const ON_TIME_MS = 10 * SECOND_MS;

/** A code that is still on its lock this long after it should be gone is delayed in removing. */
const REMOVING_OVERDUE_MS = MINUTE_MS;

/**
 * When a code that is not yet where it should be counts as delayed: a time-bound code that never
 * was on the lock at its start (or soon after, when it had no lead), any other five minutes after it began to be set (again), a removal after one minute.
 */
export function overdueAt(code: AccessCode, lock: Lock, policy: Policy): Instant {
  if (code.removingSince !== null) return code.removingSince + REMOVING_OVERDUE_MS;
  const begunAt = Math.max(putOnAt(code, lock, policy) ?? 0, code.statusSince);
  if (isTimeBound(code) && !code.everOnDevice) return Math.max(code.startsAt, begunAt + ON_TIME_MS);
  return begunAt + SETTING_OVERDUE_MS;
}

/** The delay is already shown as a warning. */
export function isDelayed(code: AccessCode): boolean {
  const warning =
    code.removingSince === null ? 'delay_in_setting_on_device' : 'delay_in_removing_from_device';
  return code.warnings.some((entry) => entry.code === warning);
}
