import { MINUTE_MS, SECOND_MS, type Instant, type TimeReading } from '../time.ts';

/** Failed attempts in a row after which a failure is an error and not a hiccup of the radio. */
export const FAILURES_TILL_ERROR = 3;

/** First wait after a failure. */
const BACKOFF_FIRST_MS = SECOND_MS;

/** Longest wait: a lock that was lost is served within 200 s of its return, one attempt included. */
export const LOCK_BACKOFF_MAX_MS = 150 * SECOND_MS;

/** Longest wait for a code that its lock answers and refuses: six attempts an hour spare its battery. */
export const CODE_BACKOFF_MAX_MS = 10 * MINUTE_MS;

/**
 * When to try again after `failures` failures in a row: 1 s doubling to `maxMs`. Up to a fifth is taken off,
 * differently for each key, so that many locks lost together do not come back together.
 */
export function retryAt(failures: number, key: string, maxMs: number, now: TimeReading): Instant {
  const fullMs = Math.min(BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 30), maxMs);
  return now.earliest + Math.round(fullMs * (1 - spread(`${key}:${failures}`) / 5));
}

/** True when the time to try has come, or when it lies so far ahead that the clock must have been set back. */
export function mayTry(at: Instant | null, now: TimeReading): boolean {
  return at === null || at <= now.earliest || at - now.earliest > CODE_BACKOFF_MAX_MS;
}

/** A number from 0 to 1 that depends on the text alone. */
function spread(text: string): number {
  let hash = 2166136261;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 16777619) >>> 0;
  }
  return hash / 0xffffffff;
}
