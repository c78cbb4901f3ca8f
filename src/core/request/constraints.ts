import type { CodeConstraint, ConstraintType } from '../capability.ts';
import type { Lock } from '../lock.ts';
import { brokenPinRules, pinRules } from './pin-rules.ts';
import type { Instant } from '../time.ts';

/** PIN lengths the project knows (decision 19); lengths that somebody reported for a lock can lie outside. */
const PIN_LENGTH_MIN = 4;
export const PIN_LENGTH_MAX = 12;

/** What a rule about the request needs to know beside the PIN. */
export interface RuledRequest {
  readonly name: string | null;
  /** The start that is asked for anew; `null`: none, or the one that was accepted before. */
  readonly newStart: Instant | null;
  /** The PIN was chosen by whoever asked. */
  readonly choosesPin: boolean;
}

/** PIN lengths a lock takes, ascending: those that somebody reported for it, else its own; all before it is met. */
export function supportedPinLengths(lock: Lock): readonly number[] {
  const { min, max } = lock.capabilities?.pinLength ?? { min: PIN_LENGTH_MIN, max: PIN_LENGTH_MAX };
  const known = Array.from(
    { length: PIN_LENGTH_MAX - PIN_LENGTH_MIN + 1 },
    (_, index) => PIN_LENGTH_MIN + index,
  );
  const { reportedPinLengths } = lock;
  return known.filter((length) => reportedPinLengths?.includes(length) ?? (length >= min && length <= max));
}

/** The digits that a PIN of this lock may be made of, ascending. */
export function allowedDigits(lock: Lock): string {
  const rules = pinRules(constraintTypes(lock));
  return Array.from('0123456789')
    .filter((digit) => !rules.some((rule) => rule.forbids.includes(digit)))
    .join('');
}

/** Why this lock does not take a PIN of these digits, one sentence part a rule; empty when it does. */
export function pinViolations(digits: string, lock: Lock): readonly string[] {
  return brokenPinRules(digits, supportedPinLengths(lock), constraintTypes(lock));
}

/** The same for many PINs of supported lengths and allowed digits: only whether the lock takes them. */
export function pinTest(lock: Lock): (digits: string) => boolean {
  const rules = pinRules(constraintTypes(lock));
  return (digits) => rules.every((rule) => !rule.breaks(digits));
}

/**
 * Rules of a lock about what is asked for, apart from the digits. Whether a name is unique is judged together with
 * whether a PIN is, over all codes of the lock. `pin_code_matches_existing_set` is none here: it
 * belongs to vendors that keep a set of PINs in an account, and a lock of this hub is given any PIN by radio.
 */
export function requestViolations(request: RuledRequest, lock: Lock, now: Instant): readonly string[] {
  const constraints = lock.capabilities?.constraints ?? [];
  return constraints.flatMap((constraint) => requestViolation(constraint, request, now) ?? []);
}

function requestViolation(constraint: CodeConstraint, request: RuledRequest, now: Instant): string | null {
  const { name, newStart } = request;
  switch (constraint.type) {
    case 'name_length': {
      const { min, max } = constraint;
      if (name === null || (name.length >= (min ?? 0) && name.length <= (max ?? Infinity))) return null;
      return `name: this lock takes names ${rangeText(min, max)}.`;
    }
    case 'start_date_in_future':
      return newStart === null || newStart > now ? null : 'starts_at: this lock wants a start in the future.';
    case 'cannot_specify_pin_code':
      return request.choosesPin ? 'code: must be left out, the hub makes the PINs of this lock up.' : null;
    case 'name_must_be_unique':
    case 'pin_code_matches_existing_set':
    case 'no_zeros':
    case 'cannot_start_with_12':
    case 'no_triple_consecutive_ints':
    case 'no_ascending_or_descending_sequence':
    case 'at_least_three_unique_digits':
    case 'no_all_same_digits':
    case 'unique_first_four_digits':
    case 'cannot_contain_089':
    case 'cannot_contain_0789':
      return null;
  }
}

function constraintTypes({ capabilities }: Lock): readonly ConstraintType[] {
  return (capabilities?.constraints ?? []).map(({ type }) => type);
}

function rangeText(min: number | null, max: number | null): string {
  if (min === null) return `of at most ${max} characters`;
  return max === null ? `of at least ${min} characters` : `of ${min} to ${max} characters`;
}
