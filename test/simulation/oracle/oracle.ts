import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import type { DomainEvent, EventType } from '../../../src/core/event.ts';
import type { LockState } from '../../../src/core/lock.ts';
import { isWrite, type Operation, type Outcome } from '../../../src/core/operation.ts';
import type { HandsWitness } from '../actors/hands.ts';
import type { Witness, World } from '../world.ts';
import { checkConverged } from './converged.ts';
import { Doors } from './doors.ts';
import { Events } from './events.ts';
import { Frames } from './frames.ts';
import { Ledger } from './ledger.ts';
import { Promises } from './promises.ts';
import { Repeats } from './repeats.ts';
import { Unlocks } from './unlocks.ts';
import { Writes } from './writes.ts';

/** What is told of an edit at a lock. */
const EDITS: ReadonlySet<EventType> = new Set([
  'access_code.modified_external_to_seam',
  'access_code.deleted_external_to_seam',
]);

/** Everything that must hold, whatever happens. It knows plain data and the truth at the locks. */
export class Oracle implements Witness, HandsWitness {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #doors: Doors;
  readonly #promises: Promises;
  readonly #writes: Writes;
  readonly #events = new Events();
  readonly #unlocks: Unlocks;
  readonly #frames: Frames;
  readonly #repeats: Repeats;
  /** The slot that the hub writes to at each lock. */
  readonly #writtenNow = new Map<SimLock, number>();
  /** Found in the middle of something, told at the next check. */
  readonly #failures: string[] = [];
  #unwind: () => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
    this.#ledger = new Ledger(world);
    this.#doors = new Doors(world, this.#ledger);
    this.#promises = new Promises(world, (deviceId, lock) => this.#doors.canMend(deviceId, lock));
    this.#unlocks = new Unlocks(world, this.#ledger);
    this.#writes = new Writes(
      world,
      this.#ledger,
      (lock, slot) => this.#unlocks.unheardSince(lock, slot),
      (failure) => this.onFailure(failure),
    );
    this.#repeats = new Repeats(world, (failure) => this.onFailure(failure));
    this.#frames = new Frames(world, (failure) => this.onFailure(failure));
    world.witness = this;
  }

  onCommit(before: LockState | undefined, after: LockState, events: readonly DomainEvent[]): void {
    this.#doors.changed();
    try {
      this.#ledger.follow(before, after);
      this.#events.follow(before, after, events);
      this.#unlocks.follow(after, events);
      for (const { event_type: type, access_code_id: id = '' } of events) {
        if (EDITS.has(type)) this.#doors.toldEdited(after.lock.deviceId, id);
      }
    } catch (error) {
      this.onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  onOperation(deviceId: string, operation: Operation, outcome: Outcome | undefined): void {
    const lock = this.#world.lockOf(deviceId);
    if (lock !== undefined) {
      this.#writtenNow.delete(lock);
      if (outcome === undefined) {
        if (isWrite(operation)) this.#writtenNow.set(lock, operation.slot);
        this.#writes.begun(lock, operation);
        this.#repeats.begun(lock, deviceId, operation);
      } else this.#repeats.ended(lock);
      this.#frames.operated(lock, outcome !== undefined);
    }
    this.#doors.changed();
  }

  onReason(deviceId: string, reason: string): void {
    const lock = this.#world.lockOf(deviceId);
    if (lock !== undefined) this.#frames.explained(lock, reason);
  }

  onReturn(lock: SimLock): void {
    this.#promises.returned(lock);
  }

  onTrouble(): void {
    this.#unlocks.troubled();
  }

  onFailure(failure: string): void {
    this.#failures.push(failure);
  }

  onEdit(lock: SimLock, slot: number, pin: string | null, heard: boolean): void {
    if (pin !== null) this.#ledger.typed(pin);
    this.#unlocks.edited(lock, slot, heard);
    const deviceId = this.#world.deviceIdOf(lock);
    const state = deviceId === undefined ? undefined : this.#world.stateOf(deviceId);
    const owner = state?.slots.find((row) => row.slot === slot)?.owner ?? null;
    this.#doors.edited(lock, owner);
    // While the hub writes there, nothing tells its own doing from another's; the next audit shows who was last.
    if (heard && this.#writtenNow.get(lock) !== slot) this.#promises.edited(lock, slot, pin, owner);
    this.#doors.changed();
  }

  onTyped(lock: SimLock, slot: number | null, pin: string, opened: boolean): void {
    if (opened) this.#unlocks.typed(lock, slot, pin);
    this.#doors.changed();
  }

  /** Called at every step. */
  check(): void {
    const [failure] = this.#failures;
    if (failure !== undefined) throw new Error(failure);
    this.#doors.check();
    this.#promises.check();
    // Windows end while nothing happens, too.
    this.#unwind();
    this.#unwind = this.#world.time.at(
      Math.min(this.#doors.nextLookAt(), this.#promises.nextLookAt()),
      () => undefined,
    );
  }

  /** With all faults healed and time given. */
  checkConverged(): void {
    this.check();
    checkConverged(
      this.#world,
      this.#ledger,
      (lock, slot) => this.#unlocks.isUnheard(lock, slot),
      (lock, slot) => this.#writtenNow.get(lock) === slot,
    );
  }
}
