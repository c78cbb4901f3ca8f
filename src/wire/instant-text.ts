import type { Instant } from '../core/time.ts';

/** Farthest instant that has an ISO 8601 text, either side of 1970. */
const INSTANT_MAX_MS = 8.64e15;

/** ISO 8601 in UTC with milliseconds; `null` for no instant, and for the open end of an uncertain clock. */
export function instantText(at: Instant | null): string | null {
  return at === null || !(Math.abs(at) <= INSTANT_MAX_MS) ? null : new Date(at).toISOString();
}

/** The same of an instant that the hub itself took note of, which always has a text. */
export function notedText(at: Instant): string {
  return instantText(at) ?? new Date(0).toISOString();
}
