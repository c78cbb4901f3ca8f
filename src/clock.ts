import type { TimeSource, Witness } from './core/timing/interval.ts';
import { SECOND_MS, type Instant, type TimeReading } from './core/time.ts';

/** Longest a sleep goes without looking at the wall clock, so that a step of the clock re-arms every timer. */
const SLEEP_SLICE_MS = SECOND_MS;

/** What somebody says about the time, by the way. */
export type TimeHint =
  /**
   * A message of the cloud that was made at `at`. `askedMs`: the monotonic time at which the question was sent that it
   * answers, which says that it is no later than that; `null`: it answers none, and may have waited anywhere for years.
   */
  | { readonly kind: 'cloud'; readonly at: Instant; readonly askedMs: number | null }
  | ({ readonly kind: 'lock' } & Omit<Witness, 'monotonicMs'>);

/** On what a reading of the clock rests. */
export interface ClockBasis {
  /** The interval is narrow enough to judge another clock by it, or to open a door for an old wish. */
  readonly isTrusted: boolean;
  /** Who says that it is at least so late, and who that it is no later; `null`: nobody. */
  readonly from: TimeSource;
  readonly till: TimeSource | null;
  /** Sources contradict each other, and nobody can say which of them is wrong. */
  readonly isDisputed: boolean;
  /** Sources that are not believed, because better ones contradict them. */
  readonly overruled: readonly TimeSource[];
}

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
  /** On what `now()` rests, of a clock that weighs its sources. */
  basis?(): ClockBasis;
  /** Tells a clock that weighs its sources what somebody says. */
  hear?(hint: TimeHint): void;
}

/** The machine's own clock, whose word is taken as it is. For measurements and tests; a hub weighs its sources. */
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
