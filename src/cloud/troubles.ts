import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { HOUR_MS } from '../core/time.ts';
import type { Failure } from './failure.ts';

/** The same trouble is told again after so long, with the number of attempts since. */
const QUIET_MS = HOUR_MS;
/** Different reasons that are remembered; a broker that says something new each time is told of as often. */
const REASONS_MAX = 50;

interface Told {
  readonly atMs: number;
  attempts: number;
}

/** Tells the log why there is no connection: each reason once, and then rarely, for an outage can last for weeks. */
export class Troubles {
  readonly #peer: string;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #told = new Map<string, Told>();

  /** `peer` is who is at the other end, for people. */
  constructor({ peer, log, clock }: { readonly peer: string; readonly log: Logger; readonly clock: Clock }) {
    this.#peer = peer;
    this.#log = log;
    this.#clock = clock;
  }

  /** An attempt failed, or a connection ended. */
  tell({ kind, reason }: Failure, retryMs: number): void {
    // What passes and what a person has to mend is told twice, for the same words.
    const attempts = this.#attemptsToTell(`${kind} ${reason}`);
    const details = { reason, retryMs: Math.round(retryMs), attempts };
    const message =
      kind === 'refused'
        ? `${this.#peer} refuses this hub: a person has to mend it`
        : `no connection to ${this.#peer}`;
    if (attempts > 0) this.#log.warn(details, message);
    else this.#log.debug(details, message);
  }

  /** The files of the login have changed and can't be used, so the connection made with the old ones stays. */
  tellOfFiles(reason: string): void {
    if (this.#attemptsToTell(reason) > 0) {
      this.#log.warn({ reason }, 'the files of the login changed, and can not be used');
    }
  }

  /** There was a good connection: what went wrong before it is news when it happens again. */
  over(): void {
    this.#told.clear();
  }

  /** How often it happened since it was told last; 0 when it is not to be told now. */
  #attemptsToTell(reason: string): number {
    const nowMs = this.#clock.monotonicMs();
    const told = this.#told.get(reason);
    const attempts = (told?.attempts ?? 0) + 1;
    if (told !== undefined && nowMs - told.atMs < QUIET_MS) {
      told.attempts = attempts;
      return 0;
    }
    if (this.#told.size >= REASONS_MAX) this.#told.clear();
    this.#told.set(reason, { atMs: nowMs, attempts: 0 });
    return attempts;
  }
}
