/** Where the uplink is slow, a whole window of messages takes longer than one; no message takes so many times as long. */
const TIMEOUTS_MAX = 10;

/** Calls back once: whether the broker acknowledged it. */
type Send = (done: (taken: boolean) => void) => void;

type Finish = (taken: boolean) => void;

/** The messages of one connection that the broker has not acknowledged. */
export class Sending {
  readonly #timeoutMs: number;
  readonly #gone: () => void;
  /** All that is not acknowledged, sent or not. */
  readonly #waiting = new Set<Finish>();
  /** What is to go out when the broker allows more. The publisher's window bounds it. */
  readonly #unsent: (() => void)[] = [];
  /** When each message that is on its way was sent, oldest first, by the monotonic clock. */
  readonly #sentAtMs = new Map<Finish, number>();
  /** Runs while something is on its way, from the last acknowledgement on. */
  #deadline: NodeJS.Timeout | undefined;
  #whenSettled = (): void => undefined;
  #windowMax = Infinity;
  #isOpen = true;

  /** `gone` is called when the broker acknowledges nothing for `timeoutMs`, although it should. */
  constructor(timeoutMs: number, gone: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#gone = gone;
  }

  /** So many messages the broker wants on their way at most. */
  limit(windowMax: number): void {
    this.#windowMax = windowMax;
  }

  /** Sends it in its turn. Resolves to true once it is acknowledged, to false when that can't come any more. */
  publish(send: Send): Promise<boolean> {
    return new Promise((resolve) => {
      const finish: Finish = (taken) => {
        if (this.#waiting.delete(finish)) resolve(taken);
      };
      this.#waiting.add(finish);
      this.#unsent.push(() => {
        this.#sentAtMs.set(finish, performance.now());
        this.#deadline ??= setTimeout(this.#gone, this.#timeoutMs);
        send((taken) => {
          this.#sentAtMs.delete(finish);
          finish(taken);
          this.#sendMore();
          this.#awaitNext();
        });
      });
      this.#sendMore();
    });
  }

  /** Nothing more goes out. Resolves when nothing is on its way any more; never, when the connection ends before. */
  settled(): Promise<void> {
    this.#isOpen = false;
    return new Promise((resolve) => {
      this.#whenSettled = resolve;
      if (this.#sentAtMs.size === 0) resolve();
    });
  }

  /** The connection is over. */
  end(): void {
    this.#isOpen = false;
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    for (const finish of this.#waiting) finish(false);
  }

  #sendMore(): void {
    while (this.#isOpen && this.#sentAtMs.size < this.#windowMax) {
      const send = this.#unsent.shift();
      if (send === undefined) return;
      send();
    }
  }

  /** The broker has acknowledged something, so it is there; but no message may be forgotten among the others. */
  #awaitNext(): void {
    const [oldestMs] = this.#sentAtMs.values();
    if (oldestMs === undefined) {
      clearTimeout(this.#deadline);
      this.#deadline = undefined;
      return this.#whenSettled();
    }
    this.#deadline?.refresh();
    if (performance.now() - oldestMs > TIMEOUTS_MAX * this.#timeoutMs) this.#gone();
  }
}
