import { offsetMinutes } from './local-time.ts';
import type { Lock, Policy } from '../lock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Instant, type TimeReading } from '../time.ts';

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

/** So often in a row a clock is set at once again while the lock does not confirm it and is found wrong. */
const UNCONFIRMED_MAX = 3;

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

/** Its schedules may be relied on: its clock was not found wrong right after it was set, nor left in doubt for good. */
export function clockIsTrusted({ clockRead, clockSet, clockUnreadable }: Lock): boolean {
  if (clockRead?.staysWrong === true) return false;
  return !(clockUnreadable && clockSet !== null && clockSet.unconfirmed > 0);
}

/** When the hub last knew that the lock had the right time: it gave it, or looked; `null`: never. */
export function witnessSetAt({ clockSet, clockRead }: Lock): Instant | null {
  if (clockSet === null || clockSet.unconfirmed > 0) return null;
  const isSeenRight = clockRead !== null && !isOff(clockRead);
  return isSeenRight ? Math.max(clockSet.at, clockRead.at) : clockSet.at;
}

/** Its clock can tell a hub without one what time it is. */
export function isWitness(lock: Lock): boolean {
  return lock.online && !lock.clockUnreadable && clockIsTrusted(lock) && witnessSetAt(lock) !== null;
}

/** The lock was given the time, or was found to have it, lately, and the zone's offset has not changed since. */
export function clockIsFresh(lock: Lock, policy: Policy, now: TimeReading): boolean {
  const { clockSet, clockUnreadable } = lock;
  if (clockSet === null || !isProven(lock, now) || isStale(lock, policy, now)) return false;
  const read = pastRead(lock, now);
  const ageMs = now.earliest - Math.max(clockSet.at, read !== null && !isOff(read) ? read.at : clockSet.at);
  // A clock that can't be asked is set every day instead.
  return ageMs < (clockUnreadable ? CLOCK_CHECK_EVERY_MS : CLOCK_CHECK_LATEST_MS);
}

function isOff({ aheadMs }: NonNullable<Lock['clockRead']>): boolean {
  return Math.abs(aheadMs) > CLOCK_TOLERANCE_MS;
}

/** The last look at the lock's clock; one that lies ahead is from before ours was set back, and says nothing. */
function pastRead({ clockRead }: Lock, now: TimeReading): Lock['clockRead'] {
  return clockRead !== null && clockRead.at <= now.earliest ? clockRead : null;
}

/** The lock confirmed the time that it was told, or was looked at since: that look tells. */
function isProven(lock: Lock, now: TimeReading): boolean {
  const { clockSet } = lock;
  const read = pastRead(lock, now);
  return clockSet?.unconfirmed === 0 || (clockSet !== null && read !== null && read.at >= clockSet.at);
}

/** It was found off since it was set, or the zone's offset has changed, or it was set by a time that we no longer have. */
function isStale(lock: Lock, policy: Policy, now: TimeReading): boolean {
  const { clockSet } = lock;
  if (clockSet === null || clockSet.at > now.earliest) return true;
  if (clockSet.offsetMinutes !== offsetMinutes(policy.timezone, now.earliest)) return true;
  const read = pastRead(lock, now);
  return read !== null && isOff(read) && read.at >= clockSet.at;
}

/**
 * What the clock of a lock with schedules needs next. `isBusy`: the lock is spoken to anyway. A clock that setting
 * does not help is set once an hour and looked at after it, and no more.
 */
export function clockWork(
  lock: Lock,
  policy: Policy,
  now: TimeReading,
  isBusy: boolean,
): 'set_clock' | 'read_clock' | null {
  if (!isExact(now) || lock.nativeRefused) return null;
  const { clockSet, clockUnreadable } = lock;
  if (clockSet === null) return 'set_clock';
  const sinceSetMs = now.earliest - clockSet.at;
  const hasNewOffset = clockSet.offsetMinutes !== offsetMinutes(policy.timezone, now.earliest);
  if (isStale(lock, policy, now)) {
    const isNew = hasNewOffset || sinceSetMs < 0 || sinceSetMs >= CLOCK_RETRY_MS;
    return isNew || wasLost(lock) ? 'set_clock' : null;
  }
  if (clockUnreadable) {
    const dueMs = clockSet.unconfirmed === 0 ? CLOCK_CHECK_EVERY_MS : CLOCK_RETRY_MS;
    return sinceSetMs >= dueMs ? 'set_clock' : null;
  }
  const read = pastRead(lock, now);
  // It was off, or did not say that it was set: the next look tells.
  if (!isProven(lock, now) || (read !== null && isOff(read))) return 'read_clock';
  const lookedAt = Math.max(clockSet.at, read?.at ?? clockSet.at);
  // A lock that was away may have been without power, and its clock with it.
  if (lock.audit.dueSince !== null && lookedAt < lock.audit.dueSince) return 'read_clock';
  const lookedMs = now.earliest - lookedAt;
  return lookedMs >= (isBusy ? CLOCK_CHECK_EVERY_MS : CLOCK_CHECK_LATEST_MS) ? 'read_clock' : null;
}

/** What a look at the clock tells, in the light of the ones before. */
export function clockReadAs(lock: Lock, aheadMs: number, now: TimeReading): NonNullable<Lock['clockRead']> {
  const isWrong = Math.abs(aheadMs) > CLOCK_ALARM_MS;
  const sinceSetMs = lock.clockSet === null ? CLOCK_RETRY_MS : now.earliest - lock.clockSet.at;
  const wasSetJustNow = sinceSetMs >= 0 && sinceSetMs < CLOCK_RETRY_MS;
  const isStubborn = wasSetJustNow && !wasLost(lock);
  return { at: now.earliest, aheadMs, staysWrong: isWrong && (isStubborn || !clockIsTrusted(lock)) };
}

/** What the lock was told last, which it confirmed or not. What was seen to have arrived unconfirmed counts no more. */
export function clockSetAs(
  lock: Lock,
  isConfirmed: boolean,
  policy: Policy,
  now: TimeReading,
): NonNullable<Lock['clockSet']> {
  const at = now.earliest;
  const { clockSet } = lock;
  const read = pastRead(lock, now);
  const hasArrived = clockSet === null || (read !== null && read.at >= clockSet.at && !isOff(read));
  const before = hasArrived ? 0 : clockSet.unconfirmed;
  return {
    at,
    offsetMinutes: offsetMinutes(policy.timezone, at),
    unconfirmed: isConfirmed ? 0 : before + 1,
  };
}

/** When it is wrong, it may never have heard the time that it was told: that says nothing about the clock itself. */
function wasLost({ clockSet }: Lock): boolean {
  return clockSet !== null && clockSet.unconfirmed > 0 && clockSet.unconfirmed < UNCONFIRMED_MAX;
}
