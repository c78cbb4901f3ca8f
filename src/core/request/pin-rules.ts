// What a lock wants of the digits of a PIN. It knows nothing of locks, so that the page can tell while somebody types.

import type { ConstraintType } from '../capability.ts';

/** Longest run of digits that `no_triple_consecutive_ints` allows (spec section g: "no more than three digits"). */
const RUN_MAX = 3;

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

/** The rules of these that are about digits. Types that nobody knows are none. */
export function pinRules(types: readonly string[]): readonly PinRule[] {
  const known: Readonly<Record<string, PinRule | undefined>> = PIN_RULES;
  return types.flatMap((type) => known[type] ?? []);
}

/** Why a lock with these lengths (ascending) and rules takes no PIN of these digits, one sentence part a rule. */
export function brokenPinRules(
  digits: string,
  lengths: readonly number[],
  types: readonly string[],
): readonly string[] {
  const broken = pinRules(types)
    .filter((rule) => isBroken(digits, rule))
    .map((rule) => rule.message);
  if (lengths.includes(digits.length)) return broken;
  return [`this lock takes ${lengthsText(lengths)}`, ...broken];
}

function isBroken(digits: string, rule: PinRule): boolean {
  return Array.from(rule.forbids).some((digit) => digits.includes(digit)) || rule.breaks(digits);
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
export function lengthsText(lengths: readonly number[]): string {
  const first = lengths[0];
  const last = lengths.at(-1);
  if (first === undefined || last === undefined) return 'no PIN at all';
  if (first === last) return `${first} digits`;
  if (last - first === lengths.length - 1) return `${first} to ${last} digits`;
  return `${lengths.slice(0, -1).join(', ')} or ${last} digits`;
}
