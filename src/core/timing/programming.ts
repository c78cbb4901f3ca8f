import type { Lock } from '../lock.ts';

/** Durations of a lock's writes that are kept: enough for a 99th percentile. */
const DURATIONS_MAX = 100;

/** The list with one more duration; the oldest goes. */
export function withDuration(programmingMs: readonly number[], tookMs: number): readonly number[] {
  return [...programmingMs, Math.round(tookMs)].slice(-DURATIONS_MAX);
}

/** The lock's own measured 99th percentile of the time a PIN takes to be programmed, in milliseconds; 0 before the first. */
export function programmingLeadMs({ programmingMs }: Lock): number {
  const ascending = programmingMs.toSorted((a, b) => a - b);
  return ascending[Math.ceil(ascending.length * 0.99) - 1] ?? 0;
}
