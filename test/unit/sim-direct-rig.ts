import { createDirectDriver, type DirectDriver, type RadioMemory } from '../../drivers/sim/direct.ts';
import type { Fault } from '../../drivers/sim/lock/fault.ts';
import { SimLock } from '../../drivers/sim/lock/lock.ts';
import { LOCK_MODELS, type ModelName } from '../../drivers/sim/lock/model.ts';
import { seededRandom } from '../../drivers/sim/random.ts';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import { Pin } from '../../src/core/pin.ts';

const START = Date.UTC(2026, 10, 22, 12);
export const MODELS: readonly ModelName[] = ['uc-v1', 'uc-v1-masked', 'uc-v2', 'u3c'];

/** Virtual time: whoever sleeps shortest wakes first, and nothing else passes. */
export class Rig {
  now = START;
  readonly heard: string[] = [];
  readonly bodies: LockEventBody[] = [];
  /** By device: when its last report says that it happened, for reports that say so. */
  readonly saidAt = new Map<string, number>();
  readonly locks: readonly SimLock[];
  readonly memory: RadioMemory = new Map();
  readonly #sleepers: { at: number; wake: () => void }[] = [];
  readonly #random;
  driver!: DirectDriver;

  constructor(seed = 1, models: readonly ModelName[] = MODELS) {
    this.#random = seededRandom(seed);
    this.locks = models.map(
      (name, index) =>
        new SimLock({ id: name, model: LOCK_MODELS[name], address: index + 2, now: () => this.now }),
    );
  }

  async start(): Promise<void> {
    this.driver = createDirectDriver({
      locks: this.locks,
      sleep: (durationMs) => this.wait(durationMs),
      random: this.#random,
      hubNow: () => this.now,
      utcOffsetMinutes: () => 60,
      memory: this.memory,
    });
    const host = {
      deviceIdOf: ({ address }: { address: string }) => `device-${address}`,
      onEvent: (deviceId: string, body: LockEventBody, at?: number) => {
        if (at !== undefined) this.saidAt.set(deviceId, at);
        this.heard.push(`${this.now - START} ${deviceId} ${JSON.stringify(body)}`);
        this.bodies.push(body);
      },
      onPairing: () => undefined,
      onRadioState: (state: string) => this.heard.push(`${this.now - START} radio ${state}`),
    };
    await this.run(this.driver.start(host));
    await this.run(this.driver.execute('device-2', { kind: 'read_slot', slot: 1 }));
  }

  wait(durationMs: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ at: this.now + durationMs, wake }));
  }

  async run<T>(work: Promise<T>): Promise<T> {
    let finished = false;
    const mark = (): void => {
      finished = true;
    };
    work.then(mark, mark);
    for (let turn = 0; turn < 10_000; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (finished) return work;
      this.#sleepers.sort((a, b) => a.at - b.at);
      const next = this.#sleepers.shift();
      if (next === undefined) throw new Error('everybody waits for ever');
      this.now = Math.max(this.now, next.at);
      next.wake();
    }
    throw new Error('the work does not end');
  }

  lock(model: ModelName): SimLock {
    const lock = this.locks.find((candidate) => candidate.model.name === model);
    if (lock === undefined) throw new Error(`no ${model} in this rig`);
    return lock;
  }

  execute(model: ModelName, operation: Operation): Promise<Outcome> {
    return this.run(this.driver.execute(`device-${this.lock(model).address}`, operation));
  }
}

export function pin(digits: string): Pin {
  const parsed = Pin.parse(digits);
  if (parsed === undefined) throw new Error('not a PIN');
  return parsed;
}

export async function started(seed?: number): Promise<Rig> {
  const rig = new Rig(seed);
  await rig.start();
  return rig;
}

/** Writes an enabled PIN. */
export const set = (slot: number, digits: string): Operation => ({
  kind: 'set_pin',
  slot,
  pin: pin(digits),
  enabled: true,
});

/** A started rig in which one lock has a fault. */
export async function faulty(model: ModelName, fault: Fault): Promise<Rig> {
  const rig = await started();
  rig.lock(model).fault = fault;
  return rig;
}
