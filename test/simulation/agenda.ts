import type { Random } from '../../drivers/sim/random.ts';
import { SECOND_MS } from '../../src/core/time.ts';
import type { VirtualTime } from './virtual-clock.ts';

/** What actors do at random times, until they are told to stop. */
export class Agenda {
  readonly #time: VirtualTime;
  readonly #random: Random;
  #stopped = false;

  constructor(time: VirtualTime, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Again and again, at random intervals around a mean. */
  every(meanMs: number, act: () => void): void {
    this.soon(Math.round(meanMs * (0.1 + 1.8 * this.#random())), () => {
      act();
      this.every(meanMs, act);
    });
  }

  /** Once, after a second at least and `maxMs` at most. */
  later(maxMs: number, act: () => void): void {
    this.soon(Math.round(SECOND_MS + maxMs * this.#random()), act);
  }

  /** Once, after this time. */
  soon(waitMs: number, act: () => void): void {
    this.#time.at(this.#time.now + waitMs, () => {
      if (!this.#stopped) act();
    });
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }
}
