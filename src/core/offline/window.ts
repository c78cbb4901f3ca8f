import type { Instant } from '../time.ts';

/** Who computes the codes: a vendor's server, or this hub for a keypad that asks it. */
export type OfflineVendor = 'igloohome' | 'dormakaba_oracode' | 'lockhub';

/** That a lock takes offline codes: of whom, and for which windows. */
export interface OfflineCapability {
  readonly vendor: OfflineVendor;
  readonly rules: OfflineRules;
}

/** What is asked of an issuer of offline codes: the fields of the create request that concern it. */
export interface OfflineRequest {
  readonly startsAt: Instant | null;
  /** `null` only for a one-time code, whose length the issuer sets. */
  readonly endsAt: Instant | null;
  readonly isOneTimeUse: boolean;
  /** `max_time_rounding`: the furthest that each boundary may move. */
  readonly maxRoundingMs: number;
  /** `nearest` is decision 20; with `outward` the guest never has less than was asked for. */
  readonly rounding: 'nearest' | 'outward';
}

/** A window that an issuer takes, as it is issued: `endsAt` is the first instant at which it is closed. */
export interface OfflineWindow {
  readonly kind: 'hourly' | 'daily' | 'one_time';
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  /** Of an issuer with user levels: the one whose times these are. */
  readonly levelId: string | null;
}

/** What one issuer takes, as data: its driver knows the numbers. */
export type OfflineRules = SpanRules | LevelRules;

/**
 * Windows that begin on the hour of the zone's wall: of 1 to `hoursMax` hours, or of `daysMin` to `daysMax` days, at
 * whose end the wall shows the time of day of the start again or a multiple of 24 hours has passed.
 */
export interface SpanRules {
  readonly kind: 'spans';
  readonly zone: string;
  readonly hoursMax: number;
  readonly daysMin: number;
  readonly daysMax: number;
  /** Length of a one-time code; `null`: there are none. */
  readonly oneTimeHours: number | null;
}

/** Windows that begin and end at the times of one user level, over 1 to `daysMax` days. */
export interface LevelRules {
  readonly kind: 'levels';
  readonly levels: readonly UserLevel[];
  readonly daysMax: number;
}

/** One predefined time slot of an Oracode lock. */
export interface UserLevel {
  readonly levelId: string;
  readonly name: string;
  /** All PINs of the level begin with it. */
  readonly prefix: number;
  /** The zone of the lock, in whose wall time the level is. */
  readonly zone: string;
  /** Time of day in milliseconds. A check-out before the check-in is on a later day. */
  readonly checkInMs: number;
  readonly checkOutMs: number;
  readonly is24Hour: boolean;
  /** Levels that no code can be asked for. */
  readonly isOneShot: boolean;
  readonly isMaster: boolean;
  readonly isBiweekly: boolean;
}

export type OfflineRefusalReason =
  | 'start_missing'
  | 'end_missing'
  | 'end_not_after_start'
  | 'one_time_unsupported'
  | 'no_level'
  | 'too_long'
  | 'rounding_exceeded';

/** Why a request is not taken. `message` names the field, and the nearest window that would be taken. */
interface OfflineRefusal {
  readonly reason: OfflineRefusalReason;
  readonly message: string;
  /** To be asked for exactly. `null`: no window is taken instead. */
  readonly nearest: OfflineWindow | null;
}

export type OfflineAnswer =
  | { readonly ok: true; readonly window: OfflineWindow }
  | { readonly ok: false; readonly refusal: OfflineRefusal };
