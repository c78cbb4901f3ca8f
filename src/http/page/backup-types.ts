// What the view Backup of the page is told.

/** `GET /page/backups`. */
export interface BackupsAnswer {
  readonly is_running: boolean;
  /** Why the last one was not made; `null`: it was. */
  readonly failure: string | null;
  /** Newest first. */
  readonly backups: readonly { readonly name: string; readonly size_bytes: number }[];
  readonly has_recovery_key: boolean;
}

/** `POST /page/backups/make`. */
export interface MadeBackupAnswer {
  readonly name: string;
}

/** `POST /page/backups/recovery-key`: shown this once. */
export interface RecoveryKeyAnswer {
  readonly recovery_key: string;
}
