import type { Clock } from '../../src/clock.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import type { DriverHost } from '../../src/lock-driver.ts';
import { isAnswering } from './attributes.ts';
import type { Member } from './lock.ts';

/** Two hourly reports that did not come, and some time for the second. */
const SILENT_MS = 2 * HOUR_MS + 10 * MINUTE_MS;

interface PresenceOptions {
  readonly clock: Clock;
  /** How long ago the lock was last heard; `null`: never. */
  readonly heardAgoMs: number | null;
  /** Sends one frame to the lock; false when it does not take it. Bounded. */
  readonly ask: () => Promise<boolean>;
  readonly tell: (online: boolean) => void;
}

/**
 * Whether a lock is there, as far as its reports show. One that missed two is asked once, by a single frame: it may be
 * one that reports nothing, and a hub that was down itself heard nobody. A write that was not delivered makes the next
 * frame of the lock the moment to try again, for then it is awake.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #stopping = new AbortController();
  #heardMs: number;
  /** What was told last; `null`: nothing yet. */
  #told: boolean | null = null;
  #isMissed = false;

  constructor(options: PresenceOptions) {
    const { clock, heardAgoMs } = options;
    this.#options = options;
    this.#heardMs = clock.monotonicMs() - (heardAgoMs ?? 0);
    if (this.#silentMs < SILENT_MS) this.#tell(true);
    void this.#watch();
  }

  get isOnline(): boolean {
    return this.#told === true;
  }

  heard(): void {
    this.#heardMs = this.#options.clock.monotonicMs();
    if (this.isOnline && !this.#isMissed) return;
    this.#isMissed = false;
    this.#tell(true);
  }

  /** The lock did not take a frame. */
  missed(): void {
    this.#isMissed = true;
  }

  stop(): void {
    this.#stopping.abort();
  }

  get #silentMs(): number {
    return this.#options.clock.monotonicMs() - this.#heardMs;
  }

  /** Asks once each time that the lock has been silent for long, until somebody stops it. */
  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await this.#options.clock.sleepFor(Math.max(SILENT_MS - this.#silentMs, 0), signal);
      if (signal.aborted) return;
      if (this.#silentMs < SILENT_MS) continue;
      const isThere = await this.#options.ask();
      if (signal.aborted) return;
      if (isThere) this.heard();
      else if (this.#silentMs >= SILENT_MS && this.#told !== false) this.#tell(false);
      // Whoever is lost is asked by the hub from then on, and tells by itself when it is back.
      await this.#options.clock.sleepFor(SILENT_MS, signal);
    }
  }

  #tell(online: boolean): void {
    this.#told = online;
    this.#options.tell(online);
  }
}

/** The presence of a lock or keypad that was just met. The library keeps when it was heard over a restart. */
export function presenceOf(member: Member, { onEvent }: DriverHost, clock: Clock): Presence {
  const { lastSeen } = member.device;
  return new Presence({
    clock,
    heardAgoMs: lastSeen === undefined ? null : Math.max(clock.now().earliest - lastSeen, 0),
    ask: () => isAnswering(member),
    tell: (online) => onEvent(member.deviceId, { kind: online ? 'online' : 'offline' }),
  });
}
