import { SECOND_MS } from '../../../src/core/time.ts';
import type { Random } from '../random.ts';

/** How long stale reads last and how soon a lock fights back, where nobody says otherwise. */
export const DEFAULT_DELAY_MS = 5 * SECOND_MS;

/** What is wrong with a lock, from now on: with its radio, or with how it keeps what it was given. */
export type Fault =
  | { readonly kind: 'none' }
  /** Nothing gets in or out. */
  | { readonly kind: 'unreachable' }
  /** It acknowledges and executes, and what it answers is lost. */
  | { readonly kind: 'no_answer' }
  /** It answers late. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Each frame, in either direction, is lost with this probability. */
  | { readonly kind: 'drop'; readonly probability: number }
  /** Each frame that it sends arrives in pieces with this probability; only a Zigbee hub gets to see them. */
  | { readonly kind: 'garbled'; readonly probability: number }
  /** Each command is executed twice with this probability. */
  | { readonly kind: 'duplicate'; readonly probability: number }
  /** For so long after a write a slot reads as it was before (field note 7). */
  | { readonly kind: 'stale_reads'; readonly delayMs: number }
  /** It confirms writes and does not execute them. */
  | { readonly kind: 'drops_writes' }
  /** So long after a write it puts back what the slot held before. */
  | { readonly kind: 'fights_back'; readonly delayMs: number }
  /** It enables codes that are written disabled. */
  | { readonly kind: 'refuses_disabled' }
  /** It was given the keys of another network since, and understands nothing that is encrypted. */
  | { readonly kind: 'foreign_keys' };

/** How often a frame sent to a lock is executed there: 0 when it is lost. */
export function arrivals(fault: Fault, random: Random): 0 | 1 | 2 {
  switch (fault.kind) {
    case 'none':
    case 'garbled':
    case 'no_answer':
    case 'slow':
    case 'stale_reads':
    case 'drops_writes':
    case 'fights_back':
    case 'refuses_disabled':
    case 'foreign_keys':
      return 1;
    case 'unreachable':
      return 0;
    case 'drop':
      return random() < fault.probability ? 0 : 1;
    case 'duplicate':
      return random() < fault.probability ? 2 : 1;
  }
}

/** What becomes of a frame that a lock sends: lost, or heard after so many milliseconds. */
export function departure(
  fault: Fault,
  random: Random,
): { readonly lost: boolean; readonly delayMs: number } {
  switch (fault.kind) {
    case 'none':
    case 'duplicate':
    case 'stale_reads':
    case 'drops_writes':
    case 'fights_back':
    case 'refuses_disabled':
    case 'foreign_keys':
      return { lost: false, delayMs: 0 };
    case 'unreachable':
    case 'no_answer':
      return { lost: true, delayMs: 0 };
    case 'slow':
      return { lost: false, delayMs: fault.delayMs };
    case 'drop':
    case 'garbled':
      return { lost: random() < fault.probability, delayMs: 0 };
  }
}
