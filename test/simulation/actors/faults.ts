import type { Fault } from '../../../drivers/sim/lock/fault.ts';
import { MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';
import type { Agenda } from '../agenda.ts';
import type { World } from '../world.ts';

const FAULTS: readonly Fault[] = [
  { kind: 'unreachable' },
  { kind: 'no_answer' },
  { kind: 'slow', delayMs: 1500 },
  { kind: 'slow', delayMs: 2500 },
  { kind: 'drop', probability: 0.3 },
  { kind: 'duplicate', probability: 0.5 },
  { kind: 'refuses_disabled' },
];

/** Locks that lie about their codes. */
const LIES: readonly Fault[] = [
  { kind: 'stale_reads', delayMs: 5 * SECOND_MS },
  { kind: 'drops_writes' },
  { kind: 'fights_back', delayMs: 5 * SECOND_MS },
];
const LIE_PROBABILITY = 0.12;

/** Most that a lock's clock is off after somebody changed its batteries. */
const LOCK_CLOCK_OFF_MS = 20 * MINUTE_MS;

/** Most that the hub's clock is off without knowing it. */
const CLOCK_SLIP_MS = 2 * SECOND_MS;

/** What fails by itself: power, internet, radios, clocks. */
export class Faults {
  readonly #world: World;
  readonly #agenda: Agenda;

  constructor(world: World, agenda: Agenda) {
    this.#world = world;
    this.#agenda = agenda;
  }

  start(): void {
    const { rhythm } = this.#world.setting;
    this.#agenda.every(rhythm.auditMs, () => this.#world.life?.reconciler.audit());
    this.#agenda.every(rhythm.internetMs, () => this.#internetGoes());
    this.#agenda.every(rhythm.powerMs, () => this.powerGoes());
    this.#agenda.every(rhythm.radioMs, () => this.#radioGoes());
    this.#agenda.every(rhythm.faultMs, () => this.#lockFails());
    this.#agenda.every(rhythm.clockStepMs, () => this.#clockSlips());
    if (rhythm.diskMs !== null) this.#agenda.every(rhythm.diskMs, () => this.#diskFills());
    this.#agenda.every(rhythm.lockClockMs, () => this.#lockClockGoesWrong());
  }

  /** All of it is over. */
  heal(): void {
    for (const lock of this.#world.locks)
      if (lock.fault.kind !== 'none') this.#world.setFault(lock, { kind: 'none' });
    if (!this.#world.radioPlugged) this.#world.plugRadio(true);
    this.#world.internet.brokerLoss = 0;
    this.#world.fillDisk(false);
    this.#world.setLink(true);
    if (this.#world.life === null) this.#world.boot();
    this.#world.stepClock(0, 0);
    this.#world.life?.reconciler.audit();
  }

  powerGoes(): void {
    if (this.#world.life === null) return;
    this.#world.kill();
    const [short, long] = this.#world.setting.outages.powerMs;
    const offMs = this.#world.random() < 0.5 ? short : long;
    this.#agenda.later(offMs, () => this.#world.life ?? this.#world.boot());
  }

  /** A crash right in the middle of an operation, which is where it hurts. */
  perhapsCrash(): void {
    if (this.#world.random() >= this.#world.setting.crashProbability) return;
    const { life } = this.#world;
    this.#agenda.soon(Math.floor(this.#world.random() * 150), () => {
      if (this.#world.life === life) this.powerGoes();
    });
  }

  #internetGoes(): void {
    this.#world.setLink(false);
    this.#agenda.later(this.#world.setting.outages.internetMs, () => this.#world.setLink(true));
  }

  #radioGoes(): void {
    this.#world.plugRadio(false);
    this.#agenda.later(this.#world.setting.outages.radioMs, () => this.#world.plugRadio(true));
  }

  #diskFills(): void {
    this.#world.fillDisk(true);
    this.#agenda.later(this.#world.setting.outages.diskMs, () => this.#world.fillDisk(false));
  }

  #lockFails(): void {
    const lock = this.#agenda.pick(this.#world.locks);
    const honest = [...FAULTS, ...this.#world.setting.faults];
    const fault = this.#agenda.pick(this.#world.random() < LIE_PROBABILITY ? LIES : honest);
    if (lock === undefined || fault === undefined) return;
    this.#world.setFault(lock, fault);
    this.#agenda.later(this.#world.setting.outages.faultMs, () =>
      this.#world.setFault(lock, { kind: 'none' }),
    );
  }

  /** The hub's clock is a little off for a while, and then it is set. */
  #clockSlips(): void {
    if (!this.#world.wall.certain) return;
    this.#world.stepClock(Math.round((this.#world.random() * 2 - 1) * CLOCK_SLIP_MS), 0);
    this.#agenda.later(this.#world.setting.outages.clockStepMs, () => {
      if (this.#world.wall.certain) this.#world.stepClock(0, 0);
    });
  }

  #lockClockGoesWrong(): void {
    const lock = this.#agenda.pick(this.#world.locks);
    if (lock === undefined) return;
    const offsetMs = Math.round((this.#world.random() * 2 - 1) * LOCK_CLOCK_OFF_MS);
    this.#world.note(`${lock.id}: its clock is ${offsetMs} ms ahead`);
    lock.clock.setOffsetMs(offsetMs);
  }
}
