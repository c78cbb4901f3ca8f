import type { Clock } from '../clock.ts';
import type { Priority } from '../core/planned.ts';
import { SECOND_MS } from '../core/time.ts';

const ORDER: Readonly<Record<Priority, number>> = { remove: 0, set: 1, preload: 2, look: 3 };

/** A lock that has not answered by then keeps only itself waiting: the air is free while it thinks. */
const HOLD_MAX_MS = 3 * SECOND_MS;

interface Waiter {
  readonly priority: Priority;
  readonly enter: () => void;
}

/**
 * Lets one operation at a time use a radio, because locks on slow radios jam it together (field note). What must go
 * from a lock goes before anything new, whichever lock it is for; among equals it is first come, first served. A lock
 * that is slow or dead gives the radio to the others after 3 s. The queue is bounded by the number of locks.
 */
export class RadioGate {
  readonly #clock: Clock;
  #busy = false;
  readonly #waiting: Waiter[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `work` when its turn has come, and answers what it answers. */
  async run<T>(priority: Priority, work: () => Promise<T>): Promise<T> {
    if (this.#busy) await new Promise<void>((enter) => this.#enqueue({ priority, enter }));
    this.#busy = true;
    const ended = new AbortController();
    const running = work().finally(() => ended.abort());
    await Promise.race([running.catch(() => undefined), this.#clock.sleepFor(HOLD_MAX_MS, ended.signal)]);
    const next = this.#waiting.shift();
    // The gate stays closed while it is handed on, so that nobody slips in between.
    if (next === undefined) this.#busy = false;
    else next.enter();
    return running;
  }

  #enqueue(waiter: Waiter): void {
    const index = this.#waiting.findIndex((other) => ORDER[other.priority] > ORDER[waiter.priority]);
    this.#waiting.splice(index === -1 ? this.#waiting.length : index, 0, waiter);
  }
}
