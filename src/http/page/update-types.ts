// What the page is told of updates of the hub.

/** `GET /page/update`. */
export interface UpdateAnswer {
  readonly version: string;
  /** `null`: nothing is offered. */
  readonly offered: { readonly version: string; readonly bytes: number; readonly bytes_here: number } | null;
  readonly state: 'none' | 'downloading' | 'unpacking' | 'waiting' | 'changing' | 'proving';
  /** What it waits for, in words; `null`: nothing. */
  readonly waits_for: string | null;
  /** How the last one ended; `null`: there was none. */
  readonly last: {
    readonly from: string;
    readonly to: string;
    readonly outcome: 'done' | 'back' | 'refused';
    readonly reason: string | null;
    readonly database_restored: boolean;
  } | null;
}
