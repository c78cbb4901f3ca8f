import type { Clock } from '../clock.ts';
import type { Lock } from '../core/lock.ts';
import type { Outcome } from '../core/operation.ts';
import { isExact, isWitness, witnessSetAt } from '../core/timing/lock-clock.ts';
import { HOUR_MS, MINUTE_MS, type TimeReading } from '../core/time.ts';
import type { LockDriver } from '../lock-driver.ts';
import { bounded, DRIVER_DEADLINE_MS } from './bounded.ts';
import type { Log } from './lock-loop.ts';

/** At a start better sources need a moment, and cost no frame. */
const PATIENCE_MS = MINUTE_MS;
/** Between two looks the monotonic clock of the hub knows as well. */
const ASK_EVERY_MS = HOUR_MS;

const LOST: Outcome = { kind: 'unknown', message: 'The driver did not answer within its deadline.' };

export interface WitnessParts {
  readonly clock: Clock;
  readonly log: Log;
}

/** Asks a lock for the time that the hub once gave it, while the hub itself does not know the time. */
export class Witnessing {
  readonly #parts: WitnessParts;
  #askAtMs: number | null = null;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
  }

  /** How long until it is to be asked; `null`: it need not be. */
  dueInMs(lock: Lock, now: TimeReading): number | null {
    const { clock } = this.#parts;
    if (clock.hear === undefined || isExact(now) || !isWitness(lock)) {
      this.#askAtMs = null;
      return null;
    }
    this.#askAtMs ??= clock.monotonicMs() + PATIENCE_MS;
    // A fraction of a millisecond is lost in an instant, and what is due then would never come.
    return Math.ceil(Math.max(0, this.#askAtMs - clock.monotonicMs()));
  }

  async ask(lock: Lock, driver: LockDriver): Promise<void> {
    const { clock, log } = this.#parts;
    const { deviceId } = lock;
    const setAt = witnessSetAt(lock);
    this.#askAtMs = clock.monotonicMs() + ASK_EVERY_MS;
    const asked = driver.execute(deviceId, { kind: 'read_clock' });
    const outcome = await bounded(asked, LOST, DRIVER_DEADLINE_MS, this.#parts);
    log.debug({ deviceId, outcome: outcome.kind }, 'A lock was asked for the time');
    if (outcome.kind !== 'done' || outcome.clockShows === undefined || setAt === null) return;
    clock.hear?.({ kind: 'lock', deviceId, shows: outcome.clockShows, setAt });
  }
}
