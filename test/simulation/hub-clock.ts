import type { Clock } from '../../src/clock.ts';
import type { Instant, TimeReading } from '../../src/core/time.ts';
import type { VirtualTime } from './virtual-clock.ts';

/** How the hub's wall clock differs from the true time. It survives the hub, and can step. */
export class WallClock {
  readonly #time: VirtualTime;
  readonly #sleepers = new Set<() => void>();
  #offsetMs = 0;
  #uncertaintyMs = 0;
  #latestShown = Number.NEGATIVE_INFINITY;
  #steppedAt = Number.NEGATIVE_INFINITY;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** The hub knows the time. */
  get certain(): boolean {
    return this.#uncertaintyMs === 0;
  }

  /** The latest instant that the hub was ever sure to have passed. */
  get latestShown(): Instant {
    return Math.max(this.#latestShown, this.now().earliest);
  }

  /** The true time of its last step. */
  get steppedAt(): Instant {
    return this.#steppedAt;
  }

  now(): TimeReading {
    const shown = this.#time.now + this.#offsetMs;
    return { earliest: shown - this.#uncertaintyMs, latest: shown + this.#uncertaintyMs };
  }

  /** From now on it is ahead by so much, and may be wrong by `uncertaintyMs` each way as far as the hub knows. */
  step(offsetMs: number, uncertaintyMs: number): void {
    this.#latestShown = this.latestShown;
    this.#steppedAt = this.#time.now;
    this.#offsetMs = offsetMs;
    this.#uncertaintyMs = uncertaintyMs;
    for (const rearm of this.#sleepers) rearm();
  }

  /** Told of every step, until the returned function is called. */
  onStep(rearm: () => void): () => void {
    this.#sleepers.add(rearm);
    return () => this.#sleepers.delete(rearm);
  }
}

/** The clock of one life of a hub. When that life ends, its sleeps never return, like those of a killed process. */
export class HubClock implements Clock {
  readonly #time: VirtualTime;
  readonly #wall: WallClock;
  readonly #dead: () => boolean;

  constructor(time: VirtualTime, wall: WallClock, dead: () => boolean) {
    this.#time = time;
    this.#wall = wall;
    this.#dead = dead;
  }

  now(): TimeReading {
    return this.#wall.now();
  }

  monotonicMs(): number {
    return this.#time.now;
  }

  async sleepUntil(at: Instant, signal: AbortSignal): Promise<void> {
    for (let leftMs = at - this.now().earliest; leftMs > 0; leftMs = at - this.now().earliest) {
      if (signal.aborted) return;
      const stepped = new AbortController();
      const forget = this.#wall.onStep(() => stepped.abort());
      await this.sleepFor(leftMs, AbortSignal.any([signal, stepped.signal]));
      forget();
    }
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
