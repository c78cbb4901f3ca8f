import type { Fault } from './lock/fault.ts';
import { Membership } from './lock/membership.ts';

/** What a keypad tells at once: digits, and with which event of the Entry Control command class. */
export interface KeypadEntry {
  readonly event: 'cached_keys' | 'enter';
  readonly digits: string;
}

/** Keys that it collects before it sends them, until somebody tells it otherwise; as keypads come from the factory. */
const FACTORY_CACHE_SIZE = 4;
const FACTORY_CACHE_TIMEOUT_S = 2;

/** Class of a secure keypad; no device file of zwave-js knows the maker. */
const PRODUCT = {
  genericDeviceClass: 0x40,
  specificDeviceClass: 0x0b,
  manufacturerId: 0x7fff,
  productType: 3,
  productId: 1,
};

/** A keypad without a lock: it keeps no codes, tells its hub what is typed, and shows what the hub says to it. */
export class SimKeypad {
  /** Its name in the control interface. */
  readonly id: string;
  readonly serial: string;
  readonly model = { secure: true, product: PRODUCT } as const;
  readonly membership: Membership;
  /** Z-Wave node id, while it is in a network. */
  address: number;
  fault: Fault = { kind: 'none' };
  readonly batteryPercent = 100;
  /** Some can't collect all digits of a code. */
  cacheSizeLimits = { min: 1, max: 16 };
  readonly cacheTimeoutLimits = { min: 1, max: 10 };
  cacheSize = FACTORY_CACHE_SIZE;
  cacheTimeoutS = FACTORY_CACHE_TIMEOUT_S;
  /** How often it showed what. */
  readonly shown = { accepted: 0, denied: 0 };
  readonly #listeners = new Set<(entry: KeypadEntry) => void>();

  constructor(id: string, address: number) {
    this.id = id;
    this.address = address;
    this.serial = `SIM-keypad-${id}`;
    this.membership = new Membership(this.serial, PRODUCT, true);
  }

  onEntry(listener: (entry: KeypadEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** It is as from the factory again, and asks to join. */
  resetToJoin(): void {
    this.cacheSize = FACTORY_CACHE_SIZE;
    this.cacheTimeoutS = FACTORY_CACHE_TIMEOUT_S;
    this.membership.askToJoin();
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
