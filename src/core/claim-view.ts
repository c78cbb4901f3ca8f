import type { Instant } from './time.ts';

/** How far it is that somebody owns this hub. */
export type ClaimView =
  | {
      readonly state: 'unclaimed';
      /** The broker of the cloud has the request with this code. */
      readonly isAsked: boolean;
      /** The cloud's last word against it: `hub_id_taken` or `not_allowed`. */
      readonly refused: string | null;
      /** In groups, as a person reads it. */
      readonly code: string;
      readonly codeEndsAt: Instant;
      /** What its QR holds. */
      readonly qrText: string;
    }
  | {
      readonly state: 'claimed';
      readonly owner: string;
      readonly claimedAt: Instant;
      readonly certificateEndsAt: Instant;
    };
