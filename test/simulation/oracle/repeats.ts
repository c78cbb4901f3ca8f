import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { isWrite, type WriteOperation, type Operation } from '../../../src/core/operation.ts';
import { HOUR_MS, type Instant } from '../../../src/core/time.ts';
import type { World } from '../world.ts';

/** A write that a crash cut short is counted by nobody but the lock, and a wish can also change by time alone. */
const UNCOUNTED = 0;

/** Writes of one lock in the last hour, each as a text that is the same for the same write. */
interface Written {
  readonly at: Instant;
  readonly text: string;
}

/** Counts writes that no new wish asked for: the same write to the same slot, for the same revision of its code. */
export class Repeats {
  readonly #world: World;
  readonly #onFailure: (failure: string) => void;
  readonly #written = new Map<SimLock, readonly Written[]>();

  constructor(world: World, onFailure: (failure: string) => void) {
    this.#world = world;
    this.#onFailure = onFailure;
  }

  /** An operation begins. */
  begun(lock: SimLock, deviceId: string, operation: Operation): void {
    if (!isWrite(operation)) return;
    const { now } = this.#world.time;
    const lately = (this.#written.get(lock) ?? []).filter(({ at }) => at > now - HOUR_MS);
    const written = [...lately, { at: now, text: this.#textOf(deviceId, operation) }];
    this.#written.set(lock, written);
    const repeats = written.length - new Set(written.map(({ text }) => text)).size;
    if (repeats > this.#world.setting.policy.repeatedWritesPerHour + UNCOUNTED) {
      this.#onFailure(`${lock.id}: ${repeats} writes in an hour only repeat others`);
    }
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
