import type { Clock } from '../clock.ts';
import type { Priority } from '../core/plan/planned.ts';
import { SECOND_MS } from '../core/time.ts';

/** `command`: somebody waits for a door. `retry`: a lock that did not answer lately lets those that do go first; what it thinks about costs everybody seconds. */
export type Turn = Priority | 'command' | 'retry';

const ORDER: Readonly<Record<Turn, number>> = {
  command: 0,
  remove: 1,
  set: 2,
  retry: 3,
  preload: 4,
  look: 5,
};

/** A lock that has not answered by then keeps only itself waiting: the air is free while it thinks. */
const HOLD_MAX_MS = 3 * SECOND_MS;

interface Waiter {
  readonly priority: Turn;
  readonly ticket: number;
  readonly enter: () => void;
}

/** A place in the queue. */
export interface Place {
  readonly priority: Turn;
  /** From `ticket()`: who has waited longer goes first among equals. One that queues again keeps its own. */
  readonly ticket: number;
  /** Leaves the queue when it aborts. */
  readonly signal: AbortSignal;
  /** Nobody else has its place before it has ended, however long that takes. */
  readonly isSilent?: true;
}

/**
 * Lets as many operations at a time use a radio as its driver allows: one where locks jam a slow radio together (field
 * note). Whoever waits for a door goes first, then what must go from a lock, then anything new, whichever lock it is for; among equals it is first come, first served. A lock
 * that is slow or dead gives the radio to the others after 3 s. The queue is bounded by the number of locks.
 */
export class RadioGate {
  readonly #clock: Clock;
  /** Operations that may begin at once. */
  #free: number;
  #tickets = 0;
  readonly #waiting: Waiter[] = [];

  constructor(clock: Clock, places: number) {
    this.#clock = clock;
    this.#free = places;
  }

  ticket(): number {
    this.#tickets += 1;
    return this.#tickets;
  }

  /** Runs `work` when its turn has come, and answers whether it came before the signal. */
  async run(place: Place, work: () => Promise<void>): Promise<boolean> {
    if (this.#free > 0) this.#free -= 1;
    else if (!(await this.#wait(place))) return false;
    const ended = new AbortController();
    const running = work().finally(() => ended.abort());
    const over = running.catch(() => undefined);
    if (place.isSilent) await over;
    else await Promise.race([over, this.#clock.sleepFor(HOLD_MAX_MS, ended.signal)]);
    const next = this.#waiting.shift();
    // A place is not free while it is handed on, so that nobody slips in between.
    if (next === undefined) this.#free += 1;
    else next.enter();
    await running;
    return true;
  }

  #wait({ priority, ticket, signal }: Place): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        resolve(false);
      };
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      const waiter: Waiter = { priority, ticket, enter };
      const isBehind = (other: Waiter): boolean =>
        ORDER[other.priority] - ORDER[priority] > 0 || (other.priority === priority && other.ticket > ticket);
      const index = this.#waiting.findIndex(isBehind);
      this.#waiting.splice(index === -1 ? this.#waiting.length : index, 0, waiter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
