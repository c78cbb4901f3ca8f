import { pino } from 'pino';
import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { userSlotCount, type Capabilities } from '../../../src/core/capability.ts';
import type { LockEventBody } from '../../../src/core/lock-event.ts';
import type { Operation, Outcome } from '../../../src/core/operation.ts';
import type { PairingProgress } from '../../../src/core/radio-view.ts';
import type {
  ActionOutcome,
  LockAction,
  LockDriver,
  LockIdentity,
  RadioState,
} from '../../../src/lock-driver.ts';
import { eventually, pinOf } from '../zwave-rig.ts';
import { houseSlot, type Face, type FaceOptions } from './face.ts';

const ATTEMPTS_MAX = 30;

/** What a lock told, in order. */
interface Heard {
  readonly deviceId: string;
  readonly body: LockEventBody;
}

/** A hub's driver in front of the locks of one face, with all it says noted. */
export class PortRig {
  readonly face: Face;
  readonly heard: Heard[] = [];
  readonly states: RadioState[] = [];
  readonly progress: (PairingProgress | null)[] = [];
  readonly identities: LockIdentity[] = [];
  readonly #lines: string[] = [];
  #driver: LockDriver | undefined;

  constructor(face: Face) {
    this.face = face;
  }

  /** Starts a driver; resolves as its `start` does. */
  async start(options: Omit<FaceOptions, 'log'> = {}): Promise<void> {
    const log = pino({ level: 'trace' }, { write: (line: string) => this.#lines.push(line) });
    const driver = this.face.driver({ ...options, log });
    this.#driver = driver;
    await driver.start({
      deviceIdOf: (identity) => {
        this.identities.push(identity);
        return identity.inPlaceOf ?? `device-${identity.address}`;
      },
      onEvent: (deviceId, body) => this.heard.push({ deviceId, body }),
      onPairing: () => this.progress.push(driver.pairing.progress()),
      onRadioState: (state) => this.states.push(state),
    });
  }

  /** The same with all locks of the network met. */
  async startAndMeet(options: Omit<FaceOptions, 'log'> = {}): Promise<void> {
    const before = this.heard.length;
    await this.start(options);
    await this.face.gather(this.driver);
    await this.met(before);
  }

  async restart(options: Omit<FaceOptions, 'log'> = {}): Promise<void> {
    await this.stop();
    await this.startAndMeet(options);
  }

  /** All locks of the network were found since so many events. */
  async met(since = 0): Promise<void> {
    for (const lock of this.face.locks.filter(({ membership }) => membership.joined))
      await eventually(
        () => this.heard.slice(since).some((one) => this.#isOf(one, lock) && one.body.kind === 'found'),
        `${lock.id} is found`,
      );
  }

  async stop(): Promise<void> {
    await this.#driver?.stop();
  }

  get driver(): LockDriver {
    if (this.#driver === undefined) throw new Error('the rig is not started');
    return this.#driver;
  }

  lock(model: string): SimLock {
    const lock = this.face.locks.find((one) => one.model.name === model);
    if (lock === undefined) throw new Error(`the house has no ${model}`);
    return lock;
  }

  /** What one lock told, of one kind. */
  told<Kind extends LockEventBody['kind']>(
    lock: SimLock,
    kind: Kind,
  ): readonly Extract<LockEventBody, { kind: Kind }>[] {
    return this.heard
      .filter((one) => this.#isOf(one, lock))
      .map(({ body }) => body)
      .filter((body): body is Extract<LockEventBody, { kind: Kind }> => body.kind === kind);
  }

  capabilities(lock: SimLock): Capabilities {
    const found = this.told(lock, 'found').at(-1);
    if (found === undefined) throw new Error(`${lock.id} was not found`);
    return found.description.capabilities;
  }

  /** Locks that codes can be put on. */
  keepers(): readonly SimLock[] {
    return this.face.locks.filter((lock) => userSlotCount(this.capabilities(lock)) > 0);
  }

  execute(lock: SimLock, operation: Operation): Promise<Outcome> {
    return this.driver.execute(deviceIdOf(lock), operation);
  }

  act(lock: SimLock, action: LockAction): Promise<ActionOutcome> {
    return this.driver.act(deviceIdOf(lock), action);
  }

  /** As the hub does: what nobody knows is read, asterisks are cleared away, and then it is tried again. */
  async insist(lock: SimLock, operation: Operation): Promise<Outcome> {
    let outcome = await this.execute(lock, operation);
    for (let attempt = 2; attempt <= ATTEMPTS_MAX && isOpen(outcome); attempt += 1) {
      if ('slot' in operation) {
        const { slot } = operation;
        const read = await this.execute(lock, { kind: 'read_slot', slot });
        const isMasked = read.kind === 'done' && read.reading?.content.kind === 'masked';
        if (isMasked && operation.kind === 'set_pin') await this.execute(lock, { kind: 'clear_slot', slot });
      }
      outcome = await this.execute(lock, operation);
    }
    return outcome;
  }

  /** Somebody types a PIN; true when it opens. What a lock tells may cross an answer, so its telling is waited for. */
  async types(lock: SimLock, digits: string): Promise<boolean> {
    const told = (): number => this.told(lock, 'unlocked').length + this.told(lock, 'access_denied').length;
    const before = told();
    const { opened } = lock.typePin(digits);
    await eventually(() => told() > before, `${lock.id} tells what was typed`);
    return opened;
  }

  /** Digits of a length that a lock really takes, which may be fewer than it says. */
  digitsFor({ model }: SimLock, digits: string): string {
    const { min, max } = model.pinLength;
    return digits.padEnd(min, '0').slice(0, max);
  }

  /** The operation that gives a code to a lock, in digits that it takes. */
  setPin(lock: SimLock, slot: number, digits: string, enabled = true): Operation {
    return { kind: 'set_pin', slot, pin: pinOf(this.digitsFor(lock, digits)), enabled };
  }

  /** Closes a door, and waits until that is told: some locks say nothing of what lasts less than a second. */
  async close(lock: SimLock): Promise<void> {
    if (lock.bolt === 'locked') return;
    const before = this.told(lock, 'locked').length;
    await this.act(lock, 'lock');
    await eventually(() => this.told(lock, 'locked').length > before, `${lock.id} tells that it is closed`);
  }

  /** Nothing is wrong any more with a lock, or with any. */
  calm(...locks: readonly SimLock[]): void {
    for (const lock of locks.length > 0 ? locks : this.face.locks) {
      lock.fault = { kind: 'none' };
      lock.boltTravelMs = 0;
      lock.jammed = false;
    }
  }

  /** Digits that a lock really holds in a slot of the port. */
  held(lock: SimLock, slot: number): string | undefined {
    return lock.codes.read(houseSlot(lock, slot))?.pin.reveal();
  }

  /** Everything that the driver has logged and told, as text. */
  said(): string {
    return `${this.#lines.join('')}${JSON.stringify(this.heard)}`;
  }

  #isOf({ deviceId }: Heard, lock: SimLock): boolean {
    return deviceId === deviceIdOf(lock);
  }
}

function isOpen({ kind }: Outcome): boolean {
  return kind === 'unknown' || kind === 'unreachable';
}

export function deviceIdOf(lock: SimLock): string {
  return `device-${lock.ieee ?? lock.address}`;
}
