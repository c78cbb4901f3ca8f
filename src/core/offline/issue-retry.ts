import type { OfflineIssueOutcome } from './issue.ts';
import { CODE_BACKOFF_MAX_MS, retryAt } from '../timing/retry.ts';
import { HOUR_MS, MINUTE_MS, type Instant } from '../time.ts';

/** Longest wait that an issuer may ask for, and the wait after a refusal that somebody may mend outside of the hub. */
export const LONGEST_ISSUE_WAIT_MS = HOUR_MS;

/** To ask without internet costs nobody anything, and it may be back at any moment. */
const NO_INTERNET_WAIT_MS = MINUTE_MS;

/** When an issuer is asked again after so many failures in a row; `key` spreads those that failed together. */
export function issuedRetryAt(
  { reason, afterMs }: Extract<OfflineIssueOutcome, { readonly kind: 'retry' }>,
  failures: number,
  key: string,
  now: Instant,
): Instant {
  const maxMs = reason === 'no_internet' ? NO_INTERNET_WAIT_MS : CODE_BACKOFF_MAX_MS;
  const backoff = retryAt(failures, key, maxMs, { earliest: now, latest: now });
  return Math.max(backoff, now + Math.min(afterMs ?? 0, LONGEST_ISSUE_WAIT_MS));
}
