import type { OfflineWindow } from './window.ts';
import type { Pin } from '../pin.ts';
import type { Instant } from '../time.ts';

/** What a request says of an offline code beside its times. */
export interface OfflineAsked {
  readonly isOneTimeUse: boolean;
  /** `max_time_rounding`, in milliseconds. */
  readonly maxRoundingMs: number;
}

/** Nobody knows yet; to be asked again with backoff. */
type RetryReason = 'no_internet' | 'vendor_down' | 'timed_out' | 'rate_limited' | 'token_refused';

/** Asking the same again changes nothing until somebody changes something. */
export type IssueRefusalReason =
  | 'quota_reached'
  | 'window_refused'
  | 'clock_refused'
  | 'device_unknown'
  | 'unauthorized'
  /** Its digits are those of another code of the lock at that time. */
  | 'duplicate_pin';

/** What came of a request to an issuer; `message` is a sentence for a person and holds no secret and no PIN. */
export type OfflineIssueOutcome =
  | { readonly kind: 'issued'; readonly pin: Pin; readonly reference: string | null }
  /** Not before `afterMs` where the vendor says so. */
  | {
      readonly kind: 'retry';
      readonly reason: RetryReason;
      readonly afterMs: number | null;
      readonly message: string;
    }
  | {
      readonly kind: 'refused';
      readonly reason: Exclude<IssueRefusalReason, 'duplicate_pin'>;
      readonly message: string;
    };

/** How far the issuing of an offline code is. */
export interface OfflineIssue {
  readonly window: OfflineWindow;
  /** The times as they were asked for, before rounding. */
  readonly asked: { readonly startsAt: Instant; readonly endsAt: Instant | null };
  /** `asked`: the issuer was, so that it may have issued the code, whatever was heard of it. */
  readonly state: 'waiting' | 'asked' | 'issued' | 'refused';
  /** Why the last try brought no digits; `null` before the first and once it is issued. */
  readonly trouble: { readonly reason: RetryReason | IssueRefusalReason; readonly message: string } | null;
  /** The issuer's own id of the code. */
  readonly reference: string | null;
}
