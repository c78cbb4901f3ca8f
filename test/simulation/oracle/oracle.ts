import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import type { DomainEvent } from '../../../src/core/event.ts';
import type { LockState } from '../../../src/core/lock.ts';
import type { Operation, Outcome } from '../../../src/core/operation.ts';
import type { HandsWitness } from '../actors/hands.ts';
import type { Witness, World } from '../world.ts';
import { checkConverged } from './converged.ts';
import { Doors } from './doors.ts';
import { Events } from './events.ts';
import { Ledger } from './ledger.ts';
import { Writes } from './writes.ts';

/** Everything that must hold, whatever happens. It knows plain data and the truth at the locks. */
export class Oracle implements Witness, HandsWitness {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #doors: Doors;
  readonly #writes: Writes;
  readonly #events = new Events();
  /** Found in the middle of something, told at the next check. */
  readonly #failures: string[] = [];
  #unwind: () => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
    this.#ledger = new Ledger(world);
    this.#doors = new Doors(world, this.#ledger);
    this.#writes = new Writes(world, this.#ledger, (failure) => this.onFailure(failure));
    world.witness = this;
  }

  onCommit(_before: LockState | undefined, after: LockState, events: readonly DomainEvent[]): void {
    this.#doors.changed();
    try {
      this.#ledger.follow(after);
      this.#events.follow(after, events);
    } catch (error) {
      this.onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  onOperation(deviceId: string, operation: Operation, outcome: Outcome | undefined): void {
    const lock = this.#world.lockOf(deviceId);
    if (lock !== undefined && outcome === undefined) this.#writes.begun(lock, operation);
    this.#doors.changed();
  }

  onFailure(failure: string): void {
    this.#failures.push(failure);
  }

  onEdit(lock: SimLock, slot: number, pin: string | null): void {
    if (pin !== null) this.#ledger.foreign.add(pin);
    const deviceId = this.#world.deviceIdOf(lock);
    const state = deviceId === undefined ? undefined : this.#world.stateOf(deviceId);
    this.#doors.edited(lock, state?.slots.find((row) => row.slot === slot)?.owner ?? null);
    this.#doors.changed();
  }

  onTyped(): void {
    this.#doors.changed();
  }

  /** Called at every step. */
  check(): void {
    const [failure] = this.#failures;
    if (failure !== undefined) throw new Error(failure);
    this.#doors.check();
    // Windows end while nothing happens, too.
    this.#unwind();
    this.#unwind = this.#world.time.at(this.#doors.nextLookAt(), () => undefined);
  }

  /** With all faults healed and time given. */
  checkConverged(): void {
    this.check();
    checkConverged(this.#world, this.#ledger);
  }
}
