import { arrivals, departure, type Fault } from '../lock/fault.ts';
import type { Membership } from '../lock/membership.ts';
import type { Random } from '../random.ts';
import type { RadioDevice } from './application.ts';
import type { LinkKey } from './key-tables.ts';
import type { NetworkIdentity } from './memory.ts';
import { MT } from './mt.ts';

/** How long a parent keeps a frame for a child that does not ask for it (field note 2). */
const KEEP_MS = 7680;
/** Frames that a parent keeps for one child; more are refused at once. */
const KEPT_MAX = 16;
/** How often an awake child asks, and for how long it stays awake after it got something. */
const FAST_POLL_MS = 10;
const AWAKE_MS = 300;

/** A message between endpoints. */
export interface ApsMessage {
  readonly cluster: number;
  readonly sourceEndpoint: number;
  readonly endpoint: number;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** A lock or keypad, as far as its radio is concerned. */
export interface Owner {
  readonly id: string;
  readonly ieee: string | null;
  /** Short address. */
  address: number;
  readonly serial: string;
  readonly membership: Membership;
  readonly fault: Fault;
  frameReceived(): void;
  frameSent(): void;
}

/** What a lock remembers of the network that it is in. */
export interface Residence {
  readonly address: number;
  readonly network: NetworkIdentity;
  /** Absent: it was let in by a stick that gave no keys. */
  readonly linkKey?: LinkKey;
}

interface Kept {
  /** The child has it, once or twice. */
  readonly deliver: () => void;
  readonly end: (status: number) => void;
  readonly expiry: NodeJS.Timeout;
}

export interface ChildOptions {
  readonly owner: Owner;
  /** It joins only a network that was given its install code. */
  readonly needsInstallCode: boolean;
  readonly random: Random;
  readonly residence?: Residence;
  /** Makes its application. */
  readonly deviceWith: (send: (message: ApsMessage) => void) => RadioDevice;
  /** Carries its messages to the stick. */
  readonly carry: (child: Child, message: ApsMessage) => void;
  readonly onChange: () => void;
}

/** A lock or keypad as a sleepy end device: it hears only what it asks for, and says what it likes when it likes. */
export class Child {
  readonly owner: Owner;
  readonly needsInstallCode: boolean;
  readonly device: RadioDevice;
  #residence: Residence | undefined;
  readonly #options: ChildOptions;
  readonly #kept: Kept[] = [];
  readonly #startedAtMs = performance.now();
  #awakeUntilMs = 0;
  #poll: NodeJS.Timeout | undefined;

  constructor(options: ChildOptions) {
    this.owner = options.owner;
    this.needsInstallCode = options.needsInstallCode;
    this.#options = options;
    this.#residence = options.residence;
    this.device = options.deviceWith((message) => this.#send(message));
  }

  get residence(): Residence | undefined {
    return this.owner.membership.joined ? this.#residence : undefined;
  }

  settle(residence: Residence): void {
    this.#residence = residence;
    this.owner.address = residence.address;
    this.#awakeUntilMs = performance.now() + AWAKE_MS;
    this.#options.onChange();
  }

  /** Nobody's child any more: what was kept for it is lost. */
  depart(): void {
    this.#residence = undefined;
    this.owner.membership.dismissed();
    this.device.forget();
    for (const kept of this.#kept.splice(0)) this.#end(kept, MT.noRoute);
    this.#options.onChange();
  }

  stop(): void {
    clearTimeout(this.#poll);
    for (const { expiry } of this.#kept.splice(0)) clearTimeout(expiry);
    this.device.stop();
  }

  /** Keeps something until the lock asks. `end` gets the status of the transmission (Z-Stack). */
  keep(deliver: () => void, end: (status: number) => void): void {
    if (this.#kept.length >= KEPT_MAX) {
      end(MT.expired);
      return;
    }
    const expiry = setTimeout(() => this.#expire(kept), KEEP_MS).unref();
    const kept: Kept = { deliver, end, expiry };
    this.#kept.push(kept);
    this.#pollSoon();
  }

  #expire(kept: Kept): void {
    const index = this.#kept.indexOf(kept);
    if (index === -1) return;
    this.#kept.splice(index, 1);
    kept.end(MT.expired);
  }

  #end({ expiry, end }: Kept, status: number): void {
    clearTimeout(expiry);
    end(status);
  }

  #pollSoon(): void {
    if (this.#poll !== undefined || this.#kept.length === 0) return;
    this.#poll = setTimeout(() => this.#ask(), this.#nextPollMs()).unref();
  }

  #nextPollMs(): number {
    const now = performance.now();
    if (now < this.#awakeUntilMs) return FAST_POLL_MS;
    const every = this.device.longPollMs;
    return every - ((now - this.#startedAtMs) % every);
  }

  #ask(): void {
    this.#poll = undefined;
    const { owner } = this;
    // Who is out of reach asks in vain, and what is kept for it grows old.
    const next = owner.fault.kind === 'unreachable' ? undefined : this.#kept.shift();
    if (next !== undefined) {
      const times = arrivals(owner.fault, this.#options.random);
      this.#awakeUntilMs = performance.now() + AWAKE_MS;
      this.#end(next, times === 0 ? MT.noAck : MT.success);
      if (times > 0 && owner.fault.kind !== 'foreign_keys') this.#take(next, times);
    }
    this.#pollSoon();
  }

  #take({ deliver }: Kept, times: number): void {
    for (let time = 0; time < times; time += 1) {
      this.owner.frameReceived();
      deliver();
    }
  }

  #send(message: ApsMessage): void {
    const { owner } = this;
    if (this.residence === undefined || owner.fault.kind === 'foreign_keys') return;
    owner.frameSent();
    const { fault } = owner;
    if (fault.kind === 'garbled') {
      const isBroken = this.#options.random() < fault.probability;
      this.#options.carry(this, isBroken ? this.#broken(message) : message);
      return;
    }
    const { lost, delayMs } = departure(fault, this.#options.random);
    if (lost) return;
    const carry = (): void => this.#options.carry(this, message);
    if (delayMs === 0) carry();
    else setTimeout(carry, delayMs).unref();
  }

  /** Cut somewhere, and another byte at its end. */
  #broken(message: ApsMessage): ApsMessage {
    const { random } = this.#options;
    const content = message.content.slice(0, Math.floor(random() * message.content.length));
    if (content.length > 0) content[content.length - 1] = Math.floor(random() * 256);
    return { ...message, content };
  }
}
