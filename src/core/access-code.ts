import type { OfflineAsked, OfflineIssue } from './offline/issue.ts';
import type { RefusalReason } from './operation.ts';
import type { Pin } from './pin.ts';
import type { CodeError, CodeWarning, ErrorCode } from './problem.ts';
import type { WeekDay } from './slot.ts';
import type { Instant } from './time.ts';

/** Decision 9; `unknown` means that the radio itself is unreachable. */
export type AccessCodeStatus = 'unset' | 'setting' | 'set' | 'removing' | 'unknown';

/** Who owns a code: a cloud document replaces only the cloud's (rule 2 of the MQTT contract). */
export type Origin = 'cloud' | 'local';

/** A window of every week in the site's wall time, `HH:mm`; one that stops at or before its start ends on the next day. */
export interface WeeklyWindow {
  readonly days: readonly WeekDay[];
  readonly start: string;
  readonly stop: string;
}

/** What was asked for: the fields of the create request that concern a hub. */
export interface AccessCodeRequest {
  readonly accessCodeId: string;
  readonly name: string | null;
  /** `null`: the hub makes one up, or shares that of its `commonCodeKey`. */
  readonly pin: Pin | null;
  /** Digits of a PIN that the hub makes up; an unsupported length falls back to the shortest supported one. */
  readonly preferredCodeLength: number | null;
  /** Codes with the same key have the same PIN, on whatever locks of this hub. */
  readonly commonCodeKey: string | null;
  /** Both set: time-bound. Only `startsAt`: ongoing from then on (decision 5). Neither: ongoing. */
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  readonly preferNativeScheduling: boolean;
  readonly allowExternalModification: boolean;
  readonly strictStart: boolean;
  /** Switches the backup pool of its lock on. */
  readonly useBackupPool: boolean;
  /** Extension: it opens only within these windows, inside `startsAt` and `endsAt`. `null`: at all times. */
  readonly weeklyWindows: readonly WeeklyWindow[] | null;
  /** Extension: it is removed when the lock has reported so many uses. `null`: no limit. */
  readonly maxUses: number | null;
  /** An offline code, whose digits an issuer computes; nothing of it is ever sent to the lock. `null`: an ordinary one. */
  readonly offline: OfflineAsked | null;
}

/** What a change in the request still waits to become on the lock: the value there, and since when it is to go. */
export interface PendingEdits {
  readonly name?: { readonly from: string | null; readonly since: Instant };
  readonly code?: { readonly since: Instant };
  readonly timeFrame?: {
    readonly startsAt: Instant | null;
    readonly endsAt: Instant | null;
    readonly since: Instant;
  };
}

/** One row of the desired codes, with what became of it. */
export interface AccessCode extends AccessCodeRequest {
  /** `null` for a request that was rejected from the start, and while the hub can't make one up yet. */
  readonly pin: Pin | null;
  /** Nobody chose its PIN: the hub makes it up, or has it issued. A request without one is no change. */
  readonly isPinDrawn: boolean;
  readonly origin: Origin;
  readonly createdAt: Instant;
  /**
   * Of an offline code: the window that it is issued for, which `startsAt` and `endsAt` are then, and how far that is.
   * `null` of all others, and until its lock was met.
   */
  readonly issue: OfflineIssue | null;
  /** Counts what was wanted of it: every change of the request is one. */
  readonly revision: number;
  readonly edits: PendingEdits;
  /** A code of the backup pool, or one pulled from it. */
  readonly isBackup: boolean;
  /** Of a pulled backup code: the code that it stands in for. */
  readonly backupOf: string | null;
  /** The backup code that stands in for this one. */
  readonly pulledBackupId: string | null;
  /** How often the lock has reported its use. */
  readonly uses: number;
  /** Since when the code only has to go: deletion was asked for, or its window has certainly ended. */
  readonly removingSince: Instant | null;
  /** The newest request for it was not taken. What was accepted before, if anything, stays in force. */
  readonly rejected: { readonly code: ErrorCode; readonly message: string } | null;
  /** The lock said no to this code as it is. */
  readonly refused: { readonly reason: RefusalReason; readonly message: string } | null;
  /** The slot kept for this code, for its whole life on the lock (decision 8). */
  readonly slot: number | null;
  readonly status: AccessCodeStatus;
  /** When the status last changed. */
  readonly statusSince: Instant;
  /** The lock's own schedule holds it (preloaded). */
  readonly isScheduledOnDevice: boolean;
  /** It was on the lock with proof at some time, so its removal is an event of its own. */
  readonly everOnDevice: boolean;
  /** Somebody edited it at the lock and the edit is left alone (`allowExternalModification`). */
  readonly externallyModified: boolean;
  readonly failures: number;
  readonly retryAt: Instant | null;
  readonly errors: readonly CodeError[];
  readonly warnings: readonly CodeWarning[];
}

/** Time-bound: both ends of the window are given. */
export function isTimeBound(
  code: Pick<AccessCode, 'startsAt' | 'endsAt'>,
): code is { readonly startsAt: Instant; readonly endsAt: Instant } {
  return code.startsAt !== null && code.endsAt !== null;
}

/**
 * A backup code that waits in the pool. It is the hub's own stock: it is in no list, and nobody is told of it until it
 * is pulled.
 */
export function isPoolCode(code: Pick<AccessCode, 'isBackup' | 'backupOf'>): boolean {
  return code.isBackup && code.backupOf === null;
}

/** A request with everything but its id at the defaults of the create call. */
export function plainRequest(accessCodeId: string): AccessCodeRequest {
  return {
    accessCodeId,
    name: null,
    pin: null,
    preferredCodeLength: null,
    commonCodeKey: null,
    startsAt: null,
    endsAt: null,
    preferNativeScheduling: true,
    allowExternalModification: false,
    strictStart: false,
    useBackupPool: false,
    weeklyWindows: null,
    maxUses: null,
    offline: null,
  };
}

/** A code of which nothing has been done yet. */
export function newCode(request: AccessCodeRequest, origin: Origin, at: Instant): AccessCode {
  return {
    ...request,
    isPinDrawn: false,
    origin,
    createdAt: at,
    issue: null,
    revision: 1,
    edits: {},
    isBackup: false,
    backupOf: null,
    pulledBackupId: null,
    uses: 0,
    removingSince: null,
    rejected: null,
    refused: null,
    slot: null,
    status: 'unset',
    statusSince: at,
    isScheduledOnDevice: false,
    everOnDevice: false,
    externallyModified: false,
    failures: 0,
    retryAt: null,
    errors: [],
    warnings: [],
  };
}
