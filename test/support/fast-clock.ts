import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../src/clock.ts';

/** A clock that runs faster than the world by a factor, so that minutes of patience take a second. */
export class FastClock implements Clock {
  readonly #factor: number;
  readonly #startedAt = Date.now();
  readonly #startedMs = performance.now();

  constructor(factor: number) {
    this.#factor = factor;
  }

  now() {
    const at = this.#startedAt + Math.floor(this.monotonicMs());
    return { earliest: at, latest: at };
  }

  monotonicMs(): number {
    return (performance.now() - this.#startedMs) * this.#factor;
  }

  sleepUntil(at: number, signal: AbortSignal): Promise<void> {
    return this.sleepFor(at - this.now().earliest, signal);
  }

  async sleepFor(durationMs: number, signal: AbortSignal): Promise<void> {
    // Aborting rejects, and is as good an end as the other.
    await sleep(Math.max(durationMs, 0) / this.#factor, undefined, { signal }).catch(() => undefined);
  }
}
