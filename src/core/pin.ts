/** Digits a keypad accepts in this project (decision 19: leading zeros are part of the PIN). */
export const PIN_PATTERN = /^[0-9]{4,12}$/;

/**
 * A PIN that cannot be printed: string conversion, JSON and inspection all show `[PIN]`.
 * Only `reveal()` gives the digits, and only the radio, the seal, the rules about PINs in this folder and the keypad
 * of the simulated house call it.
 */
export class Pin {
  readonly #digits: string;

  private constructor(digits: string) {
    this.#digits = digits;
  }

  /** `undefined` unless the text is 4 to 12 digits. */
  static parse(text: string): Pin | undefined {
    return PIN_PATTERN.test(text) ? new Pin(text) : undefined;
  }

  /** The digits. Never log, print or publish the result. */
  reveal(): string {
    return this.#digits;
  }

  get length(): number {
    return this.#digits.length;
  }

  equals(other: Pin): boolean {
    return this.#digits === other.#digits;
  }

  /** Whether a text that is to be shown would give the digits away. */
  isIn(text: string): boolean {
    return text.includes(this.#digits);
  }

  /** Whether these digits are a part of it, for a search by whoever may see it. */
  contains(digits: string): boolean {
    return this.#digits.includes(digits);
  }

  toString(): string {
    return '[PIN]';
  }

  toJSON(): string {
    return '[PIN]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[PIN]';
  }
}
