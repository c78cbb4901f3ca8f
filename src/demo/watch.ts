import { pause } from './check.ts';
import type { HouseControl } from './house.ts';

/** How often a watch looks at the lock. */
const LOOK_EVERY_MS = 100;

/** When a PIN came onto a lock and when it went, as seen at the lock itself. */
export interface PinWatch {
  /** Milliseconds since 1970; `undefined` until it happens. */
  readonly cameAt: number | undefined;
  readonly wentAt: number | undefined;
}

/** Watches one lock for one PIN until `signal` aborts. */
export function watchPin(house: HouseControl, lockId: string, pin: string, signal: AbortSignal): PinWatch {
  const watch: { cameAt: number | undefined; wentAt: number | undefined } = {
    cameAt: undefined,
    wentAt: undefined,
  };
  const look = async (): Promise<void> => {
    while (!signal.aborted && watch.wentAt === undefined) {
      const { slots } = await house.lock(lockId);
      const isThere = slots.some((slot) => slot.pin === pin);
      if (isThere) watch.cameAt ??= Date.now();
      else if (watch.cameAt !== undefined) watch.wentAt = Date.now();
      await pause(LOOK_EVERY_MS);
    }
  };
  // A house that does not answer shows up as a PIN that never came.
  look().catch(() => undefined);
  return watch;
}
