import type { LockEventBody } from '../../src/core/lock-event.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import type { NetworkView } from '../../src/core/radio-view.ts';
import type { SlotReading } from '../../src/core/slot.ts';
import { SECOND_MS, type Instant } from '../../src/core/time.ts';
import type {
  ActionOutcome,
  DriverHost,
  LinkOutcome,
  LockAction,
  LockDriver,
  Pairing,
} from '../../src/lock-driver.ts';
import { actOn } from './direct/act.ts';
import { Contact } from './direct/contact.ts';
import { snapshot } from './direct/describe.ts';
import { exchange, type Heard } from './direct/link.ts';
import { executeOn } from './direct/operations.ts';
import { failure, type Radio, type Silence } from './direct/outcome.ts';
import { checkLinkOf, viewOf } from './direct/network.ts';
import { DirectPairing, type Admitted } from './direct/pairing.ts';
import type { SimLock } from './lock/lock.ts';
import type { Random } from './random.ts';

/** How often a missing radio is looked for. */
const OPEN_RETRY_MS = 2 * SECOND_MS;
/** How long the driver waits before it asks a lock again that it has never met. */
const MEET_RETRY_MS = 10 * SECOND_MS;
const NETWORK = 'sim';

/** What a radio library remembers of its locks over a restart; an emptied one makes the driver read them again. */
export type RadioMemory = Map<string, readonly SlotReading[]>;

export interface DirectDriverOptions {
  /** All that the radio reaches, in its network or not; may grow. */
  readonly locks: readonly SimLock[];
  /** Waits in virtual time. */
  readonly sleep: (durationMs: number) => Promise<void>;
  readonly random: Random;
  /** The hub's time, for `set_clock`. */
  readonly hubNow: () => Instant;
  /** Minutes east of UTC at the site at an instant. */
  readonly utcOffsetMinutes: (at: Instant) => number;
  /** Hand the same one to the next driver after a crash of the hub. */
  readonly memory?: RadioMemory;
}

/** A driver that can also be unplugged. */
export interface DirectDriver extends LockDriver {
  /** Takes the radio away, or gives it back. */
  setPlugged(plugged: boolean): void;
}

/**
 * A `LockDriver` straight over the lock models, for simulations in virtual time. As honest as a real one: it knows only
 * what frames tell it, and frames get lost, late and doubled as the locks' faults say. The same sleep order and
 * seed give the same run.
 */
export function createDirectDriver(options: DirectDriverOptions): DirectDriver {
  return new Direct(options);
}

class Direct implements DirectDriver {
  readonly radio = 'zwave';
  readonly pairing: Pairing;
  readonly #options: DirectDriverOptions;
  readonly #memory: RadioMemory;
  readonly #contacts = new Map<string, Contact>();
  #host: DriverHost | undefined;
  #plugged = true;

  constructor(options: DirectDriverOptions) {
    this.#options = options;
    this.#memory = options.memory ?? new Map();
    this.pairing = new DirectPairing({
      locks: options.locks,
      sleep: options.sleep,
      up: () => this.#up(),
      admit: (lock) => this.#admit(lock),
      succeed: (deviceId, lock) => this.#succeed(deviceId, lock),
      tell: () => this.#host?.onPairing(),
      lockOf: (deviceId) => this.#contacts.get(deviceId)?.lock,
      answers: (deviceId) => this.ping(deviceId),
      dismiss: (deviceId) => this.#dismiss(deviceId),
    });
  }

  async start(host: DriverHost): Promise<void> {
    this.#host = host;
    host.onRadioState('starting', 'opening the simulated radio');
    await this.#options.sleep(SECOND_MS);
    while (this.#host !== undefined && !this.#plugged) await this.#options.sleep(OPEN_RETRY_MS);
    if (this.#host === undefined) return;
    host.onRadioState('ready', 'the simulated radio is open');
    for (const lock of this.#options.locks) if (lock.membership.joined) this.#take(host, lock);
  }

  async act(deviceId: string, action: LockAction): Promise<ActionOutcome> {
    const contact = this.#contacts.get(deviceId);
    if (contact === undefined) return { kind: 'radio_down', message: 'no such lock was met on this radio' };
    contact.heardJam = false;
    const outcome =
      contact.lock.fault.kind === 'foreign_keys'
        ? await this.#misunderstood(contact)
        : await actOn(this.#radioFor(contact), contact.lock, action, () => this.#interview(contact));
    contact.learnFrom(outcome.kind);
    return outcome;
  }

  async execute(deviceId: string, operation: Operation): Promise<Outcome> {
    const contact = this.#contacts.get(deviceId);
    if (contact === undefined) return { kind: 'radio_down', message: 'no such lock was met on this radio' };
    contact.heardDuplicate = false;
    if (contact.lock.fault.kind === 'foreign_keys') return this.#misunderstood(contact);
    const outcome = await executeOn(this.#radioFor(contact), contact.lock, operation);
    contact.learnFrom(outcome.kind);
    if (outcome.kind === 'done') contact.setCredentialsMissing(false);
    return outcome;
  }

  /** The lock acknowledges, and says that it cannot decode what it was sent. */
  async #misunderstood(contact: Contact): Promise<Silence> {
    const heard = await exchange(this.#radioFor(contact), contact.lock, () => undefined);
    if (heard.kind !== 'answer') return failure(heard);
    contact.setCredentialsMissing(true);
    return { kind: 'unreachable', message: 'the lock does not understand the keys of this hub' };
  }

  async ping(deviceId: string): Promise<boolean> {
    const contact = this.#contacts.get(deviceId);
    if (contact === undefined) return false;
    const heard = await exchange(this.#radioFor(contact), contact.lock, () => undefined);
    const reached = heard.kind === 'answer' || heard.kind === 'no_answer';
    if (heard.kind !== 'radio_down') contact.setOnline(reached);
    return reached;
  }

  async checkLink(deviceId: string): Promise<LinkOutcome> {
    const contact = this.#contacts.get(deviceId);
    if (contact === undefined) return { kind: 'radio_down', message: 'no such lock was met on this radio' };
    return checkLinkOf(this.#radioFor(contact), contact.lock);
  }

  network(): NetworkView | null {
    if (!this.#up()) return null;
    return viewOf(NETWORK, [...this.#contacts.values()]);
  }

  async stop(): Promise<void> {
    this.pairing.stop();
    this.#host = undefined;
    for (const { unsubscribe } of this.#contacts.values()) unsubscribe();
  }

  setPlugged(plugged: boolean): void {
    this.#plugged = plugged;
    // While the radio is still being opened, its first state is told when that is done.
    if (this.#contacts.size === 0) return;
    this.#host?.onRadioState(plugged ? 'ready' : 'down', plugged ? 'plugged in' : 'unplugged');
  }

  #up(): boolean {
    return this.#plugged && this.#host !== undefined;
  }

  #radioFor(contact: Contact): Radio {
    return {
      sleep: this.#options.sleep,
      random: this.#options.random,
      up: () => this.#up(),
      hubNow: this.#options.hubNow,
      utcOffsetMinutes: this.#options.utcOffsetMinutes,
      heardDuplicate: () => contact.heardDuplicate,
      heardJam: () => contact.heardJam,
    };
  }

  /** Begins to speak with a lock of the network. */
  #take(host: DriverHost, lock: SimLock, inPlaceOf?: string): Contact {
    const identity = {
      radio: this.radio,
      network: NETWORK,
      address: String(lock.address),
      serial: lock.serial,
      ...(inPlaceOf === undefined ? {} : { inPlaceOf }),
    } as const;
    const deviceId = host.deviceIdOf(identity);
    const contact = new Contact(lock, deviceId, (body, at) => this.#tell(deviceId, body, at));
    contact.unsubscribe = lock.onReport((report) => void contact.carry(report, this.#radioFor(contact)));
    this.#contacts.set(deviceId, contact);
    void this.#meet(contact);
    return contact;
  }

  #admit(lock: SimLock, inPlaceOf?: string): Admitted {
    if (this.#host === undefined) throw new Error('the network is not open without a radio');
    lock.membership.admitted();
    const contact = this.#take(this.#host, lock, inPlaceOf);
    return { deviceId: contact.deviceId, isMet: () => contact.found };
  }

  /** The new lock gets the address and the name of the old one, which is in no network any more. */
  #succeed(deviceId: string, lock: SimLock): Admitted {
    const old = this.#contacts.get(deviceId);
    if (old === undefined) throw new Error('a lock was replaced that is not there');
    old.unsubscribe();
    old.lock.membership.dismissed();
    this.#contacts.delete(deviceId);
    this.#memory.delete(old.lock.id);
    [old.lock.address, lock.address] = [lock.address, old.lock.address];
    old.tell({ kind: 'replaced' });
    return this.#admit(lock, deviceId);
  }

  #dismiss(deviceId: string): void {
    const contact = this.#contacts.get(deviceId);
    if (contact === undefined) return;
    contact.unsubscribe();
    contact.lock.membership.dismissed();
    this.#contacts.delete(deviceId);
    this.#memory.delete(contact.lock.id);
    contact.tell({ kind: 'removed' });
  }

  /** Reads everything of a lock, and tells the hub. */
  async #interview(contact: Contact): Promise<Heard<unknown>> {
    const heard = await exchange(this.#radioFor(contact), contact.lock, () => snapshot(contact.lock));
    if (heard.kind !== 'answer') return heard;
    this.#memory.set(contact.lock.id, heard.value);
    contact.tellFound(heard.value);
    return heard;
  }

  /** Interviews a lock, or remembers it, and tells the hub that it is there. Goes on until it answers. */
  async #meet(contact: Contact): Promise<void> {
    const known = this.#memory.get(contact.lock.id);
    if (known !== undefined) {
      contact.tellFound(known);
      await this.ping(contact.deviceId);
      return;
    }
    while (this.#host !== undefined && contact.lock.membership.joined) {
      if ((await this.#interview(contact)).kind === 'answer') return;
      await this.#options.sleep(MEET_RETRY_MS);
    }
  }

  #tell(deviceId: string, body: LockEventBody, at?: Instant): void {
    if (at === undefined) this.#host?.onEvent(deviceId, body);
    else this.#host?.onEvent(deviceId, body, at);
  }
}
