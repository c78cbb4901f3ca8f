import { isZWaveError, ZWaveErrorCodes, type ZWaveError } from '@zwave-js/core';
import type { OperationKind, Outcome } from '../../src/core/operation.ts';
import type { LockAction } from '../../src/lock-driver.ts';

/** Never tried again: the lock or the network lacks what it takes (field note 2, permanent errors). */
const NEVER_POSSIBLE: ReadonlySet<ZWaveErrorCodes> = new Set([
  ZWaveErrorCodes.CC_NotSupported,
  ZWaveErrorCodes.CC_NotImplemented,
  ZWaveErrorCodes.CC_NoAPI,
  ZWaveErrorCodes.Driver_NoSecurity,
  ZWaveErrorCodes.Security2CC_NotInitialized,
  ZWaveErrorCodes.Security2CC_NotSecure,
]);

/** No acknowledgement, after all attempts of the library. */
const NOT_ACKNOWLEDGED: ReadonlySet<ZWaveErrorCodes> = new Set([
  ZWaveErrorCodes.Controller_CallbackNOK,
  ZWaveErrorCodes.Controller_MessageDropped,
  ZWaveErrorCodes.Controller_MessageExpired,
  ZWaveErrorCodes.Controller_NodeNotFound,
  ZWaveErrorCodes.Controller_NodeRemoved,
  ZWaveErrorCodes.Security2CC_NoSPAN,
  ZWaveErrorCodes.SecurityCC_NoNonce,
]);

/** The controller kept the frame to itself. */
const NOT_SENT: ReadonlySet<ZWaveErrorCodes> = new Set([
  ZWaveErrorCodes.Controller_Jammed,
  ZWaveErrorCodes.Controller_ResponseNOK,
]);

/** Outcomes as one line each. Messages never hold text of the library: it may quote what was sent. */
export const unknown = (message: string): Outcome => ({ kind: 'unknown', message });
export const unreachable = (message: string): Outcome => ({ kind: 'unreachable', message });
export const radioDown = (message: string): Outcome => ({ kind: 'radio_down', message });

/** The lock took a question and did not answer: it is there, and says nothing. */
export const noAnswer = unknown('the lock did not answer');

/** Answers 255 and its like: lost report, masked mismatch and rejection look the same (must-know 5). */
export const unproven = unknown('the lock did not confirm, and that says nothing about what it holds');

/** What a lock is asked to do. */
export type Deed = OperationKind | LockAction | 'check_link';

/** Operations that only ask. */
const QUESTIONS: ReadonlySet<Deed> = new Set(['read_slot', 'read_clock', 'compare_checksum', 'check_link']);

/** The lock was there and could not decode a frame, nor its repetition with new nonces. */
export function isUndecoded(error: unknown): boolean {
  return isZWaveError(error) && error.code === ZWaveErrorCodes.Security2CC_CannotDecode;
}

/**
 * What an error of zwave-js means for the caller. Everything else is rethrown: it is a bug.
 *
 * @param radioIsUp whether the controller is still there after the error
 */
export function outcomeOfError(error: unknown, kind: Deed, radioIsUp: boolean): Outcome {
  if (!radioIsUp) {
    return QUESTIONS.has(kind) ? radioDown('the radio was lost') : unknown('the radio was lost on the way');
  }
  if (!isZWaveError(error)) throw error;
  return outcomeOfCode(error, kind);
}

function outcomeOfCode({ code }: ZWaveError, kind: Deed): Outcome {
  const name = ZWaveErrorCodes[code] ?? String(code);
  if (code === ZWaveErrorCodes.Argument_Invalid) return refusedArgument(kind);
  if (NEVER_POSSIBLE.has(code)) {
    return { kind: 'refused', reason: 'unsupported', message: `not possible with this lock: ${name}` };
  }
  if (NOT_ACKNOWLEDGED.has(code)) return unreachable(`the lock did not acknowledge: ${name}`);
  // An operation is several frames: an earlier one may have got through.
  if (NOT_SENT.has(code) && QUESTIONS.has(kind)) return radioDown(`the controller did not send: ${name}`);
  return unknown(`no result: ${name}`);
}

/** The library checks arguments before it sends (error 322); the lock saw nothing. */
function refusedArgument(kind: Deed): Outcome {
  switch (kind) {
    case 'set_pin':
      return { kind: 'refused', reason: 'pin_format', message: 'this lock takes no such PIN' };
    case 'read_slot':
    case 'clear_slot':
      return { kind: 'refused', reason: 'slot_out_of_range', message: 'this lock has no such slot' };
    case 'set_schedule':
    case 'clear_schedule':
    case 'set_clock':
    case 'read_clock':
    case 'compare_checksum':
      return {
        kind: 'refused',
        reason: 'unsupported',
        message: 'this lock takes no such schedule or time, or has none',
      };
    case 'lock':
    case 'unlock':
    case 'identify':
    case 'reinterview':
    case 'show_accepted':
    case 'show_denied':
    case 'check_link':
      return { kind: 'refused', reason: 'unsupported', message: 'this lock cannot do that' };
  }
}
