import type { Clock } from '../../src/clock.ts';
import type { Instant, TimeReading } from '../../src/core/time.ts';

interface Timer {
  readonly at: Instant;
  readonly number: number;
  readonly ring: () => void;
}

/** Turns of the event loop after each instant, so that everything it set off has happened. */
const TURNS_PER_INSTANT = 3;

/** Time that passes only when told to. Timers of the same instant ring in the order they were set. */
export class VirtualTime {
  now: Instant;
  #timers: Timer[] = [];
  #numbers = 0;

  constructor(start: Instant) {
    this.now = start;
  }

  /** Calls back at an instant; the returned function takes that back. */
  at(at: Instant, ring: () => void): () => void {
    const timer = { at: Math.max(at, this.now), number: (this.#numbers += 1), ring };
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

  /** Lets time pass to `till`, one timer at a time; `each` is called after every one. */
  async pass(till: Instant, each: () => void): Promise<void> {
    await settle();
    for (;;) {
      const [timer] = this.#timers;
      if (timer === undefined || timer.at > till) break;
      this.#timers.shift();
      this.now = timer.at;
      timer.ring();
      await settle();
      each();
    }
    this.now = till;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS_PER_INSTANT; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * The clock of one life of a hub. When that life ends, its sleeps never return, like those of a process that was
 * killed. `uncertaintyMs` is how far off the hub thinks it may be, each way.
 */
export class HubClock implements Clock {
  readonly #time: VirtualTime;
  readonly #dead: () => boolean;
  readonly #uncertaintyMs: () => number;

  constructor(time: VirtualTime, dead: () => boolean, uncertaintyMs: () => number) {
    this.#time = time;
    this.#dead = dead;
    this.#uncertaintyMs = uncertaintyMs;
  }

  now(): TimeReading {
    const uncertaintyMs = this.#uncertaintyMs();
    return { earliest: this.#time.now - uncertaintyMs, latest: this.#time.now + uncertaintyMs };
  }

  monotonicMs(): number {
    return this.#time.now;
  }

  sleepUntil(at: Instant, signal: AbortSignal): Promise<void> {
    return this.sleepFor(at - this.now().earliest, signal);
  }

  sleepFor(durationMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel();
        signal.removeEventListener('abort', finish);
        if (!this.#dead()) resolve();
      };
      const cancel = this.#time.at(this.#time.now + Math.max(0, durationMs), finish);
      if (signal.aborted) finish();
      else signal.addEventListener('abort', finish);
    });
  }
}
