import { SECOND_MS, type Instant, type TimeReading } from './core/time.ts';

/** Longest a sleep goes without looking at the wall clock, so that a step of the clock re-arms every timer. */
const SLEEP_SLICE_MS = SECOND_MS;

/** The only source of time. */
export interface Clock {
  /** The time with its uncertainty. */
  now(): TimeReading;
  /** Milliseconds that never step; the origin means nothing. */
  monotonicMs(): number;
  /** Resolves when `now().earliest` has reached `at`, or when `signal` aborts, whichever is first. Never rejects. */
  sleepUntil(at: Instant, signal: AbortSignal): Promise<void>;
  /**
   * Resolves after so much elapsed time, or when `signal` aborts. For waits that have nothing to do with the wall
   * clock, which can step by years while the internet is away. Never rejects.
   */
  sleepFor(durationMs: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export class SystemClock implements Clock {
  now(): TimeReading {
    const at = Date.now();
    return { earliest: at, latest: at };
  }

  monotonicMs(): number {
    return performance.now();
  }

  async sleepUntil(at: Instant, signal: AbortSignal): Promise<void> {
    // The time left is asked for once a turn: between two questions it may have become negative.
    for (let leftMs = at - Date.now(); leftMs > 0 && !signal.aborted; leftMs = at - Date.now()) {
      await this.sleepFor(Math.min(leftMs, SLEEP_SLICE_MS), signal);
    }
  }

  sleepFor(durationMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const finish = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      // What is due by now is over at once, and a timer takes no negative length.
      const timer = setTimeout(finish, Math.max(durationMs, 0));
      signal.addEventListener('abort', finish);
    });
  }
}
