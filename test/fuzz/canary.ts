import { below } from './mutate.ts';
import type { Random } from '../../drivers/sim/random.ts';

/** How every PIN of the fuzzer begins, so that one that is told somewhere is known wherever it stands. */
const HEAD = '9021046';
const CANARY = new RegExp(`(?<![0-9a-f])${HEAD}[0-9]{1,5}(?![0-9a-f])`);

/** A PIN of 8 to 12 digits that `tellsCanary` knows. */
export function canary(random: Random): string {
  const length = 1 + below(random, 5);
  return HEAD + String(below(random, 10 ** length)).padStart(length, '0');
}

export function tellsCanary(text: string): boolean {
  return text.includes(HEAD) && CANARY.test(text);
}
