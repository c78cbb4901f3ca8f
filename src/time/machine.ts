import os from 'node:os';
import { SystemClock } from '../clock.ts';
import { SECOND_MS } from '../core/time.ts';
import type { ClockHolder, Machine } from './interval-clock.ts';
import { isHosted } from './hosted.ts';
import { isSynchronised } from './synchronised.ts';

/**
 * The machine that the hub runs on. `trusts`: whether its clock is right whatever the system says of it, or only where a
 * time service holds it; `null`: nobody says, and a container or a virtual machine is taken for one that is kept right.
 */
export function thisMachine(trusts: boolean | null): Machine {
  const system = new SystemClock();
  const hosted = trusts === null ? isHosted() : Promise.resolve(false);
  const holder = async (): Promise<ClockHolder> => {
    if (trusts === true || (await isSynchronised())) return 'service';
    return (await hosted) ? 'host' : 'nobody';
  };
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => system.monotonicMs(),
    // Without /proc/uptime, as in the sandbox of the unit, Node tells whole seconds.
    upMs: () => os.uptime() * SECOND_MS,
    holder,
    sleepFor: (durationMs, signal) => system.sleepFor(durationMs, signal),
  };
}
