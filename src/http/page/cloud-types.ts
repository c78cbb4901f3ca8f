/** How the link to the cloud is. */
export interface PageCloud {
  /** `refused`: a person has to mend what `last_failure` says. */
  readonly status: 'connecting' | 'online' | 'waiting' | 'refused' | 'stopped';
  readonly last_failure: string | null;
  /** Who claimed this hub. `owner` `null`: nobody did yet. `null`: nobody has to. */
  readonly claim: { readonly owner: string | null } | null;
  /** Events that the cloud has not acknowledged. */
  readonly events_waiting: number;
}

/** `GET /page/claim`. */
export type PageClaim =
  /** This hub need not be claimed, or does not know its code yet. */
  | { readonly state: 'none' }
  | {
      readonly state: 'unclaimed';
      readonly is_asked: boolean;
      readonly refused: string | null;
      readonly code: string;
      readonly code_ends_at: string | null;
      /** Rows from the top; `1` is dark. */
      readonly qr: readonly string[];
    }
  | {
      readonly state: 'claimed';
      readonly owner: string;
      readonly claimed_at: string | null;
      readonly certificate_ends_at: string | null;
    };
