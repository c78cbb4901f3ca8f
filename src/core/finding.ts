/** Everything that a check-up can find. Scripts and clouds decide by these ids, so they stay as they are. */
export const FINDING_IDS = [
  'config_broken',
  'hub_safe_mode',
  'hub_hangs',
  'restarts_often',
  'stick_missing',
  'stick_not_permitted',
  'stick_shared',
  'stick_silent',
  'stick_foreign',
  'stick_firmware',
  'zone_doubtful',
  'clock_wrong',
  'clock_unsynchronised',
  'clock_uncertain',
  'broker_unreachable',
  'broker_refuses_login',
  'broker_refuses_topics',
  'broker_certificate_unknown',
  'broker_certificate_expired',
  'broker_name_mismatch',
  'login_unusable',
  'client_certificate_expired',
  'client_certificate_expires',
  'hub_id_shared',
  'queue_growing',
  'disk_full',
  'disk_nearly_full',
  'disk_read_only',
  'card_worn',
  'data_not_owned',
  'data_exposed',
  'key_missing',
  'key_unusable',
  'key_wrong',
  'key_exposed',
  'key_change_unfinished',
  'database_damaged',
  'database_foreign',
  'database_newer',
  'database_repaired',
  'database_emptied',
  'backup_failed',
  'backup_missing',
  'backup_key_missing',
  'radio_keys_missing',
  'radio_keys_unusable',
  'lock_unreachable',
  'lock_keys_missing',
  'lock_low_security',
  'lock_battery_low',
  'lock_signal_weak',
  'lock_clock_wrong',
  'lock_zone_wrong',
  'lock_fights_back',
  'page_port_taken',
  'page_certificate_expired',
  'memory_short',
  'memory_folder_missing',
  'undervoltage',
] as const;

export type FindingId = (typeof FINDING_IDS)[number];

/** One thing that is wrong, for a person who is to mend it. Never holds a secret. */
export interface Finding {
  readonly id: FindingId;
  /** `error`: something does not work. `warning`: it will not for long, or less well than it could. */
  readonly severity: 'error' | 'warning';
  /** Which of several: a key of the config, the name of a lock; `null`: there is only one. */
  readonly subject: string | null;
  /** What is wrong, in a sentence. */
  readonly what: string;
  /** What to do about it. */
  readonly fix: string;
  /** What was seen, from which this follows. */
  readonly seen: string;
}

/** One look at a hub and its machine. */
export interface CheckUp {
  /** By the clock of the machine, ISO 8601 in UTC. */
  readonly at: string;
  /** `unknown`: who asks may not see it. */
  readonly hub: 'running' | 'stopped' | 'unknown';
  /** Errors first. */
  readonly findings: readonly Finding[];
  /** What could not be looked at, and why; nothing is known of it. */
  readonly unchecked: readonly { readonly check: string; readonly reason: string }[];
}
