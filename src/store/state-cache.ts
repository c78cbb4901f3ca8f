import type { LockState } from '../core/lock.ts';

/** Codes and slots that are kept in memory: a few thousand bytes for a house, some ten megabytes at the most. */
const ROWS_MAX = 20_000;

/**
 * States of locks as they were read or committed last. This program is the only writer of its database, so that they
 * need not be read, checked and decrypted at every turn; and what does not change keeps its identity from turn to
 * turn. The states used longest ago go first.
 */
export class StateCache {
  readonly #states = new Map<string, LockState>();
  readonly #rowsMax: number;
  #rows = 0;

  constructor(rowsMax = ROWS_MAX) {
    this.#rowsMax = rowsMax;
  }

  get(deviceId: string): LockState | undefined {
    const state = this.#states.get(deviceId);
    if (state !== undefined) {
      this.#states.delete(deviceId);
      this.#states.set(deviceId, state);
    }
    return state;
  }

  set(deviceId: string, state: LockState): void {
    this.#drop(deviceId);
    this.#states.set(deviceId, state);
    this.#rows += rowsOf(state);
    for (const oldest of this.#states.keys()) {
      if (this.#rows <= this.#rowsMax) break;
      this.#drop(oldest);
    }
  }

  delete(deviceId: string): void {
    this.#drop(deviceId);
  }

  /** After a transaction that was rolled back nobody knows which of them are true. */
  clear(): void {
    this.#states.clear();
    this.#rows = 0;
  }

  #drop(deviceId: string): void {
    const state = this.#states.get(deviceId);
    if (state === undefined) return;
    this.#rows -= rowsOf(state);
    this.#states.delete(deviceId);
  }
}

function rowsOf({ codes, slots }: LockState): number {
  return 1 + codes.length + slots.length;
}
