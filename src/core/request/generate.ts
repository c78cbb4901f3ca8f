import { allowedDigits, pinTest, supportedPinLengths } from './constraints.ts';
import type { Draw } from '../draw.ts';
import type { Lock } from '../lock.ts';
import { Pin } from '../pin.ts';

/**
 * PINs drawn before they are counted instead. Of the PINs made of allowed digits at least a quarter keeps to all
 * rules, so only a space that is nearly used up is drawn from so often in vain.
 */
const ATTEMPTS_MAX = 500;

/** Spaces up to this size are counted: every PIN of 6 digits. No lock has codes enough to use up a larger one. */
const COUNTED_MAX = 1_000_000;

export interface DrawnPinOptions {
  /** Digits; where a lock does not take so many, the shortest length that all take. */
  readonly preferredLength: number | null;
}

/**
 * A PIN that all these locks allow and of which `isTaken` is false, uniform over all of its length (decision 18).
 * A longer length is used only when none is left. `null`: no such PIN exists.
 */
export function drawPin(
  locks: readonly Lock[],
  { preferredLength }: DrawnPinOptions,
  isTaken: (pin: Pin) => boolean,
  draw: Draw,
): Pin | null {
  const alphabet = Array.from('0123456789').filter((digit) =>
    locks.every((lock) => allowedDigits(lock).includes(digit)),
  );
  if (alphabet.length === 0) return null;
  const tests = locks.map(pinTest);
  const isFree = (digits: string): boolean => {
    if (tests.some((keepsTo) => !keepsTo(digits))) return false;
    const pin = Pin.parse(digits);
    return pin !== undefined && !isTaken(pin);
  };
  for (const length of lengthsInOrder(locks, preferredLength)) {
    const digits = drawOfLength(length, alphabet, isFree, draw);
    if (digits !== null) return Pin.parse(digits) ?? null;
  }
  return null;
}

/** The preferred length where all locks take it, then the others from the shortest on. */
function lengthsInOrder(locks: readonly Lock[], preferred: number | null): readonly number[] {
  const [first = [], ...others] = locks.map(supportedPinLengths);
  const common = first.filter((length) => others.every((lengths) => lengths.includes(length)));
  if (preferred === null || !common.includes(preferred)) return common;
  return [preferred, ...common.filter((length) => length !== preferred)];
}

/** By rejection, and by counting where that finds none: both give every free PIN the same chance. */
function drawOfLength(
  length: number,
  alphabet: readonly string[],
  isFree: (digits: string) => boolean,
  draw: Draw,
): string | null {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const digits = Array.from({ length }, () => alphabet[draw(alphabet.length)]).join('');
    if (isFree(digits)) return digits;
  }
  const size = alphabet.length ** length;
  if (size > COUNTED_MAX) return null;
  const free: string[] = [];
  for (let rank = 0; rank < size; rank += 1) {
    const digits = digitsOf(rank, length, alphabet);
    if (isFree(digits)) free.push(digits);
  }
  return free.length === 0 ? null : (free[draw(free.length)] ?? null);
}

/** The PIN with this rank among all of its length: the rank written with the digits of the alphabet. */
function digitsOf(rank: number, length: number, alphabet: readonly string[]): string {
  let rest = rank;
  let digits = '';
  for (let place = 0; place < length; place += 1) {
    digits = `${alphabet[rest % alphabet.length]}${digits}`;
    rest = Math.floor(rest / alphabet.length);
  }
  return digits;
}
