import type { LockDescription, LockEventBody } from '../../src/core/lock-event.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import type { SlotReading } from '../../src/core/slot.ts';
import { MINUTE_MS, SECOND_MS, type Instant } from '../../src/core/time.ts';
import { NO_PAIRING, type ActionOutcome, type DriverHost, type LockDriver } from '../../src/lock-driver.ts';
import { exchange, FRAME_MS } from './direct/link.ts';
import { executeOn } from './direct/operations.ts';
import { failure, type Radio } from './direct/outcome.ts';
import { contentOf } from './direct/read.ts';
import { heldSchedules, scheduleFrom } from './direct/schedule.ts';
import { takesDisabledCodes } from './direct/write.ts';
import { departure } from './lock/fault.ts';
import type { LockReport, SimLock } from './lock/lock.ts';
import type { Random } from './random.ts';

/** How often a missing radio is looked for. */
const OPEN_RETRY_MS = 2 * SECOND_MS;
/** How long the driver waits before it asks a lock again that it has never met. */
const MEET_RETRY_MS = 10 * SECOND_MS;
/** Reports of one lock that are on their way; past that they are lost. */
const REPORTS_MAX = 32;
const NETWORK = 'sim';

/** What a radio library remembers of its locks over a restart; an emptied one makes the driver read them again. */
export type RadioMemory = Map<string, readonly SlotReading[]>;

export interface DirectDriverOptions {
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

interface Contact {
  readonly lock: SimLock;
  readonly deviceId: string;
  found: boolean;
  online: boolean;
  heardDuplicate: boolean;
  /** `null` until an answer has shown it. */
  credentialsMissing: boolean | null;
  reportsUnderway: number;
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
  readonly pairing = NO_PAIRING;
  readonly #options: DirectDriverOptions;
  readonly #memory: RadioMemory;
  readonly #contacts = new Map<string, Contact>();
  readonly #unsubscribe: (() => void)[] = [];
  #host: DriverHost | undefined;
  #plugged = true;

  constructor(options: DirectDriverOptions) {
    this.#options = options;
    this.#memory = options.memory ?? new Map();
  }

  async start(host: DriverHost): Promise<void> {
    this.#host = host;
    host.onRadioState('starting', 'opening the simulated radio');
    await this.#options.sleep(SECOND_MS);
    while (this.#host !== undefined && !this.#plugged) await this.#options.sleep(OPEN_RETRY_MS);
    if (this.#host === undefined) return;
    host.onRadioState('ready', 'the simulated radio is open');
    for (const lock of this.#options.locks) {
      const identity = {
        radio: this.radio,
        network: NETWORK,
        address: String(lock.address),
        serial: lock.serial,
      } as const;
      const deviceId = host.deviceIdOf(identity);
      const contact: Contact = {
        lock,
        deviceId,
        found: false,
        online: true,
        heardDuplicate: false,
        credentialsMissing: null,
        reportsUnderway: 0,
      };
      this.#contacts.set(deviceId, contact);
      this.#unsubscribe.push(lock.onReport((report) => void this.#carry(contact, report)));
      void this.#meet(contact);
    }
  }

  act(): Promise<ActionOutcome> {
    return Promise.resolve({ kind: 'unsupported', message: 'The driver of this radio cannot do that.' });
  }

  async execute(deviceId: string, operation: Operation): Promise<Outcome> {
    const contact = this.#contact(deviceId);
    contact.heardDuplicate = false;
    if (contact.lock.fault.kind === 'foreign_keys') return this.#misunderstood(contact);
    const outcome = await executeOn(this.#radioFor(contact), contact.lock, operation);
    if (outcome.kind === 'unreachable') this.#setOnline(contact, false);
    if (outcome.kind === 'done' || outcome.kind === 'unknown') this.#setOnline(contact, true);
    if (outcome.kind === 'done') this.#setCredentialsMissing(contact, false);
    return outcome;
  }

  /** The lock acknowledges, and says that it cannot decode what it was sent. */
  async #misunderstood(contact: Contact): Promise<Outcome> {
    const heard = await exchange(this.#radioFor(contact), contact.lock, () => undefined);
    if (heard.kind !== 'answer') return failure(heard);
    this.#setCredentialsMissing(contact, true);
    return { kind: 'unreachable', message: 'the lock does not understand the keys of this hub' };
  }

  async ping(deviceId: string): Promise<boolean> {
    const contact = this.#contact(deviceId);
    const heard = await exchange(this.#radioFor(contact), contact.lock, () => undefined);
    const reached = heard.kind === 'answer' || heard.kind === 'no_answer';
    if (heard.kind !== 'radio_down') this.#setOnline(contact, reached);
    return reached;
  }

  async stop(): Promise<void> {
    this.#host = undefined;
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
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
    };
  }

  #contact(deviceId: string): Contact {
    const contact = this.#contacts.get(deviceId);
    if (contact === undefined) throw new Error(`no lock ${deviceId} on this radio`);
    return contact;
  }

  /** Interviews a lock, or remembers it, and tells the hub that it is there. Goes on until it answers. */
  async #meet(contact: Contact): Promise<void> {
    const known = this.#memory.get(contact.lock.id);
    if (known !== undefined) {
      this.#tellFound(contact, known);
      await this.ping(contact.deviceId);
      return;
    }
    while (this.#host !== undefined) {
      const heard = await exchange(this.#radioFor(contact), contact.lock, () => snapshot(contact.lock));
      if (heard.kind === 'answer') {
        this.#memory.set(contact.lock.id, heard.value);
        this.#tellFound(contact, heard.value);
        return;
      }
      await this.#options.sleep(MEET_RETRY_MS);
    }
  }

  #tellFound(contact: Contact, readings: readonly SlotReading[]): void {
    contact.found = true;
    this.#tell(contact, { kind: 'found', description: describe(contact.lock), snapshot: readings });
    this.#tell(contact, { kind: 'online' });
  }

  /** Takes a report of a lock through the air, where it may be lost or late. */
  async #carry(contact: Contact, report: LockReport): Promise<void> {
    if (contact.lock.fault.kind === 'foreign_keys') return;
    contact.lock.frameSent();
    const { lost, delayMs } = departure(contact.lock.fault, this.#options.random);
    if (lost || contact.reportsUnderway >= REPORTS_MAX) return;
    contact.reportsUnderway += 1;
    const { delayReportsMs, clock, model } = contact.lock;
    // Only a lock with a clock can say that something happened earlier; what it says is as right as its clock.
    const at = delayReportsMs > 0 && model.clock !== 'none' ? clock.utc() : undefined;
    await this.#options.sleep(FRAME_MS + delayMs + delayReportsMs);
    contact.reportsUnderway -= 1;
    if (!this.#up() || !contact.found) return;
    if (report.kind === 'duplicate_refused') contact.heardDuplicate = true;
    this.#setOnline(contact, true);
    this.#tell(contact, report, at);
  }

  #setOnline(contact: Contact, online: boolean): void {
    if (contact.online === online || !contact.found) return;
    contact.online = online;
    this.#tell(contact, { kind: online ? 'online' : 'offline' });
  }

  #setCredentialsMissing(contact: Contact, missing: boolean): void {
    if (contact.credentialsMissing === missing) return;
    contact.credentialsMissing = missing;
    this.#tell(contact, { kind: 'credentials', missing });
  }

  #tell(contact: Contact, body: LockEventBody, at?: Instant): void {
    if (at === undefined) this.#host?.onEvent(contact.deviceId, body);
    else this.#host?.onEvent(contact.deviceId, body, at);
  }
}

function snapshot(lock: SimLock): readonly SlotReading[] {
  return Array.from({ length: lock.model.slots }, (_, index) => {
    const slot = index + 1;
    const content = contentOf(lock, slot);
    return lock.model.schedules
      ? { slot, content, schedule: scheduleFrom(heldSchedules(lock, slot)) }
      : { slot, content };
  });
}

function describe(lock: SimLock): LockDescription {
  const { model } = lock;
  return {
    radio: 'zwave',
    address: lock.address,
    model: model.name,
    capabilities: {
      firstSlot: 1,
      lastSlot: model.slots,
      adminSlots: adminSlotsOf(model),
      pinLength: model.pinLength,
      nativeScheduling: model.schedules ? { kind: 'year_day', granuleMs: MINUTE_MS } : null,
      weekDaySchedules: model.weekDaySchedules,
      disabledCodes: takesDisabledCodes(model),
      // What the admin slot holds is nobody's to know, so a checksum that counts it could not be compared.
      checksum: model.checksum && adminSlotsOf(model).length === 0,
      constraints: model.constraints,
    },
    secure: model.secure,
    batteryLevel: lock.batteryPercent / 100,
    locked: lock.bolt === 'locked',
  };
}

/** An admin slot outside the user slots is nothing the hub has to know of. */
function adminSlotsOf({ adminSlot, slots }: SimLock['model']): readonly number[] {
  return adminSlot !== null && adminSlot <= slots ? [adminSlot] : [];
}
