import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { SECOND_MS } from '../../../src/core/time.ts';
import type { Agenda } from '../agenda.ts';
import type { World } from '../world.ts';

/** On a masking lock that reports our own writes nobody can tell such a report from an edit: people wait this long after one. */
const QUIET_AFTER_WRITE_MS = 6 * SECOND_MS;

/** Somebody who meddles with the hub's work does so within this time. */
const MEDDLES_WITHIN_MS = 6 * SECOND_MS;

/** What the oracle has to know of hands at a lock. */
export interface HandsWitness {
  /** Somebody puts a PIN of his own into a slot, or (`null`) empties it. `heard`: the hub is sure to be told. */
  readonly onEdit: (lock: SimLock, slot: number, pin: string | null, heard: boolean) => void;
  readonly onTyped: (lock: SimLock, slot: number | null, pin: string, opened: boolean) => void;
}

/** People at the locks: they edit codes behind the hub's back, and type PINs. */
export class Hands {
  readonly #world: World;
  readonly #agenda: Agenda;
  readonly #witness: HandsWitness;
  #foreigners = 0;

  constructor(world: World, agenda: Agenda, witness: HandsWitness) {
    this.#world = world;
    this.#agenda = agenda;
    this.#witness = witness;
  }

  start(): void {
    const { rhythm } = this.#world.setting;
    this.#agenda.every(rhythm.programMs, () => this.#program(this.#agenda.pick(this.#world.locks)));
    this.#agenda.every(rhythm.typeMs, () => this.#somebodyTypes());
  }

  /** The hub speaks with a lock at this moment, which is when an edit is taken for its own work most easily. */
  perhapsMeddle(deviceId: string): void {
    if (this.#world.random() >= this.#world.setting.meddlingProbability) return;
    const lock = this.#world.lockOf(deviceId);
    this.#agenda.soon(Math.floor(this.#world.random() * MEDDLES_WITHIN_MS), () => this.#program(lock));
  }

  /**
   * Edits codes at a lock. Where its report can't be heard, only in a slot that is nobody's, or on a lock with a checksum:
   * nothing else tells of it.
   */
  #program(lock: SimLock | undefined): void {
    const { random } = this.#world;
    if (lock === undefined || this.#world.deviceIdOf(lock) === undefined || this.#wroteLately(lock)) return;
    const heard = this.#isHeard(lock);
    const used = lock.codes.slotsInUse();
    const slot = heard && random() < 0.6 ? (this.#agenda.pick(used) ?? 1) : 1 + Math.floor(random() * 12);
    if (lock.codes.slotRefusal(slot) !== undefined) return;
    if (!heard && (used.includes(slot) || this.#world.isKept(lock, slot))) {
      if (!lock.model.checksum) return;
      this.#world.deceit.tampered(lock, slot, this.#world.time.now);
    }
    if (random() < 0.4) {
      this.#world.note(`somebody erases slot ${slot} of ${lock.id}`);
      this.#witness.onEdit(lock, slot, null, heard);
      lock.unprogramPin(slot);
      return;
    }
    this.#foreigners += 1;
    const pin = `9${String(this.#foreigners % 10_000).padStart(4, '0')}`;
    this.#world.note(`somebody programs slot ${slot} of ${lock.id}`);
    this.#witness.onEdit(lock, slot, pin, heard);
    lock.programPin(slot, pin);
  }

  #isHeard(lock: SimLock): boolean {
    const { life, radioPlugged, time, troubleAt, diskFull } = this.#world;
    // A hub that has just started has not opened its radio yet.
    const isSettled = time.now - troubleAt > this.#world.setting.startsMs;
    return life !== null && !diskFull && radioPlugged && isSettled && lock.fault.kind === 'none';
  }

  #wroteLately(lock: SimLock): boolean {
    if (!lock.model.masksPins || !lock.model.echoesRadioWrites) return false;
    return this.#world.time.now - this.#world.lastWriteTo(lock) < QUIET_AFTER_WRITE_MS;
  }

  #somebodyTypes(): void {
    const lock = this.#agenda.pick(this.#world.locks);
    if (lock === undefined) return;
    const slot = this.#agenda.pick(lock.codes.slotsInUse());
    const held = slot === undefined ? undefined : lock.codes.read(slot)?.pin.reveal();
    const pin = held ?? '7777';
    const typed = lock.typePin(pin);
    this.#witness.onTyped(lock, typed.slot, pin, typed.opened);
  }
}
