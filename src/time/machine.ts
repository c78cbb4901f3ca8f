import os from 'node:os';
import { SystemClock } from '../clock.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Machine } from './interval-clock.ts';
import { isSynchronised } from './synchronised.ts';

/**
 * The machine that the hub runs on. `isVouchedFor`: somebody says that its clock is right, whatever the system says of
 * it, as in a container that has no way to ask.
 */
export function thisMachine(isVouchedFor: boolean): Machine {
  const system = new SystemClock();
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => system.monotonicMs(),
    // Without /proc/uptime, as in the sandbox of the unit, Node tells whole seconds.
    upMs: () => os.uptime() * SECOND_MS,
    isSynchronised: isVouchedFor ? () => Promise.resolve(true) : isSynchronised,
    sleepFor: (durationMs, signal) => system.sleepFor(durationMs, signal),
  };
}
