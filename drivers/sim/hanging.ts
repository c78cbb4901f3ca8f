import { ADDRESS_MAX, ADDRESS_MIN, isZigbeeName, type HousePlan } from './house-file.ts';
import { SimKeypad } from './keypad.ts';
import { SimLock } from './lock/lock.ts';
import { LOCK_MODELS, type ModelName } from './lock/model.ts';
import { ZIGBEE_MODELS, type ZigbeeModelName } from './zigbee/model.ts';

/** Zigbee locks that are hung later get addresses from here on. */
const FIRST_IEEE = 0x000d6ffffe010000n;
const LATER_ZIGBEE_MAX = 100;
/** Short address of a lock that is in no network. */
const NO_ADDRESS = 0xfffe;

/** The locks and Z-Wave keypads that hang in a house; more can be hung. */
export class Hanging {
  readonly locks: SimLock[] = [];
  readonly zwaveLocks: SimLock[] = [];
  readonly zigbeeLocks: SimLock[] = [];
  readonly keypads: SimKeypad[];

  constructor(planned: HousePlan['locks'], keypads: readonly SimKeypad[] = []) {
    this.keypads = [...keypads];
    for (const one of planned) this.#add(one);
  }

  /** Hangs one more lock at a door, in no network yet. `undefined`: every address is taken. */
  hang(model: ModelName): SimLock | undefined {
    const address = this.#freeAddress();
    if (address === undefined) return undefined;
    const lock = this.#add({ id: `lock-${address}`, model, address, drift_ppm: 0 });
    lock.membership.dismissed();
    return lock;
  }

  /** The same for a keypad. */
  hangKeypad(): SimKeypad | undefined {
    const address = this.#freeAddress();
    if (address === undefined) return undefined;
    const keypad = new SimKeypad(`keypad-${address}`, address);
    keypad.membership.dismissed();
    this.keypads.push(keypad);
    return keypad;
  }

  /** The same for a lock with Zigbee. */
  hangZigbee(model: ZigbeeModelName): SimLock | undefined {
    for (let number = 1; number <= LATER_ZIGBEE_MAX; number += 1) {
      const id = `zigbee-${number}`;
      const address = `0x${(FIRST_IEEE + BigInt(number)).toString(16).padStart(16, '0')}`;
      if (this.locks.some((one) => one.id === id || one.ieee === address)) continue;
      const lock = this.#add({ id, model, address, drift_ppm: 0 });
      lock.membership.dismissed();
      return lock;
    }
    return undefined;
  }

  #freeAddress(): number | undefined {
    let address = ADDRESS_MIN;
    while (this.#isTaken(address)) address += 1;
    return address > ADDRESS_MAX ? undefined : address;
  }

  #isTaken(address: number): boolean {
    if (this.keypads.some((one) => one.address === address || one.id === `keypad-${address}`)) return true;
    return this.locks.some(
      (one) => (one.ieee === null && one.address === address) || one.id === `lock-${address}`,
    );
  }

  #add(planned: HousePlan['locks'][number]): SimLock {
    const { id, model, address } = planned;
    const lock = new SimLock({
      id,
      model: isZigbeeName(model) ? ZIGBEE_MODELS[model] : LOCK_MODELS[model],
      ...(typeof address === 'string' ? { address: NO_ADDRESS, ieee: address } : { address }),
      now: Date.now,
      later: (delayMs, work) => setTimeout(work, delayMs).unref(),
      driftPpm: planned.drift_ppm,
      ...(planned.admin_pin === undefined ? {} : { adminPin: planned.admin_pin }),
    });
    this.locks.push(lock);
    (lock.ieee === null ? this.zwaveLocks : this.zigbeeLocks).push(lock);
    // No hub knows a Zigbee lock that it did not let in itself, so new ones ask to join.
    if (lock.ieee !== null) lock.membership.askToJoin();
    return lock;
  }
}
