import { arrivals } from '../lock/fault.ts';
import type { SimLock } from '../lock/lock.ts';
import type { Random } from '../random.ts';
import { Child, type ApsMessage, type Owner, type Residence } from './child.ts';
import type { DeviceMemory, RadioDevice } from './application.ts';
import { Device } from './device.ts';
import { KeypadDevice } from './keypad-device.ts';
import type { SimZigbeeKeypad } from './keypad.ts';
import { installCodeOf, linkKeyOf } from './label.ts';
import { zigbeeModelOf } from './model.ts';
import type { Stick } from './stick.ts';

/** How often locks that ask for something are looked at. */
const LOOK_EVERY_MS = 50;
/** Short addresses of devices. */
const ADDRESS_MIN = 1;
const ADDRESS_MAX = 0xfff7;

/** What is kept of a lock or keypad, by its name. */
export type KeptLocks = Readonly<
  Record<string, { readonly residence?: Residence; readonly device?: DeviceMemory }>
>;

export interface AirOptions {
  /** All Zigbee locks that hang in the house, in the network or not; may grow. */
  readonly locks: readonly SimLock[];
  readonly keypads: readonly SimZigbeeKeypad[];
  readonly random: Random;
  readonly kept: KeptLocks;
  readonly onChange: () => void;
}

/** The locks and keypads on the air, and how they get in and out of the network of whatever stick is plugged in. */
export class Air {
  readonly #options: AirOptions;
  readonly #children = new Map<Owner, Child>();
  readonly #timer: NodeJS.Timeout;
  #stick: Stick | undefined;

  constructor(options: AirOptions) {
    this.#options = options;
    this.#takeNew();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  plug(stick: Stick): void {
    this.#stick = stick;
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const child of this.#children.values()) child.stop();
  }

  /** The locks that are in the network of the stick: the same key, the same network. */
  children(): readonly Child[] {
    const network = this.#stick?.memory.network();
    if (network === undefined) return [];
    return [...this.#children.values()].filter(({ residence }) => {
      if (residence === undefined) return false;
      const { key, panId, extendedPanId } = residence.network;
      return key === network.key && panId === network.panId && extendedPanId === network.extendedPanId;
    });
  }

  at(address: number): Child | undefined {
    return this.children().find(({ residence }) => residence?.address === address);
  }

  of(ieee: string): Child | undefined {
    return this.children().find(({ owner }) => owner.ieee === ieee);
  }

  /** A lock goes, told or by itself, and the stick hears of it. */
  leave(child: Child): void {
    const { residence } = child;
    if (residence !== undefined && this.children().includes(child))
      this.#stick?.left(child, residence.address);
    child.depart();
  }

  toJSON(): KeptLocks {
    return Object.fromEntries(
      [...this.#children].map(([{ id }, { residence, device }]) => [
        id,
        { ...(residence === undefined ? {} : { residence }), device: device.toJSON() },
      ]),
    );
  }

  #takeNew(): void {
    const { locks, keypads, onChange } = this.#options;
    for (const lock of locks) {
      if (this.#children.has(lock)) continue;
      const model = zigbeeModelOf(lock.model);
      if (model === undefined) throw new Error(`lock ${lock.id} has no Zigbee`);
      const { needsInstallCode } = model.zigbee;
      this.#take(
        lock,
        needsInstallCode,
        (memory, send) => new Device({ lock, model, memory, onChange, send }),
      );
    }
    for (const keypad of keypads) {
      if (this.#children.has(keypad)) continue;
      this.#take(keypad, false, (memory, send) => new KeypadDevice({ keypad, memory, onChange, send }));
    }
  }

  #take(
    owner: Owner,
    needsInstallCode: boolean,
    deviceOf: (memory: DeviceMemory, send: (message: ApsMessage) => void) => RadioDevice,
  ): void {
    const { kept: all, random, onChange } = this.#options;
    const { residence, device = { bindings: [], reports: [] } } = all[owner.id] ?? {};
    const child = new Child({
      owner,
      needsInstallCode,
      random,
      ...(residence === undefined ? {} : { residence }),
      deviceWith: (send) => deviceOf(device, send),
      carry: (from, message) => this.#carry(from, message),
      onChange,
    });
    this.#children.set(owner, child);
    if (residence === undefined) return;
    owner.address = residence.address;
    owner.membership.admitted();
  }

  #carry(child: Child, message: ApsMessage): void {
    if (this.children().includes(child)) this.#stick?.incoming(child, message);
  }

  #look(): void {
    this.#takeNew();
    for (const child of this.#children.values()) {
      const { membership, fault } = child.owner;
      if (membership.asks === null || arrivals(fault, this.#options.random) === 0) continue;
      if (membership.asks === 'leave') this.leave(child);
      else if (membership.asks === 'rejoin') this.#rejoin(child);
      else this.#join(child);
    }
  }

  /** Gets in where the network is open, and with an install code only where that was given to the stick. */
  #join(child: Child): void {
    const stick = this.#stick;
    const network = stick?.memory.network();
    const { owner, needsInstallCode } = child;
    if (stick === undefined || network === undefined || owner.ieee === null || !stick.isOpen()) return;
    const code = installCodeOf(owner.serial);
    if (needsInstallCode && !stick.knowsInstallCode(owner.ieee, code, linkKeyOf(code))) return;
    const address = this.#freeAddress();
    const linkKey = stick.keys.admit(owner.ieee, address);
    if (linkKey === undefined) return;
    owner.membership.admitted();
    child.device.forget();
    child.settle({ address, network, linkKey });
    stick.joined(child);
    child.device.joined();
  }

  /** Gets back in by its link key, and goes on asking where the stick has not that key. */
  #rejoin(child: Child): void {
    const [stick, { residence, owner }] = [this.#stick, child];
    if (stick === undefined || residence === undefined || owner.ieee === null) return;
    if (!this.children().includes(child)) return;
    const address = this.#freeAddress();
    const linkKey = stick.keys.readmit(owner.ieee, address, residence.linkKey);
    if (linkKey === undefined) return;
    owner.membership.admitted();
    child.settle({ ...residence, address, linkKey });
    stick.announced(child);
  }

  #freeAddress(): number {
    const taken = new Set([...this.#children.values()].map(({ residence }) => residence?.address));
    const span = ADDRESS_MAX - ADDRESS_MIN + 1;
    let address = ADDRESS_MIN + Math.floor(this.#options.random() * span);
    while (taken.has(address)) address = ADDRESS_MIN + ((address - ADDRESS_MIN + 1) % span);
    return address;
  }
}
