import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import type { DomainEvent } from '../../../src/core/event.ts';
import type { LockState } from '../../../src/core/lock.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../../src/core/time.ts';
import type { World } from '../world.ts';
import type { Ledger } from './ledger.ts';

/** Longest way of a report that is not delayed on purpose, and how far the hub's clock may be off while it is sure. */
const UNDERWAY_MS = 10 * SECOND_MS;

/** Typed codes that are remembered; later than this no report comes. */
const REMEMBERED_MS = HOUR_MS;

/** After an edit that the hub was told of, it has looked at the slot by then. */
const NOTICED_MS = MINUTE_MS;

/** A report of a lock has reached the hub by then. */
const REPORTED_MS = SECOND_MS;

interface Typed {
  readonly at: Instant;
  readonly slot: number | null;
  readonly pin: string;
  /** Whoever has this PIN on this lock, or had it. */
  readonly holders: ReadonlySet<string>;
  /** The hub may not know whose the slot is: it was edited, and nobody told or it masks; or the lock lied about it. */
  readonly isObscure: boolean;
  /** The hub has told that the door was opened. */
  isTold: boolean;
}

/** Compares what is told of opened doors with who opened them. */
export class Unlocks {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #typed = new Map<SimLock, Typed[]>();
  readonly #edits = new Map<SimLock, Map<number, { readonly at: Instant; readonly heard: boolean }>>();

  constructor(world: World, ledger: Ledger) {
    this.#world = world;
    this.#ledger = ledger;
  }

  edited(lock: SimLock, slot: number, heard: boolean): void {
    const edits = this.#edits.get(lock) ?? new Map<number, { at: Instant; heard: boolean }>();
    this.#edits.set(lock, edits.set(slot, { at: this.#world.time.now, heard }));
  }

  /** The power, a radio or a lock fails: an edit that was made just now may be told to nobody. */
  troubled(): void {
    const { now } = this.#world.time;
    for (const [lock, edits] of this.#edits) {
      for (const [slot, { at, heard }] of edits) {
        if (!heard || now - at >= REPORTED_MS) continue;
        edits.set(slot, { at, heard: false });
        this.#world.deceit.tampered(lock, slot, at);
      }
    }
  }

  /** The last edit of a slot was told to nobody. */
  isUnheard(lock: SimLock, slot: number): boolean {
    return this.#edits.get(lock)?.get(slot)?.heard === false;
  }

  /** When a slot was last edited without anybody telling the hub, or before anybody could; long ago if never. */
  unheardSince(lock: SimLock, slot: number): Instant {
    const edit = this.#edits.get(lock)?.get(slot);
    const isKnown = edit === undefined || (edit.heard && this.#world.time.now - edit.at >= REPORTED_MS);
    return isKnown ? Number.NEGATIVE_INFINITY : edit.at;
  }

  typed(lock: SimLock, slot: number | null, pin: string): void {
    const { now } = this.#world.time;
    const deviceId = this.#world.deviceIdOf(lock);
    const holders = deviceId === undefined ? new Set<string>() : this.#ledger.holdersOf(deviceId, pin);
    for (const id of holders) this.#ledger.used(id);
    const edit = this.#edits.get(lock)?.get(slot ?? 0);
    const isObscure =
      (slot !== null && this.#world.deceit.concerns(lock, slot)) ||
      (edit !== undefined && (!edit.heard || lock.model.masksPins || now - edit.at < NOTICED_MS));
    const lately = (this.#typed.get(lock) ?? []).filter(({ at }) => at > now - REMEMBERED_MS);
    lately.push({ at: now, slot, pin, holders, isObscure, isTold: false });
    this.#typed.set(lock, lately);
  }

  /** Every unlock that is told happened, names who did it or nobody, and is told once. */
  follow({ lock: { deviceId } }: LockState, events: readonly DomainEvent[]): void {
    const lock = this.#world.lockOf(deviceId);
    for (const event of events) {
      if (event.event_type !== 'lock.unlocked') continue;
      if (event.details?.['method'] !== 'keycode') {
        this.#toldWithoutCode(lock);
        continue;
      }
      if (event.access_code_id !== undefined) this.#ledger.toldUse(event.access_code_id);
      // What such a lock put back is somebody else's code, with a PIN that was ours.
      const isSuspect = lock !== undefined && this.#world.deceit.everWas(lock);
      const typed = lock === undefined ? [] : (this.#typed.get(lock) ?? []);
      const then = typed.filter(({ at }) => this.#isAbout(at, event.occurredAt));
      if (then.length === 0 && this.#world.wall.certain) {
        throw new Error(`${lock?.id}: an unlock was told that did not happen`);
      }
      if (then.length > 0 && !then.some((one) => isRightly(one, event, isSuspect))) {
        throw new Error(`${lock?.id}: an unlock was told to be by ${event.access_code_id}`);
      }
      const untold = then.find((one) => !one.isTold);
      if (then.length > 0 && untold === undefined) throw new Error(`${lock?.id}: an unlock was told twice`);
      if (untold !== undefined) untold.isTold = true;
    }
  }

  /** Nobody opens these doors but by typing, and a lock that only tells where its bolt is tells of that. */
  #toldWithoutCode(lock: SimLock | undefined): void {
    const untold = lock && this.#typed.get(lock)?.find((one) => !one.isTold);
    if (untold === undefined)
      throw new Error(`${lock?.id}: an unlock was told without a code, and none was left to tell`);
    untold.isTold = true;
  }

  #isAbout(at: Instant, told: Instant): boolean {
    return Math.abs(told - at) <= UNDERWAY_MS;
  }
}

/** It names nobody, one whose PIN was typed, or (where that was somebody else's) a code that is not ours. */
function isRightly({ holders, isObscure }: Typed, event: DomainEvent, isSuspect: boolean): boolean {
  const { access_code_id: id } = event;
  if (id === undefined || isObscure || holders.has(id)) return true;
  return (holders.size === 0 || isSuspect) && event.details?.['access_code_is_managed'] === false;
}
