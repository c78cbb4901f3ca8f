/** What a keypad tells at once: digits, and with which event of the Entry Control command class. */
export interface KeypadEntry {
  readonly event: 'cached_keys' | 'enter';
  readonly digits: string;
}

/** Keys that it collects before it sends them, until somebody tells it otherwise; as keypads come from the factory. */
const FACTORY_CACHE_SIZE = 4;
const FACTORY_CACHE_TIMEOUT_S = 2;

/** A keypad without a lock: it keeps no codes, tells its hub what is typed, and shows what the hub says to it. */
export class SimKeypad {
  /** Its name in the control interface. */
  readonly id: string;
  /** Z-Wave node id. */
  readonly address: number;
  readonly batteryPercent = 100;
  readonly cacheSizeLimits = { min: 1, max: 16 };
  readonly cacheTimeoutLimits = { min: 1, max: 10 };
  cacheSize = FACTORY_CACHE_SIZE;
  cacheTimeoutS = FACTORY_CACHE_TIMEOUT_S;
  /** How often it showed what. */
  readonly shown = { accepted: 0, denied: 0 };
  readonly #listeners = new Set<(entry: KeypadEntry) => void>();

  constructor(id: string, address: number) {
    this.id = id;
    this.address = address;
  }

  onEntry(listener: (entry: KeypadEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Somebody types digits and presses Enter: what fills the cache leaves at once, the rest with Enter. */
  type(digits: string): void {
    let rest = digits;
    while (rest.length >= this.cacheSize) {
      this.#tell({ event: 'cached_keys', digits: rest.slice(0, this.cacheSize) });
      rest = rest.slice(this.cacheSize);
    }
    this.#tell({ event: 'enter', digits: rest });
  }

  #tell(entry: KeypadEntry): void {
    for (const listener of this.#listeners) listener(entry);
  }
}
