import type { Clock } from '../clock.ts';
import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { Failure } from './failure.ts';

const BACKOFF_FIRST_MS = SECOND_MS;
const BACKOFF_MAX_MS = 300 * SECOND_MS;
/** Not even the luckiest draw of the jitter makes a tight loop. */
const BACKOFF_MIN_MS = 100;
/** A connection that lived this long starts the backoff anew; through a shorter one the link counts as down. */
const STABLE_MS = MINUTE_MS;
/** So many short connections in a row, each ended without a word, look like two hubs that throw each other out. */
const SHORT_LIVES_MAX = 3;
/** So many refusals in a row without a word are meant, and more than a cluster that elects its leaders needs. */
const UNEXPLAINED_MAX = 5;

export interface PacingOptions {
  readonly clientId: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Shortest wait after a refusal. */
  readonly refusedPauseMs: number;
}

export interface Pause {
  /** Why there is no connection, with what the last few have in common. */
  readonly failure: Failure;
  readonly retryMs: number;
  /** The connection was a good one while it lasted. */
  readonly lived: boolean;
}

/** How long to wait before the next attempt. */
export class Pacing {
  readonly #options: PacingOptions;
  #downSinceMs: number;
  #connectedAtMs: number | null = null;
  #shortLives = 0;
  #unexplained = 0;

  constructor(options: PacingOptions) {
    this.#options = options;
    this.#downSinceMs = options.clock.monotonicMs();
  }

  /** An attempt begins. */
  begins(): void {
    this.#connectedAtMs = null;
  }

  connected(): void {
    this.#connectedAtMs = this.#options.clock.monotonicMs();
  }

  /** The attempt failed or its connection ended. */
  ended(end: Failure): Pause {
    const { clock, random, refusedPauseMs } = this.#options;
    const nowMs = clock.monotonicMs();
    const failure = this.#explained(end);
    const lived = this.#connectedAtMs !== null && nowMs - this.#connectedAtMs >= STABLE_MS;
    if (lived) this.#downSinceMs = nowMs;
    if (lived || failure.kind !== 'hung_up') this.#shortLives = 0;
    else if (this.#connectedAtMs !== null) this.#shortLives += 1;
    const backoff = backoffMs(nowMs - this.#downSinceMs, random);
    const retryMs = failure.kind === 'refused' ? Math.max(refusedPauseMs, backoff) : backoff;
    return { failure: this.#shortLives < SHORT_LIVES_MAX ? failure : this.#rivalry(failure), retryMs, lived };
  }

  #explained(failure: Failure): Failure {
    this.#unexplained = failure.kind === 'unexplained' ? this.#unexplained + 1 : 0;
    if (this.#unexplained === 0) return failure;
    return { ...failure, kind: this.#unexplained < UNEXPLAINED_MAX ? 'unreachable' : 'refused' };
  }

  /** MQTT 3.1.1 has no words for it, and the internet can do the same: this can only be asked. */
  #rivalry(failure: Failure): Failure {
    const { clientId } = this.#options;
    const question = `again and again soon after it was made: is there a second hub with this hub_id (client id ${clientId})?`;
    return { ...failure, reason: `${failure.reason}, ${question}` };
  }
}

/**
 * Full jitter: anything up to as long as the link has been down already, between 1 s and 300 s. So the waits grow as
 * if they doubled, and nobody waits much longer than the outage lasted.
 */
export function backoffMs(downMs: number, random: () => number): number {
  const bound = Math.min(BACKOFF_MAX_MS, Math.max(BACKOFF_FIRST_MS, downMs));
  return Math.max(BACKOFF_MIN_MS, random() * bound);
}
