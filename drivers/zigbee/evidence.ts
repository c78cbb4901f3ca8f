import { within } from './within.ts';

/** Something that a lock may say while it works. */
export class Evidence {
  readonly #heard = Promise.withResolvers<true>();
  #isHeard = false;

  get heard(): boolean {
    return this.#isHeard;
  }

  note(): void {
    this.#isHeard = true;
    this.#heard.resolve(true);
  }

  /** True as soon as it is said, false when the time has passed. */
  async within(timeoutMs: number): Promise<boolean> {
    return (await within(this.#heard.promise, timeoutMs)) ?? false;
  }
}
