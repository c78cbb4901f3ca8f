import type { Priority } from '../core/plan.ts';

const ORDER: Readonly<Record<Priority, number>> = { remove: 0, set: 1, preload: 2, look: 3 };

interface Waiter {
  readonly priority: Priority;
  readonly enter: () => void;
}

/**
 * Lets one operation at a time use a radio. What must go from a lock goes before anything new, whichever lock it
 * is for; among equals it is first come, first served. Its queue is bounded by the number of locks.
 */
export class RadioGate {
  #busy = false;
  readonly #waiting: Waiter[] = [];

  async run<T>(priority: Priority, work: () => Promise<T>): Promise<T> {
    if (this.#busy) await new Promise<void>((enter) => this.#enqueue({ priority, enter }));
    this.#busy = true;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The gate stays closed while it is handed on, so that nobody slips in between.
      if (next === undefined) this.#busy = false;
      else next.enter();
    }
  }

  #enqueue(waiter: Waiter): void {
    const index = this.#waiting.findIndex((other) => ORDER[other.priority] > ORDER[waiter.priority]);
    this.#waiting.splice(index === -1 ? this.#waiting.length : index, 0, waiter);
  }
}
