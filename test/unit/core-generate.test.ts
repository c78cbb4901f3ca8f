import { describe, expect, test } from 'vitest';
import type { CodeConstraint, ConstraintType } from '../../src/core/capability.ts';
import { pinViolations, supportedPinLengths } from '../../src/core/request/constraints.ts';
import type { Draw } from '../../src/core/draw.ts';
import { drawPin } from '../../src/core/request/generate.ts';
import { unmetLock, type Lock } from '../../src/core/lock.ts';
import type { Pin } from '../../src/core/pin.ts';
import { PLAIN } from '../support/core-world.ts';
import { seededDraw } from '../support/seeded-draw.ts';

type PlainConstraint = Exclude<ConstraintType, 'name_length'>;

function lockWith(types: readonly PlainConstraint[], min = 4, max = 8): Lock {
  const constraints = types.map((type): CodeConstraint => ({ type }));
  return { ...unmetLock('lock'), capabilities: { ...PLAIN, pinLength: { min, max }, constraints } };
}

const PIN_RULES: readonly PlainConstraint[] = [
  'no_zeros',
  'cannot_start_with_12',
  'no_triple_consecutive_ints',
  'no_ascending_or_descending_sequence',
  'at_least_three_unique_digits',
  'no_all_same_digits',
  'unique_first_four_digits',
  'cannot_contain_089',
  'cannot_contain_0789',
];

const none = (): boolean => false;
const anyLength = { preferredLength: null };

function digitsOf(pin: Pin | null): string {
  if (pin === null) throw new Error('no PIN was drawn');
  return pin.reveal();
}

describe('rules about a PIN', () => {
  test.each<[PlainConstraint, readonly string[], readonly string[]]>([
    ['no_zeros', ['1230', '0123'], ['1234']],
    ['cannot_start_with_12', ['1245', '123456'], ['2112', '1024', '8912']],
    ['no_triple_consecutive_ints', ['1111', '91234', '54321', '700007'], ['1112', '1235', '3219', '12236']],
    ['no_ascending_or_descending_sequence', ['1234', '9876', '456789', '3210'], ['1235', '8901', '2134']],
    ['at_least_three_unique_digits', ['1122', '1111', '121212'], ['1123', '0012']],
    ['no_all_same_digits', ['1111', '000000'], ['1112']],
    ['unique_first_four_digits', ['1213', '112345'], ['123411', '9870']],
    ['cannot_contain_089', ['1280', '1119', '8111'], ['1237']],
    ['cannot_contain_0789', ['1237', '1110', '1118', '1119'], ['123456']],
    ['pin_code_matches_existing_set', [], ['1234', '0000']],
  ])('%s', (type, broken, kept) => {
    const lock = lockWith([type]);
    for (const digits of broken) expect(pinViolations(digits, lock), digits).toHaveLength(1);
    for (const digits of kept) expect(pinViolations(digits, lock), digits).toEqual([]);
  });

  test('are told without the digits of the PIN', () => {
    const [message] = pinViolations('5555', lockWith(['no_all_same_digits']));
    expect(message).toBe('its digits must not all be the same');
  });

  test('lengths that somebody reported replace those of the lock', () => {
    const lock = { ...lockWith([]), reportedPinLengths: [8, 4, 6, 20] };
    expect(supportedPinLengths(lock)).toEqual([4, 6, 8]);
    expect(pinViolations('12345', lock)).toEqual(['this lock takes 4, 6 or 8 digits']);
    expect(pinViolations('12345', lockWith([], 6, 8))).toEqual(['this lock takes 6 to 8 digits']);
    expect(pinViolations('12345', lockWith([], 6, 6))).toEqual(['this lock takes 6 digits']);
    expect(pinViolations('123456', lock)).toEqual([]);
  });
});

describe('the length of a drawn PIN', () => {
  test.each([
    ['the shortest, where none is preferred', null, 5],
    ['the preferred one', 7, 7],
    ['the shortest, where the lock does not take the preferred one', 4, 5],
    ['the shortest, where the preferred one is too long', 12, 5],
  ])('is %s', (_why, preferredLength, length) => {
    const pin = drawPin([lockWith([], 5, 8)], { preferredLength }, none, seededDraw(1));
    expect(pin?.length).toBe(length);
  });

  test('is one that all locks take', () => {
    const locks = [lockWith([], 4, 6), lockWith([], 6, 8)];
    expect(drawPin(locks, { preferredLength: 4 }, none, seededDraw(1))?.length).toBe(6);
    expect(drawPin([lockWith([], 4, 4), lockWith([], 6, 8)], anyLength, none, seededDraw(1))).toBeNull();
  });
});

describe('a free PIN is found', () => {
  test('when it is the last one, and then there is none', () => {
    const lock = lockWith(['no_zeros'], 4, 4);
    const last = drawPin([lock], anyLength, (pin) => pin.reveal() !== '7391', seededDraw(1));
    expect(digitsOf(last)).toBe('7391');
    expect(drawPin([lock], anyLength, () => true, seededDraw(1))).toBeNull();
  });

  test('of another length when all of the preferred one are taken', () => {
    const draw = seededDraw(1);
    const pin = drawPin([lockWith([])], { preferredLength: 4 }, ({ length }) => length === 4, draw);
    expect(pin?.length).toBe(5);
  });

  test('with all rules at once, of which a quarter of what is tried keeps to', () => {
    const lock = lockWith(PIN_RULES, 4, 4);
    const allowed = allPins('123456').filter((digits) => pinViolations(digits, lock).length === 0);
    expect(allowed.length / 6 ** 4).toBeGreaterThan(0.25);
    expect(allowed).toContain(digitsOf(drawPin([lock], anyLength, none, seededDraw(1))));
  });

  test('of which all locks of a group allow every digit', () => {
    const locks = [lockWith(['cannot_contain_089']), lockWith(['unique_first_four_digits', 'no_zeros'])];
    for (let seed = 0; seed < 200; seed += 1) {
      const digits = digitsOf(drawPin(locks, anyLength, none, seededDraw(seed)));
      for (const lock of locks) expect(pinViolations(digits, lock)).toEqual([]);
    }
  });

  test('is none where a lock has no key for it', () => {
    const lock = { ...lockWith([]), reportedPinLengths: [] };
    expect(drawPin([lock], anyLength, none, seededDraw(1))).toBeNull();
  });
});

// A fair generator fails one of these by chance in a million; the seed is fixed, so a failure is a change of the code.
describe('drawn PINs are uniform', () => {
  const PINS = 20_000;
  const lock = lockWith([], 6, 6);
  const small = lockWith(['cannot_contain_0789', 'unique_first_four_digits', 'cannot_start_with_12'], 4, 4);
  const smallSpace = allPins('123456').filter((digits) => pinViolations(digits, small).length === 0);

  test('in every digit at every place', () => {
    for (const places of digitCounts(lock, seededDraw(2026), PINS)) {
      expect(chiSquare(places)).toBeLessThan(limit(places.length));
    }
  });

  test('over the whole of a small space', () => {
    const counts = pinCounts(small, seededDraw(2026), PINS, none);
    expect([...counts.keys()].toSorted()).toEqual(smallSpace);
    expect(chiSquare([...counts.values()])).toBeLessThan(limit(smallSpace.length));
  });

  test('over what is left of a small space, where it is counted rather than tried', () => {
    const left = new Set(smallSpace.slice(100, 103));
    const isTaken = (pin: Pin): boolean => !left.has(pin.reveal());
    // So few are left that one draw in three finds none by trying.
    const counts = pinCounts(small, seededDraw(2026), 600, isTaken);
    expect(new Set(counts.keys())).toEqual(left);
    expect(chiSquare([...counts.values()])).toBeLessThan(limit(left.size));
  });

  test('and a source that is not shows in the same tests', () => {
    // The usual mistake: some random bits, modulo the number of digits.
    const bits = seededDraw(2026);
    const modulo: Draw = (below) => bits(16) % below;
    const worst = Math.max(...digitCounts(lock, modulo, PINS).map(chiSquare));
    expect(worst).toBeGreaterThan(limit(10));
    const counts = [...pinCounts(small, modulo, PINS, none).values()];
    expect(chiSquare(counts)).toBeGreaterThan(limit(smallSpace.length));
  });
});

/** Every four-digit PIN of these digits, ascending. */
function allPins(alphabet: string): readonly string[] {
  const digits = Array.from(alphabet);
  return digits.flatMap((a) =>
    digits.flatMap((b) => digits.flatMap((c) => digits.map((d) => a + b + c + d))),
  );
}

/** How often each digit came up at each place. */
function digitCounts(lock: Lock, draw: Draw, pins: number): readonly (readonly number[])[] {
  const counts = Array.from({ length: 6 }, () => Array.from({ length: 10 }, () => 0));
  for (let drawn = 0; drawn < pins; drawn += 1) {
    const digits = digitsOf(drawPin([lock], anyLength, none, draw));
    for (const [place, digit] of Array.from(digits).entries()) {
      const row = counts[place];
      if (row !== undefined) row[Number(digit)] = (row[Number(digit)] ?? 0) + 1;
    }
  }
  return counts;
}

function pinCounts(
  lock: Lock,
  draw: Draw,
  pins: number,
  isTaken: (pin: Pin) => boolean,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (let drawn = 0; drawn < pins; drawn += 1) {
    const digits = digitsOf(drawPin([lock], anyLength, isTaken, draw));
    counts.set(digits, (counts.get(digits) ?? 0) + 1);
  }
  return counts;
}

function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** What chi-square exceeds by chance in one case in a million (Wilson and Hilferty's approximation). */
function limit(cells: number): number {
  const freedom = cells - 1;
  const z = 4.7534;
  const part = 2 / (9 * freedom);
  return freedom * (1 - part + z * Math.sqrt(part)) ** 3;
}
