import type { RefusalReason } from './operation.ts';
import type { Pin } from './pin.ts';
import type { CodeError, CodeWarning, ErrorCode } from './problem.ts';
import type { Instant } from './time.ts';

/** Decision 9; `unknown` means that the radio itself is unreachable. */
export type AccessCodeStatus = 'unset' | 'setting' | 'set' | 'removing' | 'unknown';

/** Who owns a code: a cloud document replaces only the cloud's (rule 2 of the MQTT contract). */
export type Origin = 'cloud' | 'local';

/** What was asked for: the fields of the create request that concern a hub. */
export interface AccessCodeRequest {
  readonly accessCodeId: string;
  readonly name: string | null;
  readonly pin: Pin;
  /** Both set: time-bound. Only `startsAt`: ongoing from then on (decision 5). Neither: ongoing. */
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  readonly preferNativeScheduling: boolean;
  readonly allowExternalModification: boolean;
  readonly strictStart: boolean;
}

/** One row of the desired codes, with what became of it. */
export interface AccessCode extends Omit<AccessCodeRequest, 'pin'> {
  /** `null` only for a request that was rejected: it never reaches the lock. */
  readonly pin: Pin | null;
  readonly origin: Origin;
  readonly createdAt: Instant;
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
