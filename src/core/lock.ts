import type { AccessCode } from './access-code.ts';
import type { Capabilities } from './capability.ts';
import type { DeviceProblemCode } from './problem.ts';
import type { AccessMethod, LockLink } from './lock-event.ts';
import type { DoorMemory } from './offline/judge.ts';
import type { Slot } from './slot.ts';
import { HOUR_MS, MINUTE_MS, type Instant } from './time.ts';

/** The comparison of the slot table with the lock, within a budget of frames. */
export interface Audit {
  /** Since when one is due; `null`: none is. */
  readonly dueSince: Instant | null;
  /** When the last one was finished. */
  readonly doneAt: Instant | null;
  /** Frames that audits may still cost until `refillAt`. */
  readonly framesLeft: number;
  /** The checksum differs, so slots are read one by one. */
  readonly isReading: boolean;
  readonly refillAt: Instant;
}

/** Whether a lock that masks reports our writes as if somebody had edited it. */
export interface Echo {
  /** So many of our last writes in a row were reported, or (below zero) were not; -2 to 2. */
  readonly streak: number;
  /** The last write, until it is reported; `null` also where nobody knows what became of it. */
  readonly awaited: { readonly slot: number; readonly at: Instant } | null;
}

/** What a lock last told of its bolt. */
export interface BoltReport {
  readonly kind: 'locked' | 'unlocked';
  readonly method: AccessMethod;
  readonly slot: number | null;
  readonly at: Instant;
}

/** The keypad beside a lock that asks the hub, and what was typed there. */
export interface Door {
  /** `device_id` of the keypad whose codes open this lock; `null`: none does. */
  readonly keypadId: string | null;
  /** It outlives the pairing: a burnt code stays burnt at another keypad of the same lock. */
  readonly memory: DoorMemory;
  /** Codes that were typed and not looked at since wrong ones were too many; the first of them is told. */
  readonly unread: number;
}

/** One lock as the hub knows it. Before it is interviewed, `capabilities` is `null` and nothing is planned. */
export interface Lock {
  readonly deviceId: string;
  /** `null`: it is in no network, because nobody has met it yet or because it left. */
  readonly radio: LockLink | null;
  readonly address: number | string | null;
  readonly model: string | null;
  /** What people call it; `null`: nobody has named it. */
  readonly nickname: string | null;
  /** What a client of the local API noted about it, for itself. */
  readonly customMetadata: Readonly<Record<string, string | boolean>>;
  /** When a radio first met it; `null` before, and where that was before anybody took note. */
  readonly metAt: Instant | null;
  readonly capabilities: Capabilities | null;
  readonly secure: boolean;
  readonly online: boolean;
  /** 0 to 1. */
  readonly batteryLevel: number | null;
  /** Its own warning, or a level that says the same; told once until it is over. */
  readonly batteryLow: boolean;
  readonly locked: boolean | null;
  /** The last few reports, by which a doubled one is known; the last of them is where the bolt is now. */
  readonly boltReports: readonly BoltReport[];
  readonly jammed: boolean;
  readonly tampered: boolean;
  /** When a tampering whose end nobody tells is over; `null`: there is none. */
  readonly tamperEndsAt: Instant | null;
  /** It shows `****` instead of digits; learned from its first occupied slot. */
  readonly masksPins: boolean;
  readonly echo: Echo;
  /** It refused a schedule although it lists them: its codes go on just in time instead. */
  readonly nativeRefused: boolean;
  /** It enabled a code that was to be held disabled: none is armed there again. */
  readonly armRefused: boolean;
  /** When its clock was last set, and the zone's offset then; `null` if never. */
  readonly clockSet: {
    readonly at: Instant;
    readonly offsetMinutes: number;
    /** How often in a row the lock was told and did not confirm it, so that a look at its clock has to tell. */
    readonly unconfirmed: number;
  } | null;
  /** When its clock was last looked at, and how far it was ahead of the hub's, in milliseconds; `null` if never. */
  readonly clockRead: {
    readonly at: Instant;
    readonly aheadMs: number;
    /** It was as wrong right after it had been set: its schedules are not to be relied on. */
    readonly staysWrong: boolean;
  } | null;
  /** It has no clock that can be asked for. */
  readonly clockUnreadable: boolean;
  /** PIN lengths that somebody reported for a lock that can't tell them; they replace its own. */
  readonly reportedPinLengths: readonly number[] | null;
  /** The hub lacks the keys that this lock wants to be spoken to with. */
  readonly credentialsMissing: boolean;
  readonly door: Door;
  /** A code asked for backup codes, so a pool of them is kept on this lock. */
  readonly poolEnabled: boolean;
  readonly audit: Audit;
  /** Retries and repairs of the last hour, ascending: the write budget counts them. */
  readonly repeatedWrites: readonly Instant[];
  /** The budget was spent, so nothing is repeated until then but removals. */
  readonly repeatsBlockedUntil: Instant | null;
  /** How long the last writes of a PIN took, in milliseconds, newest last. */
  readonly programmingMs: readonly number[];
  /** What is wrong with the lock as a whole, and since when. */
  readonly problems: readonly { readonly code: DeviceProblemCode; readonly since: Instant }[];
  /** Codes whose uses are spent and that the cloud's document still names, with the uses they had. */
  readonly spent: readonly { readonly accessCodeId: string; readonly uses: number }[];
  /**
   * When the backup was made that this state was restored from; `null`: it never was. From then on the hub before this
   * one may have written codes that the table knows nothing of.
   */
  readonly fromBackupAt: Instant | null;
  /** Version of the newest desired document; zeros before the first. */
  readonly generation: number;
  readonly versionReceived: number;
  readonly versionApplied: number;
  /** Failed attempts in a row to reach this lock, and when to try again. */
  readonly failures: number;
  readonly retryAt: Instant | null;
  /** Looks that failed and have not succeeded since, newest last: all else goes before them, so that they keep nobody waiting. */
  readonly failedLooks: readonly string[];
}

/** All that is planned over: one lock with its codes and its rows of the code slot table. */
export interface LockState {
  readonly lock: Lock;
  readonly codes: readonly AccessCode[];
  /** Only slots we know something of, ascending. */
  readonly slots: readonly Slot[];
}

/** Site-wide settings that planning depends on. */
export interface Policy {
  /** IANA zone of the site: the wall time of its locks. */
  readonly timezone: string;
  readonly jitLeadMs: number;
  readonly nativePreloadMs: number;
  /** Just-in-time codes are enabled no earlier than their start (decision 22). */
  readonly strictStart: boolean;
  /** Backup codes a pool holds, where the lock has ten times as many slots. */
  readonly backupPoolSize: number;
  /** Frames that audits of one lock may cost a day. */
  readonly auditFramesPerDay: number;
  /** Retries and repairs that one lock gets in an hour. */
  readonly repeatedWritesPerHour: number;
  /** The hub can't be kept running, so nothing is put on a lock: what has to go goes, and that is all. */
  readonly safeMode: boolean;
}

/** What a site has that says nothing else. */
export const DEFAULT_POLICY: Omit<Policy, 'timezone'> = {
  jitLeadMs: 30 * MINUTE_MS,
  nativePreloadMs: 72 * HOUR_MS,
  strictStart: false,
  backupPoolSize: 3,
  auditFramesPerDay: 60,
  repeatedWritesPerHour: 20,
  safeMode: false,
};

/** A lock nobody has met yet, for documents that arrive before it. */
export function unmetLock(deviceId: string): Lock {
  return {
    deviceId,
    radio: null,
    address: null,
    model: null,
    nickname: null,
    customMetadata: {},
    metAt: null,
    capabilities: null,
    secure: true,
    online: false,
    batteryLevel: null,
    locked: null,
    boltReports: [],
    jammed: false,
    tampered: false,
    tamperEndsAt: null,
    batteryLow: false,
    masksPins: false,
    echo: { streak: 0, awaited: null },
    nativeRefused: false,
    armRefused: false,
    clockSet: null,
    clockRead: null,
    clockUnreadable: false,
    reportedPinLengths: null,
    credentialsMissing: false,
    door: { keypadId: null, memory: { burnt: [], guesses: [] }, unread: 0 },
    poolEnabled: false,
    audit: { dueSince: null, doneAt: null, framesLeft: 0, isReading: false, refillAt: 0 },
    repeatedWrites: [],
    repeatsBlockedUntil: null,
    programmingMs: [],
    problems: [],
    spent: [],
    fromBackupAt: null,
    generation: 0,
    versionReceived: 0,
    versionApplied: 0,
    failures: 0,
    retryAt: null,
    failedLooks: [],
  };
}
