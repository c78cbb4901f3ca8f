import { labelOf, type Label, type Product } from './label.ts';

/** Whether a lock is in a radio network, and what somebody at its keypad has told it to do about that. */
export class Membership {
  /** It has an address in the hub's network and hears what is sent there. */
  joined = true;
  /** It goes on asking until a network lets it in or out. */
  asks: 'join' | 'leave' | 'rejoin' | null = null;
  readonly #serial: string;
  readonly #product: Product;
  readonly #hasLabel: boolean;
  #label: Label | undefined;

  constructor(serial: string, product: Product, hasLabel: boolean) {
    this.#serial = serial;
    this.#product = product;
    this.#hasLabel = hasLabel;
  }

  /** What proves who it is when it joins; `null` for a lock that knows no S2. */
  get label(): Label | null {
    if (!this.#hasLabel) return null;
    this.#label ??= labelOf(this.#serial, this.#product);
    return this.#label;
  }

  /** One that is in a network forgets it first, as by a reset at the lock, and hears nothing there any more. */
  askToJoin(): void {
    this.joined = false;
    this.asks = 'join';
  }

  askToLeave(): void {
    if (this.joined) this.asks = 'leave';
  }

  /** It lost its parent, and comes back under another short address (Zigbee). */
  askToRejoin(): void {
    if (this.joined) this.asks = 'rejoin';
  }

  /** A network has let it in. */
  admitted(): void {
    this.joined = true;
    this.asks = null;
  }

  /** It is in no network any more. */
  dismissed(): void {
    this.joined = false;
    this.asks = null;
  }
}
