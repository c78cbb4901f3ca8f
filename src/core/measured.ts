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
 * What is to be kept of a lock now; `null`: nothing new. A row is kept when the battery is another than in the last
 * one, or that one is hours old, and never of a lock that is not heard: it would repeat what is not known any more.
 */
export function measurementOf(
  lock: Lock,
  link: LinkView | null,
  last: Measured | undefined,
  at: Instant,
): Measured | null {
  if (!lock.online) return null;
  const { batteryLevel } = lock;
  const measured = {
    at,
    batteryLevel,
    rssiDbm: link?.rssiDbm ?? null,
    roundTripMs: link?.roundTripMs ?? null,
  };
  const knowsNothing = batteryLevel === null && measured.rssiDbm === null && measured.roundTripMs === null;
  if (knowsNothing) return null;
  // A clock that was set back must not silence a lock until the old time comes again.
  const isOld = last === undefined || Math.abs(at - last.at) >= MEASURED_EVERY_MS;
  return isOld || last.batteryLevel !== batteryLevel ? measured : null;
}
