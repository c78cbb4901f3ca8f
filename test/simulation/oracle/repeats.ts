import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { isBudgetSpent } from '../../../src/core/plan/budget.ts';
import { isWrite, type WriteOperation, type Operation } from '../../../src/core/operation.ts';
import { HOUR_MS, type Instant } from '../../../src/core/time.ts';
import type { World } from '../world.ts';

/** A write of the last hour, as a text that is the same for the same write. */
interface Written {
  readonly at: Instant;
  readonly text: string;
  /** It repeats an earlier one, and counts. */
  readonly isCounted: boolean;
}

/** Counts writes that no new wish asked for: the same write to the same slot, for the same revision of its code. */
export class Repeats {
  readonly #world: World;
  readonly #onFailure: (failure: string) => void;
  readonly #written = new Map<SimLock, readonly Written[]>();
  /** Locks that are being written at this moment. */
  readonly #underway = new Set<SimLock>();

  constructor(world: World, onFailure: (failure: string) => void) {
    this.#world = world;
    this.#onFailure = onFailure;
  }

  /** An operation begins. */
  begun(lock: SimLock, deviceId: string, operation: Operation): void {
    const { now } = this.#world.time;
    const lately = (this.#written.get(lock) ?? []).filter(({ at }) => at > now - HOUR_MS);
    // The power was cut before the last one ended: it is counted by nobody but the lock.
    const known = this.#underway.delete(lock) ? lately.slice(0, -1) : lately;
    this.#written.set(lock, known);
    if (!isWrite(operation)) return;
    this.#underway.add(lock);
    const text = this.#textOf(deviceId, operation);
    const times = known.filter((other) => other.text === text).length;
    // The first repeat of each write goes out even when the budget is spent: a lost frame is no fight.
    const isCounted = times > 1 || (times === 1 && !this.#isSpent(deviceId));
    const written = [...known, { at: now, text, isCounted }];
    this.#written.set(lock, written);
    const repeats = written.filter((one) => one.isCounted).length;
    if (repeats > this.#world.setting.policy.repeatedWritesPerHour) {
      this.#onFailure(`${lock.id}: ${repeats} writes in an hour only repeat others`);
    }
  }

  /** An operation ends. */
  ended(lock: SimLock): void {
    this.#underway.delete(lock);
  }

  #isSpent(deviceId: string): boolean {
    const row = this.#world.stateOf(deviceId)?.lock;
    return row !== undefined && isBudgetSpent(row, this.#world.wall.now());
  }

  #textOf(deviceId: string, operation: WriteOperation): string {
    const state = this.#world.stateOf(deviceId);
    const owner = state?.slots.find(({ slot }) => slot === operation.slot)?.owner;
    const revision = state?.codes.find(({ accessCodeId }) => accessCodeId === owner)?.revision;
    const { kind, slot } = operation;
    const what = kind === 'set_pin' ? `${operation.pin.reveal()} ${operation.enabled}` : '';
    return `${slot} ${owner} ${revision} ${kind} ${what}`;
  }
}
