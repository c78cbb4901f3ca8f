import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import type { LockState } from '../../../src/core/lock.ts';
import { MINUTE_MS, SECOND_MS, type Instant } from '../../../src/core/time.ts';
import type { World } from '../world.ts';

/** Promise: an edit is noticed within this time. */
const NOTICED_MS = MINUTE_MS;

/** Promise: and repaired within another minute. */
const REPAIRED_MS = NOTICED_MS + MINUTE_MS;

/** Promise: a lock that was lost is served within this time of its return. */
const SERVED_MS = 200 * SECOND_MS;

/** Somebody put a PIN into a slot, or (`null`) emptied it. */
interface Edit {
  readonly lock: SimLock;
  readonly slot: number;
  readonly pin: string | null;
  /** The code that the hub keeps the slot for. */
  readonly owner: string | null;
  readonly at: Instant;
  isNoticed: boolean;
}

/** What the specification promises of edits and of locks that come back, wherever the hub could keep it all the time. */
export class Promises {
  readonly #world: World;
  readonly #canMend: (deviceId: string, lock: SimLock) => boolean;
  #edits: readonly Edit[] = [];
  /** When locks came back that are yet to be served. */
  readonly #returnedAt = new Map<SimLock, Instant>();

  constructor(world: World, canMend: (deviceId: string, lock: SimLock) => boolean) {
    this.#world = world;
    this.#canMend = canMend;
  }

  /** Somebody edited a slot, and the lock says so. What was done there before is of no interest any more. */
  edited(lock: SimLock, slot: number, pin: string | null, owner: string | null): void {
    const others = this.#edits.filter((edit) => edit.lock !== lock || edit.slot !== slot);
    this.#edits = [...others, { lock, slot, pin, owner, at: this.#world.time.now, isNoticed: false }];
  }

  /** A lock can be reached again. */
  returned(lock: SimLock): void {
    this.#returnedAt.set(lock, this.#world.time.now);
  }

  /** The next instant at which a promise has to be kept. */
  nextLookAt(): Instant {
    const edits = this.#edits.map(({ at }) =>
      this.#world.time.now - at < NOTICED_MS ? at + NOTICED_MS : at + REPAIRED_MS,
    );
    return Math.min(...edits, ...[...this.#returnedAt.values()].map((at) => at + SERVED_MS));
  }

  /** Called at every step. Throws when a promise was not kept. */
  check(): void {
    if (this.#edits.length > 0) this.#edits = this.#edits.filter((edit) => this.#isOpen(edit));
    for (const [lock, at] of this.#returnedAt) this.#checkReturn(lock, at);
  }

  /** There is something left to be promised about this edit. */
  #isOpen(edit: Edit): boolean {
    const { lock, slot, pin, owner, at } = edit;
    const state = this.#mendable(lock);
    if (state === undefined || this.#world.deceit.concerns(lock, slot)) return false;
    const held = lock.codes.read(slot)?.pin.reveal() ?? null;
    // The hub, or somebody else, has written there since.
    if (held !== pin) return false;
    const ageMs = this.#world.time.now - at;
    edit.isNoticed ||= isNoticed(state, slot, pin);
    // A lock that is just back may be left alone until its longest wait is over.
    if (ageMs >= NOTICED_MS && !edit.isNoticed && !this.#returnedAt.has(lock)) {
      throw new Error(`${lock.id}: an edit of slot ${slot} was not noticed`);
    }
    if (ageMs < REPAIRED_MS) return true;
    const code = state.codes.find(({ accessCodeId }) => accessCodeId === owner);
    const isOurs = state.slots.some((row) => row.slot === slot && row.owner === owner);
    if (
      code !== undefined &&
      isOurs &&
      pin !== null &&
      !code.allowExternalModification &&
      code.refused === null
    ) {
      throw new Error(`${lock.id}: slot ${slot} still holds what somebody put over ${owner}`);
    }
    return false;
  }

  #checkReturn(lock: SimLock, at: Instant): void {
    const state = this.#mendable(lock);
    if (state !== undefined && this.#world.time.now < at + SERVED_MS) return;
    this.#returnedAt.delete(lock);
    // A wait that is over keeps nothing back; it is forgotten when there is something to do.
    const isWaiting = (state?.lock.retryAt ?? Number.NEGATIVE_INFINITY) > this.#world.wall.now().earliest;
    if (state === undefined || (state.lock.online && !isWaiting)) return;
    throw new Error(`${lock.id} is back, and the hub has not spoken with it since`);
  }

  /** What the hub knows of a lock that it could serve; `undefined` while it could not. */
  #mendable(lock: SimLock): LockState | undefined {
    const deviceId = this.#world.deviceIdOf(lock);
    if (deviceId === undefined || !this.#canMend(deviceId, lock)) return undefined;
    return this.#world.stateOf(deviceId);
  }
}

/** The hub's table says of the slot what somebody did to it. */
function isNoticed({ slots }: LockState, slot: number, pin: string | null): boolean {
  const row = slots.find((other) => other.slot === slot);
  if (row === undefined) return pin === null;
  if (row.recheck !== 'no' || row.pending !== null) return false;
  switch (row.content.kind) {
    case 'empty':
      return pin === null;
    case 'pin':
      return row.content.pin.reveal() === pin;
    case 'masked':
      return pin !== null;
    case 'unknown':
      return false;
  }
}
