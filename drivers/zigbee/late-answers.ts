/** Questions that may still be answered, per lock. */
const KEPT_MAX = 32;
const TRANSACTIONS = 256;

/**
 * Knows which slot an answer is about that comes after its time: it names no slot, only the number of the frame that
 * it answers (trap 6 of the field notes).
 */
export class LateAnswers {
  readonly #slots = new Map<number, number>();
  #last = Math.floor(TRANSACTIONS / 2);

  /** A number for the next frame. */
  next(): number {
    this.#last = (this.#last + 1) % TRANSACTIONS;
    this.#slots.delete(this.#last);
    return this.#last;
  }

  /** The frame was not answered in time. */
  missed(transaction: number, slot: number): void {
    this.#slots.set(transaction, slot);
    const [oldest] = this.#slots.keys();
    if (this.#slots.size > KEPT_MAX && oldest !== undefined) this.#slots.delete(oldest);
  }

  /** The slot that an answer is about; `undefined` for one that came in time. */
  take(transaction: number): number | undefined {
    const slot = this.#slots.get(transaction);
    this.#slots.delete(transaction);
    return slot;
  }
}
