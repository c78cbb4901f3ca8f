import type { Lock } from './lock.ts';
import type { LinkView } from './radio-view.ts';
import { HOUR_MS, type Instant } from './time.ts';

/** A lock that is heard is measured again after this long, whatever it said meanwhile. */
export const MEASURED_EVERY_MS = 6 * HOUR_MS;

/** How a lock was at one time; what nobody knew is `null`. */
export interface Measured {
  readonly at: Instant;
  /** 0 to 1. */
  readonly batteryLevel: number | null;
  /** dBm of the last frame. */
  readonly rssiDbm: number | null;
  readonly roundTripMs: number | null;
}

/**
 * Whether a lock is to be measured now: when its battery is another than last time, or that was hours ago, and never
 * while it is not heard: that would repeat what is not known any more.
 */
export function isMeasurementDue(lock: Lock, last: Measured | undefined, at: Instant): boolean {
  if (!lock.online) return false;
  // A clock that was set back must not silence a lock until the old time comes again.
  const isOld = last === undefined || Math.abs(at - last.at) >= MEASURED_EVERY_MS;
  return isOld || last.batteryLevel !== lock.batteryLevel;
}

/** How it is now; `null`: nobody knows anything of it. */
export function measured({ batteryLevel }: Lock, link: LinkView | null, at: Instant): Measured | null {
  const rssiDbm = link?.rssiDbm ?? null;
  const roundTripMs = link?.roundTripMs ?? null;
  const knowsNothing = batteryLevel === null && rssiDbm === null && roundTripMs === null;
  return knowsNothing ? null : { at, batteryLevel, rssiDbm, roundTripMs };
}
