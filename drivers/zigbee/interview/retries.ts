/** An interview that failed is tried again after this long, then twice as long, up to the maximum. */
const RETRY_FIRST_MS = 10_000;
const RETRY_MAX_MS = 3_600_000;

interface Wait {
  readonly timer: NodeJS.Timeout;
  readonly delayMs: number;
}

/** Asks devices again that did not answer everything: in time, or as soon as they are heard, for then they are awake. */
export class Retries {
  readonly #retry: (ieee: string) => void;
  readonly #waits = new Map<string, Wait>();

  constructor(retry: (ieee: string) => void) {
    this.#retry = retry;
  }

  later(ieee: string): void {
    const before = this.#waits.get(ieee);
    clearTimeout(before?.timer);
    const delayMs = Math.min((before?.delayMs ?? RETRY_FIRST_MS / 2) * 2, RETRY_MAX_MS);
    const timer = setTimeout(() => this.#retry(ieee), delayMs).unref();
    this.#waits.set(ieee, { timer, delayMs });
  }

  /** The device was heard. One that was asked a moment ago waits for its time, or it would be asked without end. */
  now(ieee: string): void {
    const wait = this.#waits.get(ieee);
    if (wait === undefined || wait.delayMs <= RETRY_FIRST_MS) return;
    clearTimeout(wait.timer);
    this.#waits.set(ieee, { ...wait, delayMs: RETRY_FIRST_MS / 2 });
    this.#retry(ieee);
  }

  end(ieee: string): void {
    clearTimeout(this.#waits.get(ieee)?.timer);
    this.#waits.delete(ieee);
  }

  stop(): void {
    for (const { timer } of this.#waits.values()) clearTimeout(timer);
    this.#waits.clear();
  }
}
