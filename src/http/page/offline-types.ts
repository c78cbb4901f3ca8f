// What the technician's page is told of offline codes. Types only, as in `types.ts`.

import type { OfflineVendor } from '../../core/offline/window.ts';
import type { OfflineTimeFrame } from '../../wire/offline-time-frame.ts';

/** A window that an offline code may have. */
export type PageTimeFrame = OfflineTimeFrame;

/** Which offline codes a lock takes. */
export interface PageOffline {
  readonly vendor: OfflineVendor;
  readonly rules:
    | {
        readonly kind: 'spans';
        readonly hours_max: number;
        readonly days_min: number;
        readonly days_max: number;
        /** How long a one-time code opens; `null`: there are none. */
        readonly one_time_hours: number | null;
      }
    | {
        readonly kind: 'levels';
        readonly days_max: number;
        /** Those that codes can be asked for, with times of day (`HH:MM`) in the zone of the lock. */
        readonly levels: readonly {
          readonly user_level_id: string;
          readonly name: string;
          readonly check_in: string;
          readonly check_out: string;
          readonly zone: string;
        }[];
      };
}

/** How far the issuing of an offline code is, and the window that it opens in. */
export type PageIssue = PageTimeFrame & {
  readonly state: 'waiting' | 'asked' | 'issued' | 'refused';
  /** The times that were asked for, before rounding. */
  readonly asked_starts_at: string;
  readonly asked_ends_at: string | null;
};

/** A secret of the hub's own offline codes. */
export interface PageSecret {
  readonly secret_id: string;
  /** `null`: it is the newest. */
  readonly accepted_until: string | null;
}

/** The keypad whose offline codes open a lock, and those that it may be. */
export interface PageDoor {
  readonly keypad_device_id: string | null;
  readonly keypads: readonly { readonly device_id: string; readonly name: string }[];
}
