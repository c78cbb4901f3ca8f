import type { ActionAttemptObject } from './action-attempts.ts';

/** Attempts that are remembered, so that a client can look them up. */
const ATTEMPTS_MAX = 1000;

/** Radio address of a lock, by which the hub and the simulated house know it. */
export type Address = number | string;

/** What hands can do at a simulated lock. Rejects where the house does not answer, or has no such lock. */
export interface SimulatedHouse {
  /** Types a PIN at the keypad. */
  typePin(address: Address, digits: string): Promise<{ readonly opened: boolean }>;
  /** Presses the lock button of the keypad; false: the bolt is stuck. */
  pressLock(address: Address): Promise<boolean>;
  /** Puts a PIN into an empty slot at the lock itself, the last one of `slots`; `null`: the lock takes it in none. */
  program(address: Address, digits: string, slots: readonly number[]): Promise<number | null>;
  /** The lock falls silent on the radio, or comes back. */
  setReachable(address: Address, isReachable: boolean): Promise<void>;
  /** The lock is told at its keypad to leave its network, which it does once the hub lets it. */
  askToLeave(address: Address): Promise<void>;
}

/** The simulated house of the demo, and what was attempted there. */
export class Simulation {
  readonly house: SimulatedHouse;
  readonly #attempts = new Map<string, ActionAttemptObject>();

  constructor(house: SimulatedHouse) {
    this.house = house;
  }

  /** Remembers an attempt that has ended; the oldest are forgotten. */
  remember(attempt: ActionAttemptObject): void {
    this.#attempts.set(attempt.action_attempt_id, attempt);
    for (const oldest of this.#attempts.keys()) {
      if (this.#attempts.size <= ATTEMPTS_MAX) break;
      this.#attempts.delete(oldest);
    }
  }

  attempt(attemptId: string): ActionAttemptObject | undefined {
    return this.#attempts.get(attemptId);
  }
}
