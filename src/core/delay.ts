import { isTimeBound, type AccessCode } from './access-code.ts';
import type { Lock, Policy } from './lock.ts';
import { putOnAt } from './strategy.ts';
import { MINUTE_MS, type Instant } from './time.ts';

/** An ongoing code that is not on its lock this long after it should be is delayed. */
const SETTING_OVERDUE_MS = 5 * MINUTE_MS;

/** A code that is still on its lock this long after it should be gone is delayed in removing. */
const REMOVING_OVERDUE_MS = MINUTE_MS;

/**
 * When a code that is not yet where it should be counts as delayed: a time-bound code at its start, an ongoing one
 * five minutes after it should be on, a removal after one minute.
 */
export function overdueAt(code: AccessCode, lock: Lock, policy: Policy): Instant {
  if (code.removingSince !== null) return code.removingSince + REMOVING_OVERDUE_MS;
  if (isTimeBound(code)) return code.startsAt;
  return Math.max(putOnAt(code, lock, policy) ?? 0, code.createdAt) + SETTING_OVERDUE_MS;
}

/** The delay is already shown as a warning. */
export function isDelayed(code: AccessCode): boolean {
  const warning =
    code.removingSince === null ? 'delay_in_setting_on_device' : 'delay_in_removing_from_device';
  return code.warnings.some((entry) => entry.code === warning);
}
