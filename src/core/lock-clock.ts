import { offsetMinutes } from './local-time.ts';
import type { Lock, Policy } from './lock.ts';
import { DAY_MS, SECOND_MS, type TimeReading } from './time.ts';

/** A lock's clock is set again after this long, and at every change of the zone's offset (field note: no lock is told of either). */
export const CLOCK_SET_EVERY_MS = DAY_MS;

/** The lock was given the time lately, and the zone's offset has not changed since. */
export function clockIsFresh(lock: Lock, policy: Policy, now: TimeReading): boolean {
  const { clockSet } = lock;
  if (clockSet === null) return false;
  const ageMs = now.earliest - clockSet.at;
  return (
    ageMs >= 0 &&
    ageMs < CLOCK_SET_EVERY_MS &&
    clockSet.offsetMinutes === offsetMinutes(policy.timezone, now.earliest)
  );
}

/** Widest uncertainty with which the hub still gives its time to a lock. */
const EXACT_ENOUGH_MS = 30 * SECOND_MS;

/** The hub knows the time well enough to set another clock by it. */
export function isExact(now: TimeReading): boolean {
  return now.latest - now.earliest <= EXACT_ENOUGH_MS;
}
