import { Zcl, Zdo } from 'zigbee-herdsman';
import type { z } from 'zod';

/** What came of one command to a lock. */
export type Answer<T> =
  | { readonly kind: 'answer'; readonly payload: T }
  /** A default response instead of the answer: the lock does not know the command, or would not take it. */
  | { readonly kind: 'default'; readonly status: number }
  /** It answered, and nobody can tell what: a frame without its tail (traps 3 and 4 of the field notes). */
  | { readonly kind: 'unreadable' }
  /** Delivered and not answered in time: it may be executed all the same. */
  | { readonly kind: 'no_answer' }
  /** The stick says that the lock did not take it, or that it could not send it itself. `code` is its own number. */
  | { readonly kind: 'not_delivered'; readonly at: 'lock' | 'stick'; readonly code: number | null };

/** What has no answer to speak of. */
export type Silence = Exclude<Answer<never>, { kind: 'answer' }>;

/** A payload of the library: what the command asked for, or a default response (trap 2: both resolve). */
export function answerOf<T>(payload: unknown, schema: z.ZodType<T>): Answer<T> {
  if (isDefaultResponse(payload)) return { kind: 'default', status: payload.statusCode };
  // Numbers that are none become NaN in the library, which no number of a schema takes (trap 3).
  const parsed = schema.safeParse(payload);
  return parsed.success ? { kind: 'answer', payload: parsed.data } : { kind: 'unreadable' };
}

/**
 * An error of the library. Its text quotes the command, PIN and all, and goes no further. A stick says by a number why
 * nothing was delivered (zstack) or by a text (ember); what has neither, and is no time-out, is trouble of the stick.
 * Errors that only a mistake in a program makes are rethrown.
 */
export function answerOfError(error: unknown): Silence {
  if (error instanceof Zcl.StatusError) return { kind: 'unreadable' };
  if (error instanceof Zdo.StatusError) return { kind: 'default', status: error.code };
  if (!(error instanceof Error) || MISTAKES.some((mistake) => error instanceof mistake)) throw error;
  const code = 'code' in error && typeof error.code === 'number' ? error.code : null;
  if (code !== null) return { kind: 'not_delivered', at: LOCK_CODES.has(code) ? 'lock' : 'stick', code };
  if (error.message.includes(EMBER_UNDELIVERED)) return { kind: 'not_delivered', at: 'lock', code };
  return TIME_OUT.test(error.message) ? { kind: 'no_answer' } : { kind: 'not_delivered', at: 'stick', code };
}

const MISTAKES = [TypeError, ReferenceError, SyntaxError] as const;

/** How both adapters say that a lock did not answer; the commands of the stick itself time out in other words. */
const TIME_OUT = /(?:Timeout|timed out) after \d+ms/;
const EMBER_UNDELIVERED = 'Delivery failed for ';

/** Statuses of Z-Stack that are about the lock; all others are about the stick: its memory, its air, its network. */
const LOCK_CODES: ReadonlySet<number> = new Set([
  // No acknowledgement by APS, by the network or by the radio: a lost one may hide an execution.
  0xb7, 0xcc, 0xe9,
  // No way to it, and a child that did not ask for it in time.
  0xcd, 0xf0,
  // The library's own number for a frame that still waits at the stick when its time is over.
  9999,
]);

/** The status of a default response that says that there is no such command. */
export function isUnsupported(status: number): boolean {
  return UNSUPPORTED.has(status);
}

const UNSUPPORTED: ReadonlySet<number> = new Set([
  Zcl.Status.UNSUP_COMMAND,
  Zcl.Status.UNSUPPORTED_ATTRIBUTE,
  Zcl.Status.UNSUPPORTED_CLUSTER,
  // Before ZCL 8: general, manufacturer's cluster and manufacturer's general command.
  0x82,
  0x83,
  0x84,
]);

function isDefaultResponse(payload: unknown): payload is { readonly statusCode: number } {
  return (
    typeof payload === 'object' &&
    payload !== null &&
    'cmdId' in payload &&
    'statusCode' in payload &&
    typeof payload.statusCode === 'number'
  );
}
