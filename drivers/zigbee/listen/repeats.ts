/** A frame that comes again within this time is the same one; later its number has gone round. */
const REPEAT_MS = 5000;
const KEPT_MAX = 16;

/** Knows frames that a network delivers twice. */
export class Repeats {
  readonly #heard = new Map<string, number>();

  isRepeated(frame: string): boolean {
    const now = performance.now();
    const before = this.#heard.get(frame);
    this.#heard.delete(frame);
    this.#heard.set(frame, now);
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > KEPT_MAX && oldest !== undefined) this.#heard.delete(oldest);
    return before !== undefined && now - before < REPEAT_MS;
  }
}
