/**
 * Whether a lock complained while it was busy with something: of a duplicate PIN, of a bolt that stuck. It says so by a
 * notification that may cross the answer, or come without naming a slot (field note 7).
 */
export class Evidence {
  #heard = false;
  #wake: (() => void) | null = null;

  get heard(): boolean {
    return this.#heard;
  }

  note(): void {
    this.#heard = true;
    this.#wake?.();
  }

  /** True as soon as the complaint is heard, false when `timeoutMs` have passed without. */
  async within(timeoutMs: number): Promise<boolean> {
    if (this.#heard) return true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return this.#heard;
  }
}
