import type { OfflineRules, OfflineWindow } from './core/offline/window.ts';
import type { Pin } from './core/pin.ts';

/** Who computes the codes: a vendor's server, or this hub for a keypad that asks it. */
export type OfflineVendor = 'igloohome' | 'dormakaba_oracode' | 'lockhub';

/** A lock whose codes an issuer computes. Nothing is ever transmitted to it. */
export interface OfflineDevice {
  readonly vendor: OfflineVendor;
  /** The vendor's own id of the lock. */
  readonly address: string;
  readonly name: string;
  readonly model: string;
  readonly rules: OfflineRules;
}

export interface OfflineIssueRequest {
  /** The same one for every try of one code: an issuer that has issued it already answers the same digits. */
  readonly accessCodeId: string;
  readonly address: string;
  readonly window: OfflineWindow;
  readonly name: string | null;
}

/** What came of a request; `message` is a sentence for a person and holds no secret and no PIN. */
export type OfflineIssueOutcome =
  | { readonly kind: 'issued'; readonly pin: Pin; readonly reference: string | null }
  /** Nobody knows yet; ask again with backoff, not before `afterMs` where the vendor says so. */
  | {
      readonly kind: 'retry';
      readonly reason: 'no_internet' | 'vendor_down' | 'timed_out' | 'rate_limited' | 'token_refused';
      readonly afterMs: number | null;
      readonly message: string;
    }
  /** Asking the same again changes nothing until somebody changes something. */
  | {
      readonly kind: 'refused';
      readonly reason:
        | 'quota_reached'
        | 'window_refused'
        | 'clock_refused'
        | 'device_unknown'
        | 'unauthorized';
      readonly message: string;
    };

/** The PORT to an issuer of offline codes: one folder under `drivers/offline` for each vendor. */
export interface OfflineCodeIssuer {
  readonly vendor: OfflineVendor;
  /** Resolves with what the vendor knows; bounded to 30 s. Rejects only on a bug. */
  devices(): Promise<readonly OfflineDevice[]>;
  /** Bounded to 30 s. Rejects only on a bug. */
  issue(request: OfflineIssueRequest): Promise<OfflineIssueOutcome>;
  /** Ends what is under way. Bounded to 3 s. */
  stop(): Promise<void>;
}
