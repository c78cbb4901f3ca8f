/**
 * The library throws only when a lock could not decode a frame and its repetition with new nonces. Frames of a right
 * key that cross reports do that by chance once; more often in a row they don't.
 */
const UNDECODED_MAX = 3;

/** Whether a lock understands the keys of this hub, as far as its answers show. */
export class Credentials {
  readonly #tell: (missing: boolean) => void;
  #undecoded = 0;
  #told: boolean | null = null;

  /** `tell` is called when it is known, and again only when it changes. */
  constructor(tell: (missing: boolean) => void) {
    this.#tell = tell;
  }

  /** The lock answered something in the keys it was asked in. */
  understood(): void {
    this.#undecoded = 0;
    this.#say(false);
  }

  /** The lock was there and could not decode what it was asked. */
  undecoded(): void {
    this.#undecoded += 1;
    if (this.#undecoded >= UNDECODED_MAX) this.#say(true);
  }

  #say(missing: boolean): void {
    if (this.#told === missing) return;
    this.#told = missing;
    this.#tell(missing);
  }
}
