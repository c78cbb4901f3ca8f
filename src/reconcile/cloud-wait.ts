import type { Clock } from '../clock.ts';
import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { Store } from '../store/store.ts';

/** What the cloud has to say comes right after its answer to our hello. */
const SPOKEN_AFTER_MS = 10 * SECOND_MS;
/** A site without internet can't wait for long: its guests come all the same. */
const WAIT_MAX_MS = 2 * MINUTE_MS;
const LOOK_EVERY_MS = SECOND_MS;

/**
 * A hub that was restored knows the codes as they were at the time of its backup, and its cloud knows them as they are:
 * until that has spoken, but for two minutes at most, no code is put on or taken off. Otherwise PINs that were changed or
 * deleted since would come on again for a moment.
 */
export class CloudWait {
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  #isOver: boolean;
  #done: Promise<void> = Promise.resolve();

  constructor({ store, clock, hasCloud }: { store: Store; clock: Clock; hasCloud: boolean }) {
    this.#clock = clock;
    this.#isOver = !hasCloud || !isFreshlyRestored(store);
  }

  isOver(): boolean {
    return this.#isOver;
  }

  /** Begins to wait. `onOver` is called once, unless there is nothing to wait for. */
  start(isOnline: () => boolean, onOver: () => void): void {
    if (!this.#isOver) this.#done = this.#run(isOnline, onOver);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #run(isOnline: () => boolean, onOver: () => void): Promise<void> {
    const { signal } = this.#stopping;
    const tillMs = this.#clock.monotonicMs() + WAIT_MAX_MS;
    let onlineSinceMs: number | null = null;
    while (!signal.aborted) {
      const nowMs = this.#clock.monotonicMs();
      onlineSinceMs = isOnline() ? (onlineSinceMs ?? nowMs) : null;
      const hasSpoken = onlineSinceMs !== null && nowMs - onlineSinceMs >= SPOKEN_AFTER_MS;
      if (hasSpoken || nowMs >= tillMs) {
        this.#isOver = true;
        onOver();
        return;
      }
      await this.#clock.sleepFor(LOOK_EVERY_MS, signal);
    }
  }
}

/** A slot of the table is still as the backup had it. */
function isFreshlyRestored(store: Store): boolean {
  return store
    .deviceIds()
    .some((deviceId) => store.lockState(deviceId)?.slots.some(({ recheck }) => recheck === 'restored'));
}
