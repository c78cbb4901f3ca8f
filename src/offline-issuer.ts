import type { OfflineIssueOutcome } from './core/offline/issue.ts';
import type { OfflineRules, OfflineVendor, OfflineWindow } from './core/offline/window.ts';

export type { OfflineIssueOutcome } from './core/offline/issue.ts';

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
