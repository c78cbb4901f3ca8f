import { MINUTE_MS, SECOND_MS } from '../../core/time.ts';

/** Mistakes that cost nothing: people mistype. */
const FREE_FAILURES = 3;
const FIRST_DELAY_MS = SECOND_MS;
const DELAY_MAX_MS = 15 * MINUTE_MS;
/** Addresses that are remembered; a code has 60 bits, so that forgetting one helps nobody to guess it. */
const ADDRESSES_MAX = 1000;

interface Failures {
  readonly count: number;
  readonly blockedUntilMs: number;
}

/** Failed logins of each address: after a few of them each costs twice the wait of the one before. */
export class LoginAttempts {
  readonly #byAddress = new Map<string, Failures>();
  readonly #nowMs: () => number;

  constructor(monotonicMs: () => number) {
    this.#nowMs = monotonicMs;
  }

  /** How long this address has to wait before its next attempt, in milliseconds; 0: not at all. */
  waitMs(address: string): number {
    return Math.max(0, (this.#byAddress.get(address)?.blockedUntilMs ?? 0) - this.#nowMs());
  }

  failed(address: string): void {
    const count = (this.#byAddress.get(address)?.count ?? 0) + 1;
    const delayMs =
      count <= FREE_FAILURES ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (count - FREE_FAILURES - 1), DELAY_MAX_MS);
    // Last in the map, so that the address that failed longest ago is forgotten first.
    this.#byAddress.delete(address);
    this.#byAddress.set(address, { count, blockedUntilMs: this.#nowMs() + delayMs });
    const [oldest] = this.#byAddress.keys();
    if (oldest !== undefined && this.#byAddress.size > ADDRESSES_MAX) this.#byAddress.delete(oldest);
  }

  succeeded(address: string): void {
    this.#byAddress.delete(address);
  }
}
