import type { Instant } from '../../src/core/time.ts';

interface Timer {
  readonly at: Instant;
  readonly ring: () => void;
}

/** Turns of the event loop in one instant; more mean that the hub spins without letting time pass. */
const TURNS_MAX = 1000;

/** Time that passes only when told to. Timers of the same instant ring in the order they were set. */
export class VirtualTime {
  now: Instant;
  readonly #timers: Timer[] = [];
  #stirs = 0;

  constructor(start: Instant) {
    this.now = start;
  }

  /** Calls back at an instant; the returned function takes that back. */
  at(at: Instant, ring: () => void): () => void {
    const timer = { at: Math.max(at, this.now), ring };
    const index = this.#timers.findLastIndex((other) => other.at <= timer.at);
    this.#timers.splice(index + 1, 0, timer);
    return () => {
      const found = this.#timers.indexOf(timer);
      if (found !== -1) this.#timers.splice(found, 1);
    };
  }

  sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => this.at(this.now + durationMs, resolve));
  }

  /** To be called with everything that may put work off to a later turn of the event loop: time waits for it. */
  stir(): void {
    this.#stirs += 1;
  }

  /** Lets time pass to `till`, one timer at a time; `each` is called after every one. */
  async pass(till: Instant, each: () => void): Promise<void> {
    await this.#settle();
    while (this.ringNext(till)) {
      await this.#settle();
      each();
    }
    this.now = till;
  }

  /** Goes to the next timer, if it is due by `till`. */
  protected ringNext(till: Instant): boolean {
    const [timer] = this.#timers;
    if (timer === undefined || timer.at > till) return false;
    this.#timers.shift();
    this.now = timer.at;
    timer.ring();
    return true;
  }

  /**
   * Waits until all that this instant set off has happened. One turn of the event loop runs every promise that can go
   * on and whatever was put off before it; the hub puts work off only when it commits or has taken a message, and
   * both stir. So a turn in which nothing stirred left nothing behind.
   */
  async #settle(): Promise<void> {
    for (let turn = 0; turn < TURNS_MAX; turn += 1) {
      const before = this.#stirs;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#stirs === before) return;
    }
    throw new Error('The hub spins: a thousand turns of the event loop in one instant');
  }
}
