import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';

/** Two hourly reports that did not come, and some time for the second. */
const SILENT_MS = 2 * HOUR_MS + 10 * MINUTE_MS;
const LOOK_EVERY_MS = MINUTE_MS;

/**
 * Whether a lock is there, as far as its reports show: nothing is sent to find out. A write that was not delivered makes
 * the next frame of the lock the moment to try again, for then it is awake.
 */
export class Presence {
  readonly #tell: (online: boolean) => void;
  readonly #timer: NodeJS.Timeout;
  #heardMs: number;
  #isOnline: boolean;
  #isMissed = false;

  /** @param agoMs how long ago it was last heard; `null`: never */
  constructor(agoMs: number | null, tell: (online: boolean) => void) {
    this.#tell = tell;
    this.#heardMs = performance.now() - (agoMs ?? 0);
    this.#isOnline = (agoMs ?? 0) < SILENT_MS;
    tell(this.#isOnline);
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  get isOnline(): boolean {
    return this.#isOnline;
  }

  heard(): void {
    this.#heardMs = performance.now();
    if (this.#isOnline && !this.#isMissed) return;
    this.#isOnline = true;
    this.#isMissed = false;
    this.#tell(true);
  }

  /** The lock did not take a frame. */
  missed(): void {
    this.#isMissed = true;
    if (performance.now() - this.#heardMs >= SILENT_MS) this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (!this.#isOnline || performance.now() - this.#heardMs < SILENT_MS) return;
    this.#isOnline = false;
    this.#tell(false);
  }
}
