import { offsetMinutes } from './local-time.ts';
import type { Lock, Policy } from './lock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type TimeReading } from './time.ts';

/** A lock's clock is looked at again after this long, together with other work (field note 3: nobody else does). */
export const CLOCK_CHECK_EVERY_MS = DAY_MS;

/** Without other work it is looked at after this long, while the lock holds a schedule. */
export const CLOCK_CHECK_LATEST_MS = 36 * HOUR_MS;

/** From this far off a lock's clock is set again. */
const CLOCK_TOLERANCE_MS = 30 * SECOND_MS;

/** From this far off a lock's clock is an alarm. */
const CLOCK_ALARM_MS = 5 * MINUTE_MS;

/** A clock that stays wrong although it was set is set again after this long. */
export const CLOCK_RETRY_MS = HOUR_MS;

/** Widest uncertainty with which the hub still judges or sets another clock. */
const EXACT_ENOUGH_MS = 30 * SECOND_MS;

/** The hub knows the time well enough to judge or set another clock by it. */
export function isExact(now: TimeReading): boolean {
  return now.latest - now.earliest <= EXACT_ENOUGH_MS;
}

/** When it was last looked at, it was so far off that a window would open or close at the wrong time. */
export function clockIsAlarming({ clockRead }: Lock): boolean {
  return clockRead !== null && Math.abs(clockRead.aheadMs) > CLOCK_ALARM_MS;
}

/** Its schedules may be relied on: its clock was not found wrong right after it was set. */
export function clockIsTrusted({ clockRead }: Lock): boolean {
  return clockRead === null || !clockRead.staysWrong;
}

/** The lock was given the time, or was found to have it, lately, and the zone's offset has not changed since. */
export function clockIsFresh(lock: Lock, policy: Policy, now: TimeReading): boolean {
  const { clockSet } = lock;
  if (clockSet === null || clockNeedsSetting(lock, policy, now)) return false;
  const ageMs = now.earliest - Math.max(clockSet.at, rightAt(lock));
  // A clock that can't be asked is set every day instead.
  return ageMs >= 0 && ageMs < (lock.clockUnreadable ? CLOCK_CHECK_EVERY_MS : CLOCK_CHECK_LATEST_MS);
}

function rightAt({ clockRead }: Lock): number {
  return clockRead === null || Math.abs(clockRead.aheadMs) > CLOCK_TOLERANCE_MS ? 0 : clockRead.at;
}

/** It is known to be off, or the zone's offset has changed, and it was not set since. */
function clockNeedsSetting(lock: Lock, policy: Policy, now: TimeReading): boolean {
  const { clockSet, clockRead } = lock;
  if (clockSet !== null && clockSet.offsetMinutes !== offsetMinutes(policy.timezone, now.earliest))
    return true;
  return (
    clockRead !== null &&
    Math.abs(clockRead.aheadMs) > CLOCK_TOLERANCE_MS &&
    (clockSet === null || clockSet.at <= clockRead.at)
  );
}

/** What the clock of a lock that holds a schedule needs next. `isBusy`: the lock is spoken to anyway. */
export function clockWork(
  lock: Lock,
  policy: Policy,
  now: TimeReading,
  isBusy: boolean,
): 'set_clock' | 'read_clock' | null {
  if (!isExact(now) || lock.nativeRefused) return null;
  const { clockSet, clockRead, clockUnreadable } = lock;
  if (clockSet === null) return 'set_clock';
  const sinceSetMs = now.earliest - clockSet.at;
  if (clockNeedsSetting(lock, policy, now)) {
    return clockIsTrusted(lock) || sinceSetMs >= CLOCK_RETRY_MS ? 'set_clock' : null;
  }
  if (clockUnreadable) return clockIsFresh(lock, policy, now) ? null : 'set_clock';
  // It was off and has been set: the next look tells whether that helped.
  if (clockRead !== null && Math.abs(clockRead.aheadMs) > CLOCK_TOLERANCE_MS) return 'read_clock';
  const lookedMs = now.earliest - Math.max(clockSet.at, clockRead?.at ?? 0);
  const dueMs = isBusy ? CLOCK_CHECK_EVERY_MS : CLOCK_CHECK_LATEST_MS;
  // A clock of ours that was set back makes the last look lie in the future.
  return lookedMs >= dueMs || lookedMs < 0 ? 'read_clock' : null;
}

/** What a look at the clock tells, in the light of the ones before. */
export function clockReadAs(lock: Lock, aheadMs: number, now: TimeReading): NonNullable<Lock['clockRead']> {
  const isWrong = Math.abs(aheadMs) > CLOCK_ALARM_MS;
  const wasSetJustNow = lock.clockSet !== null && now.earliest - lock.clockSet.at < CLOCK_RETRY_MS;
  return { at: now.earliest, aheadMs, staysWrong: isWrong && (wasSetJustNow || !clockIsTrusted(lock)) };
}
