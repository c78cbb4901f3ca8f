import type { Fault } from '../../drivers/sim/lock/fault.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import type { Spec } from './cloud-model.ts';
import type { Invariants } from './invariants.ts';
import type { World } from './world.ts';

/** Codes on one lock at a time. */
const CODES_MAX = 12;

/** The echo of our own write can't be told from an edit on a masking lock: people wait this long after one. */
const QUIET_AFTER_WRITE_MS = 6 * SECOND_MS;

/** Everybody who makes trouble, each at random intervals around a mean, until told to stop. */
export class Actors {
  readonly #world: World;
  readonly #invariants: Invariants;
  readonly #writes = new Map<SimLock, { count: number; at: number }>();
  #ids = 0;
  #foreigners = 0;
  #stopped = false;

  constructor(world: World, invariants: Invariants) {
    this.#world = world;
    this.#invariants = invariants;
  }

  start(): void {
    this.#every(6 * MINUTE_MS, () => this.#wantSomething());
    this.#every(3 * HOUR_MS, () => this.#world.cloud.repeatSomething());
    this.#every(10 * MINUTE_MS, () => this.#world.cloud.acknowledge());
    this.#every(5 * HOUR_MS, () => this.#internetGoes());
    this.#every(4 * HOUR_MS, () => this.#powerGoes());
    this.#every(20 * MINUTE_MS, () => this.#lockFails());
    this.#every(30 * MINUTE_MS, () => this.#somebodyProgramsTheLock());
    this.#every(HOUR_MS, () => this.#somebodyTypes());
    this.#every(9 * HOUR_MS, () => this.#radioGoes());
    this.#world.onOperation = (deviceId) => {
      this.#perhapsCrash();
      this.#perhapsChangeOfMind(deviceId);
    };
  }

  /** All faults are healed and nobody makes trouble any more. */
  heal(): void {
    this.#stopped = true;
    this.#world.onOperation = () => undefined;
    for (const lock of this.#world.locks) lock.fault = { kind: 'none' };
    if (!this.#world.radioPlugged) this.#world.plugRadio(true);
    this.#world.brokerLoss = 0;
    this.#world.setLink(true);
    if (this.#world.life === null) this.#world.boot();
  }

  #every(meanMs: number, act: () => void): void {
    const waitMs = Math.round(meanMs * (0.1 + 1.8 * this.#world.random()));
    this.#world.time.at(this.#world.time.now + waitMs, () => {
      if (this.#stopped) return;
      act();
      this.#every(meanMs, act);
    });
  }

  #later(maxMs: number, act: () => void): void {
    const waitMs = Math.round(SECOND_MS + maxMs * this.#world.random());
    this.#world.time.at(this.#world.time.now + waitMs, () => {
      if (!this.#stopped) act();
    });
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#world.random() * items.length)];
  }

  /** A new document while an operation for the old one is under way. */
  #perhapsChangeOfMind(deviceId: string): void {
    if (this.#world.random() > 0.1) return;
    const soonMs = Math.floor(this.#world.random() * 100);
    this.#world.time.at(this.#world.time.now + soonMs, () => {
      if (!this.#stopped) this.#want(deviceId);
    });
  }

  #wantSomething(): void {
    const lock = this.#pick(this.#world.locks);
    const deviceId = lock && this.#world.deviceIdOf(lock);
    if (deviceId !== undefined) this.#want(deviceId);
  }

  #want(deviceId: string): void {
    const { cloud, random } = this.#world;
    const specs = cloud.documents.get(deviceId)?.specs ?? [];
    const index = Math.floor(random() * (specs.length + 1));
    const spec = specs[index];
    const dice = random();
    if (spec === undefined || (dice < 0.2 && specs.length < CODES_MAX)) {
      this.#ids += 1;
      const id = `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`;
      return cloud.want(deviceId, [
        ...specs,
        { id, ...this.#window(), pin: this.#pin(), native: random() < 0.8 },
      ]);
    }
    if (dice < 0.5) return cloud.want(deviceId, specs.toSpliced(index, 1));
    const changed: Spec =
      dice < 0.7
        ? { ...spec, pin: this.#pin() }
        : dice < 0.95
          ? { ...spec, ...this.#window() }
          : { ...spec, native: !spec.native };
    cloud.want(deviceId, specs.with(index, changed));
  }

  /** Few PINs, so that they meet; leading zeros, because they get lost. */
  #pin(): string {
    return `0${String(100 + Math.floor(this.#world.random() * 14))}`;
  }

  #window(): Pick<Spec, 'startsAt' | 'endsAt'> {
    const { random, time } = this.#world;
    const dice = random();
    if (dice < 0.25) return { startsAt: null, endsAt: null };
    const startsAt = time.now + Math.round((random() - 0.2) * 10 * HOUR_MS);
    if (dice < 0.35) return { startsAt, endsAt: null };
    return { startsAt, endsAt: startsAt + Math.round((0.1 + random()) * 8 * HOUR_MS) };
  }

  #internetGoes(): void {
    this.#world.setLink(false);
    this.#later(6 * HOUR_MS, () => this.#world.setLink(true));
  }

  #powerGoes(): void {
    if (this.#world.life === null) return;
    this.#world.kill();
    const offMs = this.#world.random() < 0.5 ? MINUTE_MS : 2 * HOUR_MS;
    this.#later(offMs, () => this.#world.life ?? this.#world.boot());
  }

  /** A crash right in the middle of an operation, which is where it hurts. */
  #perhapsCrash(): void {
    if (this.#world.random() > 0.06) return;
    const soonMs = Math.floor(this.#world.random() * 150);
    const { life, time } = this.#world;
    time.at(time.now + soonMs, () => {
      if (this.#stopped || this.#world.life !== life) return;
      this.#powerGoes();
    });
  }

  #lockFails(): void {
    const lock = this.#pick(this.#world.locks);
    const fault = this.#pick<Fault>([
      { kind: 'unreachable' },
      { kind: 'no_answer' },
      { kind: 'slow', delayMs: 1500 },
      { kind: 'slow', delayMs: 2500 },
      { kind: 'drop', probability: 0.3 },
      { kind: 'duplicate', probability: 0.5 },
    ]);
    if (lock === undefined || fault === undefined) return;
    this.#world.note(`${lock.id} is ${fault.kind}`);
    lock.fault = fault;
    this.#later(40 * MINUTE_MS, () => {
      this.#world.note(`${lock.id} is healed`);
      lock.fault = { kind: 'none' };
    });
  }

  #radioGoes(): void {
    this.#world.plugRadio(false);
    this.#later(10 * MINUTE_MS, () => this.#world.plugRadio(true));
  }

  /** Edits codes at a lock. Where its report can't be heard, only in a slot that is nobody's: nothing else tells of it. */
  #somebodyProgramsTheLock(): void {
    const { life, radioPlugged, time, random } = this.#world;
    const lock = this.#pick(this.#world.locks);
    if (lock === undefined || this.#world.deviceIdOf(lock) === undefined || this.#wroteLately(lock)) return;
    const isHeard = life !== null && radioPlugged && lock.fault.kind === 'none';
    const used = lock.codes.slotsInUse();
    const slot = isHeard && random() < 0.6 ? (this.#pick(used) ?? 1) : 1 + Math.floor(random() * 12);
    if (!isHeard && (used.includes(slot) || this.#isKept(lock, slot))) return;
    if (random() < 0.4) {
      this.#world.note(`somebody erases slot ${slot} of ${lock.id}`);
      lock.unprogramPin(slot);
      return;
    }
    this.#foreigners += 1;
    const pin = `9${String(this.#foreigners % 1000).padStart(4, '0')}`;
    this.#invariants.foreign.add(pin);
    this.#world.note(`somebody programs slot ${slot} of ${lock.id} at ${time.now}`);
    lock.programPin(slot, pin);
  }

  /** The hub keeps this slot for a code, though it may be empty right now. */
  #isKept(lock: SimLock, slot: number): boolean {
    const deviceId = this.#world.deviceIdOf(lock);
    const state = deviceId === undefined ? undefined : this.#world.stateOf(deviceId);
    return state?.slots.some((row) => row.slot === slot && row.owner !== null) ?? false;
  }

  #wroteLately(lock: SimLock): boolean {
    const count = [...lock.writes.values()].reduce((sum, writes) => sum + writes, 0);
    const last = this.#writes.get(lock);
    if (last === undefined || last.count !== count) {
      this.#writes.set(lock, { count, at: this.#world.time.now });
      return true;
    }
    return this.#world.time.now - last.at < QUIET_AFTER_WRITE_MS;
  }

  #somebodyTypes(): void {
    const lock = this.#pick(this.#world.locks);
    const slot = lock && this.#pick(lock.codes.slotsInUse());
    const pin = slot === undefined ? undefined : lock?.codes.read(slot)?.pin.reveal();
    lock?.typePin(pin ?? '7777');
  }
}
