import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import type { Operation } from '../../../src/core/operation.ts';
import { HOUR_MS, MINUTE_MS, type Instant } from '../../../src/core/time.ts';
import type { World } from '../world.ts';
import type { Ledger } from './ledger.ts';

/** So long a slot that was seen to be empty is taken for empty. */
const EMPTY_FOR_MS = MINUTE_MS;

/** Wanted changes, with every fault, come to far less. */
const WRITES_PER_HOUR_MAX = 80;

/** Judges every write at the moment it arrives at a lock, by what the hub's database says then. */
export class Writes {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #onFailure: (failure: string) => void;
  /** When somebody edited a slot and nobody told the hub. */
  readonly #unheardSince: (lock: SimLock, slot: number) => Instant;
  readonly #writtenAt = new Map<SimLock, Instant[]>();
  readonly #tried = new Set<SimLock>();

  constructor(
    world: World,
    ledger: Ledger,
    unheardSince: (lock: SimLock, slot: number) => Instant,
    onFailure: (failure: string) => void,
  ) {
    this.#unheardSince = unheardSince;
    this.#world = world;
    this.#ledger = ledger;
    this.#onFailure = onFailure;
    for (const lock of world.locks) this.#watch(lock);
  }

  /** An operation begins. */
  begun(lock: SimLock, operation: Operation): void {
    if (operation.kind !== 'set_pin' || lock.fault.kind !== 'none') return;
    // It may go on showing for a while what it held before.
    if (this.#world.deceit.concerns(lock, operation.slot)) return;
    const held = lock.codes.read(operation.slot);
    const isEnabled = held?.status === 'enabled';
    if (held?.pin.equals(operation.pin) && isEnabled === operation.enabled) {
      this.#fail(lock, operation.slot, 'is written again with what it holds');
    }
  }

  #watch(lock: SimLock): void {
    const setPin = lock.radioSetPin.bind(lock);
    const clearPin = lock.radioClearPin.bind(lock);
    lock.radioSetPin = (slot, digits, status) => {
      this.#check(lock, slot);
      const refusal = setPin(slot, digits, status);
      this.#checkOnce(lock);
      return refusal;
    };
    lock.radioClearPin = (slot) => {
      this.#check(lock, slot);
      return clearPin(slot);
    };
  }

  #check(lock: SimLock, slot: number): void {
    this.#count(lock);
    if (slot === lock.model.adminSlot) this.#fail(lock, slot, 'was written and is the admin slot');
    const deviceId = this.#world.deviceIdOf(lock);
    // A lock may be written when the hub is dead: by a frame that the stick kept until the lock was awake.
    const state = deviceId === undefined ? undefined : this.#world.lastStateOf(deviceId);
    const row = state?.slots.find((other) => other.slot === slot);
    const held = lock.codes.read(slot)?.pin.reveal();
    const isForeign =
      deviceId !== undefined && held !== undefined && this.#ledger.foreignOn(deviceId).has(held);
    const isNews = this.#unheardSince(lock, slot) > this.#world.time.now - EMPTY_FOR_MS;
    if (isForeign && row?.content.kind === 'empty' && lock.fault.kind === 'none' && !isNews) {
      this.#fail(lock, slot, "was believed empty and held somebody's code");
    }
    if (deviceId === undefined && lock.ieee !== null) {
      // A driver that meets a lock tries on a free slot what the lock claims to do.
      if (held !== undefined && !this.#tried.has(lock))
        this.#fail(lock, slot, 'was tried out and held a code');
      this.#tried.add(lock);
    } else if (row === undefined || row.owner === null) this.#fail(lock, slot, 'was written and is not ours');
    // While it can't write, what it has read is in no database.
    else if (row.content.kind === 'unknown' && !this.#world.diskFull)
      this.#fail(lock, slot, 'was written before it was read');
  }

  /** No trouble makes the hub write to a lock more than this. */
  #count(lock: SimLock): void {
    const { now } = this.#world.time;
    const lately = (this.#writtenAt.get(lock) ?? []).filter((at) => at > now - HOUR_MS);
    lately.push(now);
    this.#writtenAt.set(lock, lately);
    if (lately.length > WRITES_PER_HOUR_MAX) {
      this.#onFailure(`${lock.id} was written ${lately.length} times in an hour`);
    }
  }

  #checkOnce(lock: SimLock): void {
    const pins = lock.codes.slotsInUse().map((slot) => lock.codes.read(slot)?.pin.reveal());
    const held = pins.filter((pin) => pin !== undefined);
    if (new Set(held).size !== held.length) this.#onFailure(`${lock.id}: one PIN is in two slots`);
  }

  #fail(lock: SimLock, slot: number, text: string): void {
    this.#onFailure(`${lock.id}: slot ${slot} ${text}`);
  }
}
