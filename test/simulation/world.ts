import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { SimLock } from '../../drivers/sim/lock/lock.ts';
import { LOCK_MODELS, type ModelName } from '../../drivers/sim/lock/model.ts';
import type { RadioMemory } from '../../drivers/sim/direct.ts';
import { randomBytes, seededRandom, type Random } from '../../drivers/sim/random.ts';
import type { Connection } from '../../src/cloud/connection.ts';
import type { LockState, Policy } from '../../src/core/lock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { HubKey } from '../../src/store/key.ts';
import { openStore } from '../../src/store/open-store.ts';
import { audited } from './audited-store.ts';
import { CloudModel, LATENCY_MS } from './cloud-model.ts';
import { HUB_ID, Life } from './life.ts';
import { VirtualTime } from './virtual-clock.ts';

/** Daylight saving begins in New York 21 hours later. */
const START = Date.parse('2026-03-07T10:00:00Z');
const MODELS: readonly ModelName[] = ['uc-v1', 'uc-v1-masked', 'uc-v2', 'u3c'];

/** A clock that lost its power may be this far off until the internet tells. */
const UNCERTAIN_MS = 2 * DAY_MS;

export const POLICY: Policy = {
  timezone: 'America/New_York',
  jitLeadMs: 30 * MINUTE_MS,
  nativePreloadMs: 72 * HOUR_MS,
  strictStart: false,
};

/** A house, a cloud, the internet between them and one hub that lives and dies; all of it from one seed. */
export class World {
  readonly random: Random;
  readonly time = new VirtualTime(START);
  readonly locks: readonly SimLock[];
  readonly cloud: CloudModel;
  /** Everything that happened, for a replay to be compared with. */
  readonly trace: string[] = [];
  life: Life | null = null;
  linkUp = true;
  clockCertain = true;
  radioPlugged = true;
  /** Probability that an acknowledged batch of events never reaches the cloud. */
  brokerLoss = 0.02;
  /** Called after each operation begins, so that a crash can come in the middle of it. */
  onOperation: (deviceId: string) => void = () => undefined;
  readonly #directory = mkdtempSync(join(tmpdir(), 'lockhub-simulation-'));
  readonly #memory: RadioMemory = new Map();
  readonly #deviceIds = new Map<SimLock, string>();
  readonly #states = new Map<string, LockState>();
  readonly #key: HubKey;
  #connection: AbortController | null = null;
  #boots = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.#key = HubKey.generate((length) => Buffer.from(randomBytes(this.random, length)));
    this.locks = MODELS.map(
      (name, index) =>
        new SimLock({
          id: name,
          model: LOCK_MODELS[name],
          address: index + 2,
          now: () => this.time.now,
          driftPpm: Math.round(this.random() * 40 - 20),
        }),
    );
    this.cloud = new CloudModel(HUB_ID, {
      random: this.random,
      send: (topic, payload) => this.#down(topic, payload),
    });
  }

  note(line: string): void {
    this.trace.push(`${new Date(this.time.now).toISOString()} ${line}`);
  }

  boot(): void {
    this.#boots += 1;
    this.note(`boot ${this.#boots}`);
    const random = (length: number): Buffer => Buffer.from(randomBytes(this.random, length));
    const store = openStore({ file: join(this.#directory, 'hub.db'), key: this.#key, random });
    this.#states.clear();
    const told = audited(store, (after, events) => {
      this.#states.set(after.lock.deviceId, after);
      for (const event of events) this.note(`${event.event_type} ${event.access_code_id ?? ''}`);
    });
    this.life = new Life({
      time: this.time,
      random: this.random,
      locks: this.locks,
      policy: POLICY,
      memory: this.#memory,
      store: told,
      bootId: `boot-${this.#boots}`,
      uncertaintyMs: () => (this.clockCertain ? 0 : UNCERTAIN_MS),
      log: pino({ level: process.env['SIM_LOG'] ?? 'silent' }),
      onOperation: (deviceId, line) => {
        this.note(line);
        this.onOperation(deviceId);
      },
    });
    if (!this.radioPlugged) this.life.driver.setPlugged(false);
    if (this.linkUp) this.#connect();
  }

  kill(): void {
    if (this.life === null) return;
    this.note('power cut');
    this.#disconnect();
    this.life.kill();
    this.life = null;
    // Without internet at the next start, nobody tells the hub how long it was off.
    this.clockCertain = this.linkUp;
  }

  setLink(up: boolean): void {
    if (up === this.linkUp) return;
    this.note(up ? 'internet back' : 'internet gone');
    this.linkUp = up;
    if (!up) return this.#disconnect();
    this.#connect();
    if (this.clockCertain) return;
    this.clockCertain = true;
    this.life?.clockStepped();
  }

  plugRadio(plugged: boolean): void {
    this.note(plugged ? 'radio back' : 'radio gone');
    this.radioPlugged = plugged;
    this.life?.driver.setPlugged(plugged);
  }

  /** What the hub's database holds of a lock; read once a life, then followed commit by commit. */
  stateOf(deviceId: string): LockState | undefined {
    const state = this.#states.get(deviceId) ?? this.life?.store.lockState(deviceId);
    if (state !== undefined) this.#states.set(deviceId, state);
    return state;
  }

  /** The hub's `device_id` of a lock; `undefined` until they have met. */
  deviceIdOf(lock: SimLock): string | undefined {
    const { store } = this.life ?? {};
    let deviceId = this.#deviceIds.get(lock);
    deviceId ??= store?.deviceIds().find((id) => this.stateOf(id)?.lock.address === lock.address);
    if (deviceId !== undefined) this.#deviceIds.set(lock, deviceId);
    return deviceId;
  }

  end(): void {
    this.#disconnect();
    this.life?.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #connect(): void {
    if (this.life === null) return;
    this.#disconnect();
    const over = new AbortController();
    this.#connection = over;
    const connection: Connection = {
      seq: this.#boots * 1000,
      signal: over.signal,
      publish: (topic, payload) => this.#up(over.signal, topic, payload),
      drop: () => over.abort(),
      close: async () => over.abort(),
    };
    const life = this.life;
    this.time.at(this.time.now + LATENCY_MS, () => {
      if (!over.signal.aborted) life.connected(connection);
    });
  }

  #disconnect(): void {
    this.#connection?.abort();
    this.#connection = null;
  }

  /** Up: arrives after the latency, unless the link breaks first; then it may have arrived or not. */
  #up(signal: AbortSignal, topic: string, payload: string): Promise<boolean> {
    return new Promise((resolve) => {
      const arrives = this.random() < 0.5;
      const broken = (): void => {
        cancel();
        if (arrives) this.cloud.receive(topic, payload);
        resolve(false);
      };
      const cancel = this.time.at(this.time.now + LATENCY_MS, () => {
        signal.removeEventListener('abort', broken);
        // A broker may acknowledge and then lose what its subscriber was too slow to take.
        if (!topic.endsWith('/event') || this.random() > this.brokerLoss) this.cloud.receive(topic, payload);
        resolve(true);
      });
      if (signal.aborted) broken();
      else signal.addEventListener('abort', broken);
    });
  }

  /** Down: lost without a connection; sometimes doubled. The hub takes a message whole or not at all. */
  #down(topic: string, payload: string): void {
    const life = this.life;
    const connection = this.#connection;
    const times = this.random() < 0.1 ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      const delayMs = LATENCY_MS + Math.floor(this.random() * LATENCY_MS);
      this.time.at(this.time.now + delayMs, () => {
        if (life === null || this.life !== life || connection !== this.#connection) return;
        const message = {
          topic: `lockhub/v1/${HUB_ID}/${topic}`,
          payload: Buffer.from(payload),
          retain: false,
        };
        life.inbox.receive(message)();
      });
    }
  }
}
