import type { CodeConstraint, ConstraintType } from '../capability.ts';
import type { Lock } from '../lock.ts';
import type { Instant } from '../time.ts';

/** PIN lengths the project knows (decision 19); lengths that somebody reported for a lock can lie outside. */
const PIN_LENGTH_MIN = 4;
export const PIN_LENGTH_MAX = 12;

/** Longest run of digits that `no_triple_consecutive_ints` allows (spec section g: "no more than three digits"). */
const RUN_MAX = 3;

/** What a rule about the request needs to know beside the PIN. */
export interface RuledRequest {
  readonly name: string | null;
  /** The start that is asked for anew; `null`: none, or the one that was accepted before. */
  readonly newStart: Instant | null;
  /** The PIN was chosen by whoever asked. */
  readonly choosesPin: boolean;
}

/** A rule about a PIN: digits that it forbids altogether, or a test of the whole. */
interface PinRule {
  readonly forbids: string;
  readonly breaks: (digits: string) => boolean;
  readonly message: string;
}

const never = (): boolean => false;

/** Every rule of section (g) that the digits alone decide. Messages never show digits of the PIN. */
const PIN_RULES: Readonly<Partial<Record<ConstraintType, PinRule>>> = {
  no_zeros: { forbids: '0', breaks: never, message: 'the digit 0 must not be in it' },
  cannot_contain_089: { forbids: '089', breaks: never, message: 'this keypad has no keys 0, 8 and 9' },
  cannot_contain_0789: { forbids: '0789', breaks: never, message: 'this keypad has no keys 0, 7, 8 and 9' },
  cannot_start_with_12: {
    forbids: '',
    breaks: (digits) => digits.startsWith('12'),
    message: 'it must not start with 12',
  },
  no_triple_consecutive_ints: {
    forbids: '',
    breaks: (digits) => longestRun(digits) > RUN_MAX,
    message: `no more than ${RUN_MAX} digits in a row may be equal, ascending or descending`,
  },
  no_ascending_or_descending_sequence: {
    forbids: '',
    breaks: (digits) => isSequence(digits, 1) || isSequence(digits, -1),
    message: 'it must not be one ascending or descending sequence',
  },
  at_least_three_unique_digits: {
    forbids: '',
    breaks: (digits) => new Set(digits).size < 3,
    message: 'it must have at least three different digits',
  },
  no_all_same_digits: {
    forbids: '',
    breaks: (digits) => new Set(digits).size === 1,
    message: 'its digits must not all be the same',
  },
  unique_first_four_digits: {
    forbids: '',
    breaks: (digits) => new Set(digits.slice(0, 4)).size < 4,
    message: 'its first four digits must all be different',
  },
};

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
  const rules = pinRules(lock);
  return Array.from('0123456789')
    .filter((digit) => !rules.some((rule) => rule.forbids.includes(digit)))
    .join('');
}

/** Why this lock does not take a PIN of these digits, one sentence part a rule; empty when it does. */
export function pinViolations(digits: string, lock: Lock): readonly string[] {
  const lengths = supportedPinLengths(lock);
  const broken = pinRules(lock)
    .filter((rule) => breaks(digits, rule))
    .map((rule) => rule.message);
  if (lengths.includes(digits.length)) return broken;
  return [`this lock takes ${lengthsText(lengths)}`, ...broken];
}

/** The same for many PINs of supported lengths and allowed digits: only whether the lock takes them. */
export function pinTest(lock: Lock): (digits: string) => boolean {
  const rules = pinRules(lock);
  return (digits) => rules.every((rule) => !rule.breaks(digits));
}

function breaks(digits: string, rule: PinRule): boolean {
  return Array.from(rule.forbids).some((digit) => digits.includes(digit)) || rule.breaks(digits);
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

function pinRules(lock: Lock): readonly PinRule[] {
  return (lock.capabilities?.constraints ?? []).flatMap(({ type }) => PIN_RULES[type] ?? []);
}

/** Length of the longest run in which each digit is equal to, one above or one below its neighbour throughout. */
function longestRun(digits: string): number {
  let longest = 1;
  for (const step of [-1, 0, 1]) {
    let run = 1;
    for (let index = 1; index < digits.length; index += 1) {
      run = Number(digits[index]) - Number(digits[index - 1]) === step ? run + 1 : 1;
      longest = Math.max(longest, run);
    }
  }
  return longest;
}

function isSequence(digits: string, step: 1 | -1): boolean {
  return Array.from(digits)
    .slice(1)
    .every((digit, index) => Number(digit) - Number(digits[index]) === step);
}

/** `4 to 8 digits`, or `4, 6 or 8 digits` where there are gaps. */
function lengthsText(lengths: readonly number[]): string {
  const first = lengths[0];
  const last = lengths.at(-1);
  if (first === undefined || last === undefined) return 'no PIN at all';
  if (first === last) return `${first} digits`;
  if (last - first === lengths.length - 1) return `${first} to ${last} digits`;
  return `${lengths.slice(0, -1).join(', ')} or ${last} digits`;
}

function rangeText(min: number | null, max: number | null): string {
  if (min === null) return `of at most ${max} characters`;
  return max === null ? `of at least ${min} characters` : `of ${min} to ${max} characters`;
}
