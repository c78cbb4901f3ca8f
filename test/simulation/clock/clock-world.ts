import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { LOCK_MODELS } from '../../../drivers/sim/lock/model.ts';
import { randomBytes, seededRandom } from '../../../drivers/sim/random.ts';
import type { Connection } from '../../../src/cloud/connection.ts';
import { DEFAULT_POLICY, type LockState, type Policy } from '../../../src/core/lock.ts';
import { Pin } from '../../../src/core/pin.ts';
import { MINUTE_MS, type Instant, type TimeReading } from '../../../src/core/time.ts';
import { HubKey } from '../../../src/store/key.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { IntervalClock, type ClockHolder, type Machine } from '../../../src/time/interval-clock.ts';
import { receiveNow } from '../../support/receive-now.ts';
import { DirectFace } from '../faces/direct-face.ts';
import { WallClock } from '../hub-clock.ts';
import { HUB_ID, Life } from '../life.ts';
import { entryOf, type Spec } from '../spec.ts';
import { VirtualTime } from '../virtual-clock.ts';
import { watched } from '../watched-store.ts';

const MEMORY_DISK = '/dev/shm';
const BUILT_AT = Date.parse('2025-01-01T00:00:00Z');
/** The hub's crystal runs this much too fast, which is within its promise. */
const CRYSTAL = 80e-6;
/** Of a message between hub and cloud. */
const LATENCY_MS = 100;

export const POLICY: Policy = { ...DEFAULT_POLICY, timezone: 'UTC', backupPoolSize: 0 };

/** The machine that a hub runs on, whose wall clock may be wrong. */
interface Wall {
  /** How far it is ahead of the truth. */
  aheadMs: number;
  isSynchronised: boolean;
  /** It is a virtual machine, whose host keeps the wall clock, right or wrong. */
  isHosted?: boolean;
}

function holderOf({ isSynchronised, isHosted }: Wall): ClockHolder {
  if (isSynchronised) return 'service';
  return isHosted === true ? 'host' : 'nobody';
}

const nothing = (): void => undefined;

/** One hub with real locks, store, loops and clock, over true time that passes only when told to. */
export class ClockWorld {
  readonly time: VirtualTime;
  readonly locks: readonly SimLock[];
  readonly wall: Wall = { aheadMs: 0, isSynchronised: true };
  /** Outcomes of commands as the hub told them, by id. */
  readonly results = new Map<string, string>();
  #life: Life | null = null;
  #clock: IntervalClock | null = null;
  #end: () => void = nothing;
  #boots = 0;
  #version = 0;
  readonly #face: DirectFace;
  readonly #random = seededRandom(9);
  readonly #key = HubKey.generate((length) => Buffer.from(randomBytes(this.#random, length)));
  readonly #directory = mkdtempSync(join(existsSync(MEMORY_DISK) ? MEMORY_DISK : tmpdir(), 'lockhub-clock-'));

  /** @param witnesses locks whose clocks can tell the time with its date; at least one more lock keeps schedules */
  constructor(start: Instant, witnesses: number) {
    this.time = new VirtualTime(start);
    const dated = LOCK_MODELS['uc-v2'];
    const undated = { ...dated, clock: 'clock' as const };
    const models = [LOCK_MODELS['uc-v1'], witnesses > 0 ? dated : undated, witnesses > 1 ? dated : undated];
    this.locks = models.map(
      (model, index) =>
        new SimLock({
          id: `lock-${index}`,
          model,
          address: index + 2,
          now: () => this.time.now,
          driftPpm: 15,
        }),
    );
    this.#face = new DirectFace(this.locks, this.#random, POLICY.timezone);
  }

  async boot(): Promise<void> {
    this.#boots += 1;
    const random = (length: number): Buffer => Buffer.from(randomBytes(this.#random, length));
    const real = openStore({ file: join(this.#directory, 'hub.db'), key: this.#key, random });
    const store = watched(real, { stir: () => this.time.stir(), onCommit: nothing, isFull: () => false });
    const clock = new IntervalClock(this.#machine(), BUILT_AT);
    const wake = (): void => {
      for (const deviceId of store.deviceIds()) this.#life?.reconciler.wake(deviceId);
    };
    await clock.start(store, { onChange: wake, onStep: nothing, onDoubt: nothing, onFailure: fail });
    this.#clock = clock;
    this.#life = new Life({
      time: this.time,
      wall: new WallClock(this.time),
      clock,
      random: this.#random,
      face: this.#face,
      policy: POLICY,
      store,
      bootId: `boot-${this.#boots}`,
      onOperation: nothing,
      onReport: (body, tell) => tell(body),
      onReason: nothing,
      onRadioState: nothing,
      onRadioLog: nothing,
      onError: (line) => fail(new Error(line)),
    });
  }

  /** The power goes. */
  cut(): void {
    this.#face.cut();
    this.#end();
    this.#life?.kill();
    this.#life = null;
  }

  end(): void {
    this.cut();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  now(): TimeReading {
    if (this.#clock === null) throw new Error('The hub was never started.');
    return this.#clock.now();
  }

  /** Lets time pass to an instant; `each` is called once a minute. */
  async pass(till: Instant, each: () => void = nothing): Promise<void> {
    while (this.time.now < till) {
      await this.time.pass(Math.min(till, this.time.now + MINUTE_MS), nothing);
      each();
    }
  }

  /** A document of the cloud for a lock, whether or not the hub is connected. */
  want(lock: number, specs: readonly Spec[]): void {
    this.#version += 1;
    const device_id = this.stateOf(lock).lock.deviceId;
    const document = { v: 1, device_id, generation: 1, version: this.#version, codes: specs.map(entryOf) };
    this.hear(`desired/${device_id}`, document);
  }

  hear(topic: string, message: object): void {
    if (this.#life === null) throw new Error('The hub is off.');
    const payload = Buffer.from(JSON.stringify(message));
    this.time.stir();
    receiveNow(this.#life.inbox, { topic: `lockhub/v1/${HUB_ID}/down/${topic}`, payload, retain: false });
  }

  /** A cloud that answers hellos with the time. */
  connect(): void {
    const over = new AbortController();
    const connection: Connection = {
      seq: 1,
      signal: over.signal,
      publish: async (topic, payload) => {
        await this.time.sleep(LATENCY_MS);
        this.#arrive(topic, JSON.parse(String(payload)) as Record<string, unknown>);
        return true;
      },
      drop: () => over.abort(),
    };
    this.#life?.connected(connection);
  }

  stateOf(lock: number): LockState {
    const address = this.locks[lock]?.address;
    const store = this.#life?.store;
    const states = (store?.deviceIds() ?? []).map((deviceId) => store?.lockState(deviceId));
    const state = states.find((one) => Number(one?.lock.address) === address);
    if (state === undefined) throw new Error(`The hub has not met lock ${lock}.`);
    return state;
  }

  /** The lock would open to somebody who typed this now. */
  opens(lock: number, pin: string): boolean {
    const { codes, clock } = this.#lock(lock);
    const slot = codes.holderOf(parsed(pin));
    return slot !== undefined && slot !== null && codes.opensAt(slot, clock.local());
  }

  /** The lock holds this PIN, whether or not it opens to it now. */
  holds(lock: number, pin: string): boolean {
    const { codes } = this.#lock(lock);
    return codes.slotsInUse().some((slot) => codes.read(slot)?.pin?.equals(parsed(pin)) === true);
  }

  #lock(index: number): SimLock {
    const lock = this.locks[index];
    if (lock === undefined) throw new Error(`There is no lock ${index}.`);
    return lock;
  }

  #arrive(topic: string, message: Record<string, unknown>): void {
    if (topic.endsWith('up/result')) {
      const { command_id, state, error } = message as {
        command_id: string;
        state: string;
        error?: { code: string };
      };
      this.results.set(command_id, error?.code ?? state);
    }
    if (!topic.endsWith('up/hello')) return;
    const { boot_id, hello_seq } = message;
    const cloud_time = new Date(this.time.now).toISOString();
    const sync = { v: 1, cloud_time, answers: { boot_id, hello_seq }, devices: [] };
    this.time.at(this.time.now + LATENCY_MS, () => {
      if (this.#life !== null) this.hear('sync', sync);
    });
  }

  #machine(): Machine {
    const startedAt = this.time.now;
    let isDead = false;
    this.#end = () => {
      isDead = true;
    };
    const monotonicMs = (): number => (this.time.now - startedAt) * (1 + CRYSTAL);
    return {
      wallMs: () => this.time.now + this.wall.aheadMs,
      monotonicMs,
      upMs: monotonicMs,
      holder: () => Promise.resolve(holderOf(this.wall)),
      sleepFor: (durationMs, signal) =>
        new Promise((resolve) => {
          const finish = (): void => {
            cancel();
            signal.removeEventListener('abort', finish);
            if (!isDead) resolve();
          };
          // Like a timer of Node, which counts whole milliseconds.
          const wholeMs = durationMs > 0 ? Math.max(1, Math.floor(durationMs)) : 0;
          const cancel = this.time.at(this.time.now + wholeMs / (1 + CRYSTAL), finish);
          if (signal.aborted) finish();
          else signal.addEventListener('abort', finish);
        }),
    };
  }
}

function fail(error: unknown): never {
  throw error;
}

function parsed(digits: string): Pin {
  const pin = Pin.parse(digits);
  if (pin === undefined) throw new Error(`${digits} is no PIN.`);
  return pin;
}
