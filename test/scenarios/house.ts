import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { LockModel } from '../../drivers/sim/lock/model.ts';
import { randomBytes, seededRandom } from '../../drivers/sim/random.ts';
import type { Connection } from '../../src/cloud/connection.ts';
import type { DomainEvent } from '../../src/core/event.ts';
import { DEFAULT_POLICY, type LockState, type Policy } from '../../src/core/lock.ts';
import type { OfflineVendor } from '../../src/core/offline/window.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import type { Instant, TimeReading } from '../../src/core/time.ts';
import { HubKey } from '../../src/store/key.ts';
import { openStore } from '../../src/store/open-store.ts';
import { WallClock } from '../simulation/hub-clock.ts';
import { DirectFace } from '../simulation/faces/direct-face.ts';
import { HUB_ID, Life } from '../simulation/life.ts';
import { VirtualTime } from '../simulation/virtual-clock.ts';
import { receiveNow } from '../support/receive-now.ts';
import { Cloud } from './cloud.ts';
import { StoryIssuer } from './issuer.ts';
import { Names } from './names.ts';

/** Chance has no part in a story: what is drawn, keys, nonces and PINs, only has to be the same each time it is played. */
const KEY_SEED = 1;
const PIN_SEED = 2;
const AIR_SEED = 3;

/** Radio network address of the first lock. */
const FIRST_ADDRESS = 2;

/** One house as a story has it: locks, one hub that lives and dies, and a cloud. The link loses nothing while it is up. */
export class House {
  readonly time: VirtualTime;
  readonly names = new Names();
  readonly cloud: Cloud;
  /** Every line of the hub's log, at every level. */
  readonly log: string[] = [];
  /** Operations that ended, by the id of their lock. */
  readonly worked = new Map<string, string[]>();
  policy: Policy;
  life: Life | null = null;
  isLinkUp = true;
  /** How late what the locks tell by themselves is heard, from now on. */
  reportDelayMs = 0;
  readonly #wall: WallClock;
  readonly #random = seededRandom(KEY_SEED);
  /** PINs stay what they are when something else draws more than it did. */
  readonly #pinRandom = seededRandom(PIN_SEED);
  readonly #airRandom = seededRandom(AIR_SEED);
  readonly #key: HubKey;
  readonly #directory = mkdtempSync(join(tmpdir(), 'lockhub-scenario-'));
  readonly #face: DirectFace;
  readonly #locks = new Map<string, SimLock>();
  readonly #hung: SimLock[] = [];
  /** By name: locks that the hub reaches by nothing, and who issues their codes. */
  readonly #offlineLocks = new Map<string, OfflineVendor>();
  readonly #issuers = new Map<OfflineVendor, StoryIssuer>();
  #connection: AbortController | null = null;
  #boots = 0;

  constructor(timezone: string, startsAt: Instant) {
    this.time = new VirtualTime(startsAt);
    this.#wall = new WallClock(this.time);
    this.policy = { ...DEFAULT_POLICY, timezone };
    this.#face = new DirectFace(this.#hung, this.#airRandom, timezone);
    this.#key = HubKey.generate((length) => Buffer.from(randomBytes(this.#random, length)));
    this.cloud = new Cloud(
      (topic, payload) => this.#down(topic, payload),
      () => this.time.now,
    );
  }

  get now(): TimeReading {
    return this.#wall.now();
  }

  addLock(name: string, model: LockModel): void {
    const address = FIRST_ADDRESS + this.#locks.size;
    const later = (delayMs: number, work: () => void): void => {
      this.time.at(this.time.now + delayMs, work);
    };
    const lock = new SimLock({ id: name, model, address, now: () => this.time.now, later });
    this.#locks.set(name, lock);
    this.#hung.push(lock);
  }

  addOfflineLock(name: string, vendor: OfflineVendor): void {
    this.issuer(vendor).addLock(name, this.policy.timezone);
    this.#offlineLocks.set(name, vendor);
  }

  issuer(vendor: OfflineVendor): StoryIssuer {
    const known = this.#issuers.get(vendor) ?? new StoryIssuer(vendor, this.time);
    this.#issuers.set(vendor, known);
    return known;
  }

  lock(name: string): SimLock {
    const lock = this.#locks.get(name);
    if (lock === undefined) throw new Error(`There is no lock called ${name}.`);
    return lock;
  }

  get lockCount(): number {
    return this.#locks.size + this.#offlineLocks.size;
  }

  /** The hub's id of a lock. */
  deviceId(name: string): string {
    const id = this.names.idOf(name);
    if (id === name) throw new Error(`The hub has not met a lock called ${name}.`);
    return id;
  }

  /** What the hub knows of a lock. */
  state(name: string): LockState {
    const state = this.running().store.lockState(this.deviceId(name));
    if (state === undefined) throw new Error(`The hub knows nothing of ${name}.`);
    return state;
  }

  /** Every lock that the hub knows, as it knows it. */
  states(): readonly LockState[] {
    const { store } = this.running();
    return store.deviceIds().flatMap((id) => store.lockState(id) ?? []);
  }

  running(): Life {
    if (this.life === null) throw new Error('The hub is not running.');
    return this.life;
  }

  boot(): void {
    if (this.life !== null) throw new Error('The hub is running already.');
    this.#boots += 1;
    const random = (length: number): Buffer => Buffer.from(randomBytes(this.#random, length));
    const store = openStore({ file: join(this.#directory, 'hub.db'), key: this.#key, random });
    // A commit puts the work of telling it off to a later turn of the event loop.
    store.onCommit(() => this.time.stir());
    for (const [name, { address, serial }] of this.#locks) {
      const identity = { radio: 'zwave', network: 'sim', address: String(address), serial } as const;
      this.names.call(store.deviceIdOf(identity), name);
    }
    for (const [name, network] of this.#offlineLocks) {
      this.names.call(store.deviceIdOf({ radio: 'offline', network, address: name, serial: null }), name);
    }
    this.life = new Life({
      time: this.time,
      wall: this.#wall,
      random: this.#airRandom,
      draw: (below) => Math.floor(this.#pinRandom() * below),
      face: this.#face,
      issuers: [...this.#issuers.values()].map((issuer) => issuer.forHub()),
      policy: this.policy,
      store,
      bootId: `boot-${this.#boots}`,
      log: pino({ level: 'trace' }, { write: (line: string) => void this.log.push(line) }),
      onOperation: (deviceId, operation, outcome) => this.#noteOperation(deviceId, operation, outcome),
      onReport: (body, tell) => this.#carry(body, tell),
      onReason: () => undefined,
      onRadioState: () => undefined,
      onRadioLog: () => undefined,
      onError: () => undefined,
    });
    if (this.isLinkUp) this.#connect();
  }

  /** The power goes. */
  kill(): void {
    this.#disconnect();
    this.running().kill();
    this.#face.cut();
    this.life = null;
  }

  setLink(up: boolean): void {
    if (this.isLinkUp === up) throw new Error(`The internet is ${up ? 'there' : 'gone'} already.`);
    this.isLinkUp = up;
    if (up) this.#connect();
    else this.#disconnect();
  }

  /** The hub learns how far off its clock may be, each way, in milliseconds. */
  setUncertainty(uncertaintyMs: number): void {
    this.#wall.step(0, uncertaintyMs);
  }

  /** Commits a step of the core on one lock, as any part of the hub does that decides something, and wakes its loop. */
  commit(name: string, before: LockState, after: LockState, events: readonly DomainEvent[]): void {
    const { store, reconciler } = this.running();
    store.commit(before, after, events);
    reconciler.wake(this.deviceId(name));
  }

  /** Takes the stick away, or gives it back. */
  plugRadio(plugged: boolean): void {
    this.running();
    this.#face.setPlugged(plugged);
  }

  /** What the hub has written to its directory, as bytes. */
  files(): readonly Buffer[] {
    return readdirSync(this.#directory).map((name) => readFileSync(join(this.#directory, name)));
  }

  async passTo(at: Instant): Promise<void> {
    if (at < this.time.now) throw new Error('That time has passed.');
    await this.time.pass(at, () => undefined);
  }

  end(): void {
    this.#disconnect();
    this.life?.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** What a lock tells reaches the hub at once, or later with the time at which it happened. */
  #carry(body: LockEventBody, tell: (body: LockEventBody, at?: Instant) => void): void {
    const { now } = this.time;
    if (this.reportDelayMs === 0) tell(body);
    else this.time.at(now + this.reportDelayMs, () => tell(body, now));
  }

  #noteOperation(deviceId: string, operation: Operation, outcome: Outcome | undefined): void {
    if (outcome === undefined) return;
    const what = 'slot' in operation ? `${operation.kind} ${operation.slot}` : operation.kind;
    const done = this.worked.get(deviceId) ?? [];
    done.push(outcome.kind === 'done' ? what : `${what} (${outcome.kind})`);
    this.worked.set(deviceId, done);
  }

  #connect(): void {
    if (this.life === null) return;
    const over = new AbortController();
    this.#connection = over;
    const connection: Connection = {
      seq: this.#boots * 1000,
      signal: over.signal,
      publish: async (topic, payload) => {
        if (over.signal.aborted) return false;
        this.cloud.receive(topic, String(payload));
        return true;
      },
      drop: (reason) => {
        throw new Error(`The hub dropped its connection: ${reason}`);
      },
    };
    this.life.connected(connection);
  }

  #disconnect(): void {
    this.#connection?.abort();
    this.#connection = null;
  }

  #down(topic: string, payload: string): void {
    if (this.life === null || this.#connection === null) return;
    const message = { topic: `lockhub/v1/${HUB_ID}/${topic}`, payload: Buffer.from(payload), retain: false };
    receiveNow(this.life.inbox, message);
    this.time.stir();
  }
}
