import type { Outcome } from '../../../src/core/operation.ts';
import type { Proof, SlotReading } from '../../../src/core/slot.ts';
import type { Instant } from '../../../src/core/time.ts';
import type { Refusal } from '../lock/code-table.ts';
import type { SimLock } from '../lock/lock.ts';
import { exchange, type Air, type Heard } from './link.ts';

/** What an operation needs besides the lock. */
export interface Radio extends Air {
  /** The hub's time, which `set_clock` gives to the lock. */
  readonly hubNow: () => Instant;
  /** Minutes east of UTC at the site at an instant. */
  readonly utcOffsetMinutes: (at: Instant) => number;
  /** True when the lock was heard to refuse a duplicate since the operation began. */
  readonly heardDuplicate: () => boolean;
  /** True when its bolt was heard to stick since then. */
  readonly heardJam: () => boolean;
}

export type Failure = Exclude<Outcome, { kind: 'done' }>;

/** The lock has not said no: it has said nothing. */
export type Silence = Exclude<Failure, { kind: 'refused' }>;

/** Sends a command that the lock confirms; answers only what went wrong. */
export async function confirm(
  radio: Radio,
  lock: SimLock,
  execute: () => Refusal | undefined | void,
): Promise<Failure | undefined> {
  const heard = await exchange(radio, lock, execute);
  if (heard.kind !== 'answer') return failure(heard);
  return heard.value === undefined ? undefined : refused('refused', 'the lock said no');
}

/** What silence after a write means. */
export function failure(heard: Exclude<Heard<unknown>, { kind: 'answer' }>): Silence {
  switch (heard.kind) {
    case 'no_ack':
      return unreachable();
    case 'no_answer':
      return unknown('the lock acknowledged and did not answer');
    case 'radio_down':
      return { kind: 'radio_down', message: 'the radio is gone' };
  }
}

/** What silence after a question means: nothing was changed, so it is asked again later. */
export function unanswered(heard: Exclude<Heard<unknown>, { kind: 'answer' }>): Failure {
  return heard.kind === 'no_answer' ? noAnswer : failure(heard);
}

/** The lock acknowledged a question and did not answer it. It is there, and nothing was changed. */
const noAnswer: Failure = { kind: 'unknown', message: 'the lock did not answer' };

export function done(proof: Proof, reading?: SlotReading): Outcome {
  return reading === undefined ? { kind: 'done', proof } : { kind: 'done', proof, reading };
}

function unreachable(): Silence {
  return { kind: 'unreachable', message: 'the lock does not acknowledge' };
}

export function unknown(message: string): Silence {
  return { kind: 'unknown', message };
}

export function duplicate(): Failure {
  return refused('duplicate_pin', 'another slot of the lock holds this PIN');
}

export function refused(reason: Extract<Failure, { kind: 'refused' }>['reason'], message: string): Failure {
  return { kind: 'refused', reason, message };
}
