import { SystemClock, type Clock } from '../../../src/clock.ts';
import type { Instant, TimeReading } from '../../../src/core/time.ts';

interface Sleeper {
  readonly untilMs: number;
  readonly wake: AbortController;
}

/** The machine's clock, but for time that is skipped: then whoever sleeps wakes when his time has come. */
export class SkippingClock implements Clock {
  readonly #real = new SystemClock();
  readonly #sleepers = new Set<Sleeper>();
  #skippedMs = 0;

  now(): TimeReading {
    const at = Date.now() + this.#skippedMs;
    return { earliest: at, latest: at };
  }

  monotonicMs(): number {
    return this.#real.monotonicMs() + this.#skippedMs;
  }

  skip(durationMs: number): void {
    this.#skippedMs += durationMs;
    const nowMs = this.monotonicMs();
    for (const { untilMs, wake } of this.#sleepers) if (untilMs <= nowMs) wake.abort();
  }

  async sleepUntil(at: Instant, signal: AbortSignal): Promise<void> {
    await this.sleepFor(at - this.now().earliest, signal);
  }

  async sleepFor(durationMs: number, signal: AbortSignal): Promise<void> {
    const sleeper = { untilMs: this.monotonicMs() + durationMs, wake: new AbortController() };
    this.#sleepers.add(sleeper);
    const end = (): void => sleeper.wake.abort();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    await this.#real.sleepFor(durationMs, sleeper.wake.signal);
    signal.removeEventListener('abort', end);
    this.#sleepers.delete(sleeper);
  }
}
