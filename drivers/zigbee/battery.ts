import type { Quirks } from './quirks.ts';

/** What most locks report a full battery as, in halves of a percent. */
const FULL = 200;

/**
 * Share of a battery that is left, 0 to 1; `null` for what is no level: a lock that has just started shows one. From a
 * voltage alone no level is told: where it ends depends on the cells, and the lock itself says when it is low.
 */
export function batteryLevel(shown: unknown, { batteryFull = FULL }: Quirks): number | null {
  return typeof shown === 'number' && shown >= 0 && shown <= batteryFull ? shown / batteryFull : null;
}
