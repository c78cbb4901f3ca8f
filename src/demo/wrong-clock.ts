import { SystemClock } from '../clock.ts';
import type { Machine } from '../time/interval-clock.ts';

/** A machine without a clock battery after a power cut: its wall clock shows some other time, and nobody sets it. */
export function machineWithWrongClock(byMs: number): Machine {
  const system = new SystemClock();
  return {
    wallMs: () => Date.now() + byMs,
    monotonicMs: () => system.monotonicMs(),
    upMs: () => system.monotonicMs(),
    holder: () => Promise.resolve('nobody'),
    sleepFor: (durationMs, signal) => system.sleepFor(durationMs, signal),
  };
}
