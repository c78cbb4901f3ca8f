import { createDirectDriver, type DirectDriver, type RadioMemory } from '../../../drivers/sim/direct.ts';
import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import type { Random } from '../../../drivers/sim/random.ts';
import { offsetMinutes } from '../../../src/core/timing/local-time.ts';
import type { LockDriver } from '../../../src/lock-driver.ts';
import type { Face, Hosting } from './face.ts';

/** No library between the hub and its locks, so that the same seed gives the same run. */
export class DirectFace implements Face {
  readonly locks: readonly SimLock[];
  readonly #random: Random;
  readonly #timezone: string;
  readonly #memory: RadioMemory = new Map();
  #driver: DirectDriver | undefined;
  #isPlugged = true;

  /** `locks` may grow. */
  constructor(locks: readonly SimLock[], random: Random, timezone: string) {
    this.locks = locks;
    this.#random = random;
    this.#timezone = timezone;
  }

  drivers({ clock }: Hosting): readonly LockDriver[] {
    const never = new AbortController().signal;
    this.#driver = createDirectDriver({
      locks: this.locks,
      random: this.#random,
      memory: this.#memory,
      sleep: (durationMs) => clock.sleepFor(durationMs, never),
      hubNow: () => clock.now().earliest,
      utcOffsetMinutes: (at) => offsetMinutes(this.#timezone, at),
    });
    if (!this.#isPlugged) this.#driver.setPlugged(false);
    return [this.#driver];
  }

  setPlugged(plugged: boolean): void {
    this.#isPlugged = plugged;
    this.#driver?.setPlugged(plugged);
  }

  cut(): void {
    this.#driver = undefined;
  }

  async admit(): Promise<void> {}

  async close(): Promise<void> {}
}
