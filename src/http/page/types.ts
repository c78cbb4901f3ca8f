// What the technician's page is told, and what it may ask. Types only: the page is built from its own sources and shares
// nothing else with the hub. Times are ISO 8601 in UTC with `Z`; the page shows them in the zone of the site.

import type { CommandError, CommandType } from '../../core/command.ts';
import type { LockLink, RadioKind } from '../../core/lock-event.ts';
import type { PairingStage } from '../../core/radio-view.ts';
import type {
  AccessCodeObject,
  ErrorObject,
  UnmanagedCodeObject,
  WarningObject,
} from '../../wire/access-code.ts';
import type { ClockView } from './clock-view.ts';
import type { PageCloud } from './cloud-types.ts';
import type { PageDoor, PageIssue, PageOffline, PageSecret } from './offline-types.ts';

/** `GET /page/session`: who is logged in, and what a request that changes something has to send as `x-csrf-token`. */
export interface SessionAnswer {
  readonly csrf_token: string;
  readonly scopes: readonly string[];
  readonly hub_id: string;
  readonly version: string;
  /** IANA zone of the site. */
  readonly timezone: string;
}

/** `GET /page/overview`. */
export interface Overview {
  readonly hub: HubHealth;
  /** Those with a problem first, then by name. */
  readonly locks: readonly LockSummary[];
}

export interface HubHealth {
  readonly hub_id: string;
  readonly version: string;
  readonly timezone: string;
  readonly started_at: string;
  readonly uptime_seconds: number;
  /** The hub's time is between these two. */
  readonly clock: ClockView;
  readonly radios: readonly { readonly radio: RadioKind; readonly state: 'starting' | 'ready' | 'down' }[];
  /** `null`: this hub has no cloud. */
  readonly cloud: PageCloud | null;
  /** `short`: telemetry is not kept any more; `none`: nothing can be stored. */
  readonly disk: Readonly<Record<'free_bytes' | 'total_bytes' | 'database_bytes', number>> & {
    readonly room: 'ample' | 'short' | 'none';
  };
  readonly memory_bytes: number;
  /** Secrets of the hub's own offline codes that are accepted, the newest first. `accepted_until` `null`: the newest. */
  readonly offline_secrets: readonly PageSecret[];
  /** Problems of the hub itself, worst first; sentences that say what to do. */
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

/** How the radio reaches a lock; what nobody knows is `null`. */
export interface Signal {
  readonly last_heard_at: string | null;
  /** dBm of the last frame. */
  readonly rssi_dbm: number | null;
  /** How well the last hop is heard, 0 to 255, where the radio has that instead. */
  readonly link_quality: number | null;
  readonly round_trip_ms: number | null;
}

export interface LockSummary {
  readonly device_id: string;
  readonly name: string;
  /** It is no lock but a keypad that asks the hub: it has no bolt and no codes. */
  readonly is_keypad: boolean;
  /** `null`: it takes no offline codes. */
  readonly offline: PageOffline | null;
  /** Wrong offline codes were too many: none is looked at before. */
  readonly offline_locked_until: string | null;
  readonly model: string | null;
  /** `null`: it is in no network. */
  readonly radio: LockLink | null;
  readonly address: number | string | null;
  readonly online: boolean;
  readonly secure: boolean;
  readonly locked: boolean | null;
  readonly jammed: boolean;
  readonly tampered: boolean;
  /** 0 to 1. */
  readonly battery_level: number | null;
  readonly battery_status: 'critical' | 'low' | 'good' | 'full' | null;
  readonly signal: Signal;
  /** `total` is `null` before the interview. */
  readonly slots: { readonly used: number; readonly total: number | null };
  readonly codes: { readonly total: number; readonly pending: number; readonly with_errors: number };
  /** What is done next, in a sentence; `null`: nothing is. */
  readonly pending: string | null;
  readonly errors: readonly ErrorObject[];
  readonly warnings: readonly WarningObject[];
}

/** "Why?", of one code or slot. */
export interface Why {
  readonly reason: string;
  readonly message: string;
  readonly at: string | null;
}

/** A code without its PIN; `has_code` says whether there is one to be shown. */
export type PageCode = Omit<AccessCodeObject, 'code'> & {
  readonly has_code: boolean;
  readonly slot: number | null;
  readonly why: Why | null;
  /** The page may change it: the hub made it, or may change what is the cloud's. */
  readonly can_change: boolean;
  readonly can_delete: boolean;
  /** Of an offline code: how far its issuing is, and the window that it opens in. `null` until its lock was met. */
  readonly issue: PageIssue | null;
};

export type PageUnmanagedCode = Omit<UnmanagedCodeObject, 'code'> & {
  readonly has_code: boolean;
  readonly slot: number;
};

/** One row of the code slot table, as it is believed. */
export interface PageSlot {
  readonly slot: number;
  readonly content: 'empty' | 'pin' | 'masked' | 'unknown';
  /** `null` where it has no code, or nobody knows. */
  readonly enabled: boolean | null;
  readonly access_code_id: string | null;
  readonly is_managed: boolean;
  /** How its content was proven, and when; `null`: it was not. */
  readonly proof: 'read_back' | 'checksum' | 'event' | 'supervision' | null;
  readonly proven_at: string | null;
  readonly written_at: string | null;
  /** A write whose result is not known yet. */
  readonly is_writing: boolean;
  /** Its schedule on the lock in a few words; `null`: none, or nobody knows. */
  readonly schedule: string | null;
  readonly why: Why | null;
}

/** What a timeline of one code shows. */
export interface TimelineCode {
  readonly access_code_id: string;
  readonly name: string | null;
  readonly is_managed: boolean;
  /** When it is wanted to open: `null` ends are open. Weekly windows are unrolled. */
  readonly windows: readonly { readonly starts_at: string | null; readonly ends_at: string | null }[];
  /** When the hub begins to put it on the lock (just-in-time lead or native preload); `null`: at once. */
  readonly writes_from: string | null;
  readonly strategy: 'native' | 'just_in_time' | 'offline' | 'ongoing' | null;
  /** When a slot of the lock actually held it; `to` is `null` while it does. */
  readonly held: readonly { readonly slot: number; readonly from: string; readonly to: string | null }[];
}

export interface Timeline {
  readonly from: string;
  readonly to: string;
  readonly now: string;
  readonly codes: readonly TimelineCode[];
  /** Entries and what happened to the door: at most 500, the newest. */
  readonly marks: readonly {
    readonly at: string;
    readonly kind: 'unlocked' | 'locked' | 'access_denied' | 'jammed' | 'tampered' | 'offline' | 'online';
    /** How a bolt was moved, or why a code was denied. */
    readonly method: string | null;
    readonly access_code_id: string | null;
  }[];
}

/** One operation of the radio. */
export interface PageOperation {
  readonly operation_id: number;
  readonly kind: string;
  readonly slot: number | null;
  readonly access_code_id: string | null;
  readonly begun_at: string;
  readonly took_ms: number | null;
  /** `null`: under way. */
  readonly outcome: string | null;
}

/** A lock as it was at one time; taken when it changes, and at least every few hours. */
export interface Measurement {
  readonly at: string;
  readonly battery_level: number | null;
  readonly rssi_dbm: number | null;
  readonly round_trip_ms: number | null;
}

/** `GET /page/locks?device_id=`: all of one lock. 404 in the format of the API where there is none. */
export interface LockDetail extends LockSummary {
  /** The keypad whose offline codes open it, and those that it may be; `null`: there are none, or it is one itself. */
  readonly door: PageDoor | null;
  readonly can_change_codes: boolean;
  readonly supported_code_lengths: readonly number[];
  readonly code_constraints: readonly {
    readonly constraint_type: string;
    readonly min_length?: number | undefined;
    readonly max_length?: number | undefined;
  }[];
  readonly has_native_schedules: boolean;
  readonly clock: { readonly checked_at: string; readonly ahead_seconds: number } | null;
  readonly audited_at: string | null;
  readonly slot_table: readonly PageSlot[];
  readonly managed_codes: readonly PageCode[];
  readonly unmanaged_codes: readonly PageUnmanagedCode[];
  readonly timeline: Timeline;
  /** The newest 100. */
  readonly operations: readonly PageOperation[];
  /** Ascending, at most 1000. */
  readonly measurements: readonly Measurement[];
  /** The newest 20. */
  readonly commands: readonly PageCommand[];
}

/** `GET /page/codes`: the managed codes of all locks. Keypads are none of them. */
export interface CodesAnswer {
  readonly locks: readonly Pick<
    LockDetail,
    | 'device_id'
    | 'name'
    | 'online'
    | 'supported_code_lengths'
    | 'code_constraints'
    | 'has_native_schedules'
    | 'offline'
    | 'slots'
  >[];
  readonly codes: readonly PageCode[];
  readonly unmanaged_codes: readonly PageUnmanagedCode[];
}

/**
 * `POST /page/codes/show {access_code_id}`: a PIN, on an explicit wish; the hub writes down that it was shown
 * (`hub.code_shown`). `code` is `null` where the lock masks it or none was drawn yet.
 */
export interface ShownPin {
  readonly code: string | null;
}

/**
 * `POST /page/codes/check {create}` or `{update}`, with the body of `/access_codes/create_multiple` or `/access_codes/update`:
 * the sentence with which that would be refused now; `null`: it would be granted. Nothing is changed.
 */
export interface CheckedCode {
  readonly refusal: string | null;
}

/**
 * `POST /page/commands {type, ...}` answers with the command as accepted (`CommandAnswer`); `GET /page/commands?command_id=` says how it is.
 * `type` and fields are those of MQTT commands: `lock_door unlock_door audit ping identify reinterview remove_device
 * self_test check_link` take `device_id`; `start_pairing` and `replace_device` take `radio` or `device_id`,
 * `duration_seconds`, `qr`, `pin`; `stop_pairing` takes nothing,
 * `set_keypad` `device_id` of a lock and `keypad_device_id` or `null`.
 */
export interface PageCommand {
  readonly command_id: string;
  readonly type: CommandType;
  readonly device_id: string | null;
  readonly received_at: string;
  readonly state: 'accepted' | 'running' | 'succeeded' | 'failed' | 'expired';
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly error: { readonly code: CommandError; readonly message: string } | null;
}

/** The answer of `/page/commands` and `/page/pairing/pin`: the command as it is now. */
export interface CommandAnswer {
  readonly command: PageCommand;
}

/** Result of `self_test`. */
export interface SelfTestResult {
  readonly steps: readonly {
    readonly step: 'reach' | 'find_slot' | 'write' | 'read_back' | 'remove' | 'prove_empty';
    readonly ok: boolean;
    readonly took_ms: number;
    readonly message: string;
  }[];
}

/** Result of `check_link`: some rounds of frames to the lock and back. */
export interface LinkCheckResult {
  /** 0 (nothing got through) to 10. */
  readonly rating: number;
  readonly rounds: readonly {
    readonly round_trip_ms: number | null;
    readonly rssi_dbm: number | null;
    readonly failed_pings: number;
  }[];
}

/** `GET /page/pairing`: what is under way, kept in memory only. Pairing, exclusion and replacement alike. */
export interface PairingState {
  /** `null`: nothing was begun since the hub started. */
  readonly current: {
    readonly command_id: string;
    readonly kind: 'pair' | 'replace' | 'remove';
    readonly radio: RadioKind;
    readonly device_id: string | null;
    readonly closes_at: string;
    readonly stage: PairingStage;
    /** `pin_needed`: the part of the DSK that is to be compared with the label, in groups of five digits. */
    readonly dsk: string | null;
    /** 0 to 1, of the interview. */
    readonly progress: number | null;
    readonly ended: Pick<PageCommand, 'state' | 'result' | 'error'> | null;
  } | null;
}

// `POST /page/pairing/pin {pin}`: the five digits, `null` to go on without proof.

export interface PageNode extends Signal {
  readonly address: number | string;
  readonly device_id: string | null;
  readonly name: string;
  readonly is_controller: boolean;
  readonly status: 'awake' | 'asleep' | 'dead' | 'unknown';
  /** `null`: done. */
  readonly interview: string | null;
  readonly security: string | null;
  /** Repeaters on the way to it, none: direct; `null`: nobody knows. */
  readonly route: readonly (number | string)[] | null;
  readonly neighbors: readonly (number | string)[] | null;
  readonly frames: { readonly sent: number; readonly received: number; readonly failed: number } | null;
}

/** One line of the log; never a PIN. */
export interface LogLine {
  /** Counts from the start of the hub. */
  readonly id: number;
  readonly at: string;
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** `GET /page/log?level=&after=`: the newest lines that are still in memory. */
export interface LogAnswer {
  readonly lines: readonly LogLine[];
}

// `GET /page/diagnostics`: the bundle, an archive (`lockhub-<hub_id>-<time>.tar.gz`).

/**
 * `GET /page/stream?log=`: server-sent events, named by `kind`, data as JSON; `log=<level>` adds log lines. A comment every 15 s shows that
 * the line is alive. After a reconnect everything is fetched anew: nothing is repeated.
 */
export type StreamMessage =
  /** First of every connection. */
  | { readonly kind: 'hello'; readonly boot_id: string; readonly at: string }
  /** Something about these locks changed; `hub`: of the hub, its radios or its cloud. */
  | { readonly kind: 'changed'; readonly device_ids: readonly string[]; readonly hub: boolean }
  /** A new event, as in `/events/list`, without PIN. */
  | { readonly kind: 'event'; readonly event: Readonly<Record<string, unknown>> }
  | { readonly kind: 'command'; readonly command: PageCommand }
  | { readonly kind: 'pairing'; readonly pairing: PairingState }
  | { readonly kind: 'log'; readonly line: LogLine };
