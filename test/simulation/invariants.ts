import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { Pin } from '../../src/core/pin.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../src/core/time.ts';
import type { Spec } from './cloud-model.ts';
import { POLICY, type World } from './world.ts';

/**
 * What is wrong at a lock may stay so for this long while the hub could mend it: one backoff (150 s), one
 * operation and its retries.
 */
const MEND_WITHIN_MS = 220 * SECOND_MS;

/** Wanted changes, with every fault, come to far less. */
const WRITES_PER_HOUR_MAX = 80;

/** A lock's clock drifts, and a minute is its granule. */
const LOCK_CLOCK_TOLERANCE_MS = MINUTE_MS + 10 * SECOND_MS;

/** Compares the truth at the locks with plain data: what the cloud wanted and the hub took. */
export class Invariants {
  readonly #world: World;
  /** PINs that people typed into locks; they are nobody's business but where a slot is ours. */
  readonly foreign = new Set<string>();
  /** Writes that should not have been; found while a frame is executed, told at the next check. */
  readonly failures: string[] = [];
  /** Since when each wrong thing could have been mended. */
  readonly #wrongSince = new Map<string, Instant>();
  readonly #writesInHour = new Map<string, number>();
  readonly #acknowledged = new Map<string, number>();
  readonly #accepted = new Map<string, readonly Spec[]>();

  constructor(world: World) {
    this.#world = world;
    for (const lock of world.locks) this.#watchWrites(lock);
  }

  /** Called at every step. */
  check(): void {
    const [failure] = this.failures;
    if (failure !== undefined) throw new Error(failure);
    // What was wrong before a power cut may take its time anew.
    if (this.#world.life === null) return this.#wrongSince.clear();
    for (const lock of this.#world.locks) {
      this.#checkAdmin(lock);
      this.#checkOnce(lock);
      const deviceId = this.#world.deviceIdOf(lock);
      if (deviceId === undefined) continue;
      this.#checkVersion(deviceId);
      this.#checkDoors(lock, deviceId);
    }
  }

  /** With all faults healed and time given: nothing is left to do, and the cloud knows everything. */
  checkConverged(): void {
    const { life, cloud, locks } = this.#world;
    if (life === null) throw new Error('The hub is dead at the end');
    for (const lock of locks) {
      const deviceId = this.#world.deviceIdOf(lock);
      const state = deviceId === undefined ? undefined : life.store.lockState(deviceId);
      if (deviceId === undefined || state === undefined) throw new Error(`${lock.id} was never met`);
      const wanted = cloud.documents.get(deviceId);
      const { versionReceived, versionApplied } = state.lock;
      if (wanted !== undefined && versionReceived !== wanted.version) {
        throw new Error(`${lock.id} has version ${versionReceived} of ${wanted.version}`);
      }
      if (versionApplied !== versionReceived)
        throw new Error(`${lock.id} has not applied ${versionReceived}`);
      if (cloud.reportedVersion(deviceId) !== versionReceived) throw new Error(`${lock.id} was not reported`);
      const due = this.#dueNow(lock, deviceId);
      for (const { pin } of due)
        if (!opens(lock, pin)) throw new Error(`${lock.id}: a due code does not open`);
      for (const pin of ourPins(lock, this.foreign)) {
        const known = (this.#accepted.get(deviceId) ?? []).some((spec) => spec.pin === pin);
        if (!known) throw new Error(`${lock.id}: a code that nobody wants is on the lock`);
      }
      for (const row of state.slots) {
        const held = lock.codes.read(row.slot);
        const believed = row.content.kind === 'pin' ? row.content.pin : undefined;
        if (row.owner !== null && believed !== undefined && !held?.pin.equals(believed)) {
          throw new Error(`${lock.id}: slot ${row.slot} does not hold what the table says`);
        }
      }
    }
    if (cloud.received !== life.store.outbox.head()) {
      throw new Error(`The cloud has events up to ${cloud.received} of ${life.store.outbox.head()}`);
    }
  }

  /** Every write that arrives at a lock is judged by what the hub's database says at that moment. */
  #watchWrites(lock: SimLock): void {
    const setPin = lock.radioSetPin.bind(lock);
    const clearPin = lock.radioClearPin.bind(lock);
    lock.radioSetPin = (slot, digits, status) => {
      this.#checkWrite(lock, slot);
      const held = lock.codes.read(slot);
      if (held?.pin.reveal() === digits && held.status === 'enabled' && lock.fault.kind === 'none') {
        this.failures.push(`${lock.id}: slot ${slot} was written again with what it holds`);
      }
      return setPin(slot, digits, status);
    };
    lock.radioClearPin = (slot) => {
      this.#checkWrite(lock, slot);
      return clearPin(slot);
    };
  }

  #checkWrite(lock: SimLock, slot: number): void {
    const deviceId = this.#world.deviceIdOf(lock);
    const state = deviceId === undefined ? undefined : this.#world.stateOf(deviceId);
    const row = state?.slots.find((other) => other.slot === slot);
    this.#countOperation(lock);
    const held = lock.codes.read(slot)?.pin.reveal();
    if (
      held !== undefined &&
      this.foreign.has(held) &&
      row?.content.kind === 'empty' &&
      lock.fault.kind === 'none'
    ) {
      this.failures.push(`${lock.id}: slot ${slot} was believed empty and held somebody's code`);
    }
    if (row === undefined || row.owner === null) {
      this.failures.push(`${lock.id}: slot ${slot} was written and is not ours`);
    } else if (row.content.kind === 'unknown') {
      this.failures.push(`${lock.id}: slot ${slot} was written before it was read`);
    }
  }

  /** No trouble makes the hub write to a lock more than this. */
  #countOperation(lock: SimLock): void {
    const hour = Math.floor(this.#world.time.now / HOUR_MS);
    const key = `${lock.id} ${hour}`;
    const count = (this.#writesInHour.get(key) ?? 0) + 1;
    this.#writesInHour.set(key, count);
    if (count > WRITES_PER_HOUR_MAX) this.failures.push(`${lock.id} was written ${count} times in an hour`);
  }

  #checkAdmin(lock: SimLock): void {
    const { adminSlot } = lock.model;
    if (adminSlot !== null && lock.writes.has(adminSlot))
      throw new Error(`${lock.id}: its admin slot was written`);
  }

  #checkOnce(lock: SimLock): void {
    const pins = ourPins(lock, this.foreign);
    if (new Set(pins).size !== pins.length) throw new Error(`${lock.id}: one PIN of ours is in two slots`);
  }

  /** What was once taken is never forgotten, over any crash. */
  #checkVersion(deviceId: string): void {
    const version = this.#world.stateOf(deviceId)?.lock.versionReceived ?? 0;
    const acknowledged = this.#acknowledged.get(deviceId) ?? 0;
    if (version < acknowledged)
      throw new Error(`Version ${acknowledged} was taken, and now it is ${version}`);
    if (version === acknowledged) return;
    this.#acknowledged.set(deviceId, version);
    const wanted = this.#world.cloud.specsOf(deviceId, version);
    const before = this.#accepted.get(deviceId) ?? [];
    const codes = this.#world.stateOf(deviceId)?.codes ?? [];
    const inForce = wanted.flatMap((spec) => {
      const code = codes.find(({ accessCodeId }) => accessCodeId === spec.id);
      if (code === undefined || code.rejected === null) return [spec];
      this.#checkRejection(spec, wanted);
      // What was taken before stays in force when a change of it is refused.
      return before.filter(({ id }) => id === spec.id);
    });
    this.#accepted.set(deviceId, inForce);
  }

  /** Nothing is refused without a reason that plain data shows too. */
  #checkRejection(spec: Spec, wanted: readonly Spec[]): void {
    const { now } = this.#world.time;
    if (spec.endsAt !== null && spec.endsAt <= now) return;
    if (this.foreign.has(spec.pin)) return;
    const [from, till] = longest(spec);
    const before = [...this.#accepted.values()].flat();
    const rivals = [...wanted, ...before].filter(({ id, pin }) => id !== spec.id && pin === spec.pin);
    if (rivals.some((rival) => longest(rival)[0] < till && from < longest(rival)[1])) return;
    throw new Error(`${spec.id} was refused, and nothing stands in its way`);
  }

  #checkDoors(lock: SimLock, deviceId: string): void {
    const specs = this.#accepted.get(deviceId);
    const wrong = new Set<string>();
    if (specs !== undefined && this.#canMend(lock)) {
      for (const pin of ourPins(lock, this.foreign)) {
        if (opens(lock, pin) && !specs.some((spec) => spec.pin === pin && this.#mayOpen(spec, lock))) {
          wrong.add(`${lock.id} opens to ${pin}, which nobody wants now`);
        }
      }
      for (const { pin } of this.#dueNow(lock, deviceId)) {
        if (!opens(lock, pin)) wrong.add(`${lock.id} does not open to ${pin}, which is due`);
      }
    }
    for (const text of this.#wrongSince.keys()) {
      if (text.startsWith(`${lock.id} `) && !wrong.has(text)) this.#wrongSince.delete(text);
    }
    for (const text of wrong) {
      const since = this.#wrongSince.get(text) ?? this.#world.time.now;
      this.#wrongSince.set(text, since);
      if (this.#world.time.now - since > MEND_WITHIN_MS) throw new Error(text);
    }
  }

  #canMend(lock: SimLock): boolean {
    const { life, radioPlugged, clockCertain } = this.#world;
    return life !== null && radioPlugged && clockCertain && lock.fault.kind === 'none';
  }

  /** The longest time a code may open: from its lead or, by the lock's own schedule, from its start. */
  #mayOpen(spec: Spec, lock: SimLock): boolean {
    const { now } = this.#world.time;
    const native = spec.native && lock.model.schedules && spec.startsAt !== null && spec.endsAt !== null;
    const leadMs = native ? LOCK_CLOCK_TOLERANCE_MS : POLICY.jitLeadMs;
    const from = spec.startsAt === null ? now : spec.startsAt - leadMs;
    const till = spec.endsAt === null ? now + 1 : spec.endsAt + (native ? LOCK_CLOCK_TOLERANCE_MS : 0);
    return from <= now && now < till;
  }

  /** Codes whose window is open and that the hub did not refuse. */
  #dueNow(lock: SimLock, deviceId: string): readonly Spec[] {
    const { now } = this.#world.time;
    const codes = this.#world.stateOf(deviceId)?.codes ?? [];
    return (this.#accepted.get(deviceId) ?? []).filter((spec) => {
      const code = codes.find(({ accessCodeId }) => accessCodeId === spec.id);
      if (code === undefined || code.rejected !== null || code.refused !== null) return false;
      const from = (spec.startsAt ?? 0) + LOCK_CLOCK_TOLERANCE_MS;
      const till = spec.endsAt === null ? now + 1 : spec.endsAt - LOCK_CLOCK_TOLERANCE_MS;
      return from <= now && now < till && !lock.jammed;
    });
  }
}

/** The longest time a code can be on a lock: preload or lead included. */
function longest(spec: Spec): readonly [from: Instant, till: Instant] {
  const from = spec.startsAt === null ? Number.NEGATIVE_INFINITY : spec.startsAt - POLICY.nativePreloadMs;
  return [from, spec.endsAt ?? Number.POSITIVE_INFINITY];
}

/** PINs in a lock that no person put there. */
function ourPins(lock: SimLock, foreign: ReadonlySet<string>): readonly string[] {
  return lock.codes
    .slotsInUse()
    .map((slot) => lock.codes.read(slot)?.pin.reveal())
    .filter((pin) => pin !== undefined)
    .filter((pin) => !foreign.has(pin));
}

function opens(lock: SimLock, digits: string): boolean {
  const pin = Pin.parse(digits);
  const slot = pin && lock.codes.holderOf(pin);
  return slot !== undefined && lock.codes.opensAt(slot, lock.clock.local());
}
