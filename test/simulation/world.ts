import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from '../../drivers/sim/lock/fault.ts';
import { SimLock } from '../../drivers/sim/lock/lock.ts';
import { randomBytes, type Random } from '../../drivers/sim/random.ts';
import type { DomainEvent } from '../../src/core/event.ts';
import type { LockState } from '../../src/core/lock.ts';
import { isWrite, type Operation, type Outcome } from '../../src/core/operation.ts';
import { DAY_MS, type Instant } from '../../src/core/time.ts';
import { HubKey } from '../../src/store/key.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { CloudModel } from './cloud-model.ts';
import { Deceit } from './deceit.ts';
import { differenceOf } from './difference.ts';
import { DirectFace } from './faces/direct-face.ts';
import type { Face } from './faces/face.ts';
import { WallClock } from './hub-clock.ts';
import { Internet } from './internet.ts';
import { HUB_ID, Life, type LifeParts } from './life.ts';
import type { Setting } from './setting.ts';
import type { VirtualTime } from './virtual-clock.ts';
import { watched } from './watched-store.ts';

/** A clock that lost its power may be this far off until the internet tells. */
const UNCERTAIN_MS = 2 * DAY_MS;

/** Of a line of the hub's log: the message and where it comes from. */
const ERROR_CHARACTERS = 600;

/** pino's number for errors. */
const ERROR_LEVEL = 50;

/** Killed processes lose nothing that was written, so a disk in memory is as good, and fast. */
const MEMORY_DISK = '/dev/shm';

/** Faults with which a lock is lost. */
const LOST: ReadonlySet<Fault['kind']> = new Set(['unreachable', 'no_answer']);

/** Who wants to know what happens; the oracle. */
export interface Witness {
  readonly onCommit: (
    before: LockState | undefined,
    after: LockState,
    events: readonly DomainEvent[],
  ) => void;
  readonly onOperation: (deviceId: string, operation: Operation, outcome: Outcome | undefined) => void;
  /** Why the operation that just ended was done. */
  readonly onReason: (deviceId: string, reason: string) => void;
  readonly onFailure: (failure: string) => void;
  /** A lock can be reached again. */
  readonly onReturn: (lock: SimLock) => void;
  /** What was just under way may be lost. */
  readonly onTrouble: () => void;
}

/** A house, a cloud, the internet between them and one hub that lives and dies; all of it from one seed. */
export class World {
  readonly random: Random;
  readonly setting: Setting;
  readonly time: VirtualTime;
  readonly wall: WallClock;
  readonly locks: readonly SimLock[];
  readonly face: Face;
  readonly cloud: CloudModel;
  readonly internet: Internet;
  readonly deceit = new Deceit();
  /** Everything that happened, for a replay to be compared with. */
  readonly trace: string[] = [];
  operations = 0;
  life: Life | null = null;
  radioPlugged = true;
  /** The disk takes nothing. */
  diskFull = false;
  /** When something last went wrong, or right again, that slows everything down. */
  troubleAt: Instant;
  /** Called at each begin and end of an operation, so that a crash can come in the middle of it. */
  onOperation: (deviceId: string) => void = () => undefined;
  /** What becomes of a report of a lock on its way to the hub. */
  onReport: LifeParts['onReport'] = (body, tell) => tell(body);
  witness: Witness | undefined;
  readonly #directory = mkdtempSync(
    join(existsSync(MEMORY_DISK) ? MEMORY_DISK : tmpdir(), 'lockhub-simulation-'),
  );
  readonly #deviceIds = new Map<SimLock, string>();
  readonly #lastStates = new Map<string, LockState>();
  readonly #writtenAt = new Map<string, Instant>();
  readonly #key: HubKey;
  #boots = 0;

  /** @param face the radios; `null`: locks that are reached straight */
  constructor(random: Random, setting: Setting, time: VirtualTime, face: Face | null) {
    this.random = random;
    this.setting = setting;
    this.time = time;
    this.wall = new WallClock(this.time);
    this.troubleAt = setting.start;
    this.#key = HubKey.generate((length) => Buffer.from(randomBytes(this.random, length)));
    this.face = face ?? new DirectFace(this.#hangLocks(), this.random, setting.policy.timezone);
    this.locks = this.face.locks;
    this.cloud = new CloudModel(HUB_ID, {
      random: this.random,
      send: (topic, payload) => this.internet.down(topic, payload),
      note: (line) => this.note(line),
    });
    this.internet = new Internet(this.time, this.random, this.cloud, (failure) =>
      this.witness?.onFailure(failure),
    );
  }

  note(line: string): void {
    this.trace.push(`${new Date(this.time.now).toISOString()} ${line}`);
  }

  /** Something went wrong or right that lets everything take its time for a while. */
  trouble(line: string): void {
    this.note(line);
    this.troubleAt = this.time.now;
    this.witness?.onTrouble();
  }

  boot(): void {
    this.#boots += 1;
    this.trouble(`boot ${this.#boots}`);
    const random = (length: number): Buffer => Buffer.from(randomBytes(this.random, length));
    const store = openStore({ file: join(this.#directory, 'hub.db'), key: this.#key, random });
    this.#checkKept(store);
    const told = watched(store, {
      stir: () => this.time.stir(),
      isFull: () => this.diskFull,
      onCommit: (before, after, events) => this.#committed(before, after, events),
    });
    this.life = new Life({
      time: this.time,
      wall: this.wall,
      random: this.random,
      face: this.face,
      policy: this.setting.policy,
      store: told,
      bootId: `boot-${this.#boots}`,
      onOperation: (deviceId, operation, outcome) => this.#operated(deviceId, operation, outcome),
      isDiskFull: () => this.diskFull,
      onReport: (body, tell) => this.onReport(body, tell),
      onReason: (deviceId, reason) => this.witness?.onReason(deviceId, reason),
      onRadioState: (radio, state) => this.note(`${radio} is ${state}`),
      onRadioLog: (line) => this.#radioLogged(line),
      onError: (line) => this.#erred(line),
    });
    this.internet.hub = { life: this.life, boots: this.#boots };
  }

  kill(): void {
    if (this.life === null) return;
    this.trouble('power cut');
    this.internet.hub = null;
    this.face.cut();
    this.life.kill();
    this.life = null;
    // Without internet at the next start, nobody tells the hub how long it was off.
    if (!this.internet.up) this.#loseTime();
  }

  setLink(up: boolean): void {
    if (up === this.internet.up) return;
    this.trouble(up ? 'internet back' : 'internet gone');
    this.internet.up = up;
    if (up && !this.wall.certain) this.stepClock(0, 0);
  }

  stepClock(offsetMs: number, uncertaintyMs: number): void {
    this.trouble(`the hub's clock is ${offsetMs} ms ahead, ± ${uncertaintyMs}`);
    this.wall.step(offsetMs, uncertaintyMs);
  }

  plugRadio(plugged: boolean): void {
    this.trouble(plugged ? 'radio back' : 'radio gone');
    this.radioPlugged = plugged;
    this.face.setPlugged(plugged);
    if (plugged) for (const lock of this.locks) this.witness?.onReturn(lock);
  }

  fillDisk(full: boolean): void {
    if (full === this.diskFull) return;
    this.trouble(full ? 'the disk is full' : 'the disk has room again');
    this.diskFull = full;
    // As the watch over the disk has it done.
    if (!full) this.life?.reconciler.audit();
  }

  setFault(lock: SimLock, fault: Fault): void {
    this.trouble(`${lock.id}: ${fault.kind === 'none' ? 'healed' : fault.kind}`);
    const isBack = LOST.has(lock.fault.kind) && fault.kind === 'none';
    lock.fault = fault;
    if (isBack) this.witness?.onReturn(lock);
  }

  /** What the hub's database holds of a lock. */
  stateOf(deviceId: string): LockState | undefined {
    return this.life?.store.lockState(deviceId);
  }

  /** The same, and what it held when the hub was last alive. */
  lastStateOf(deviceId: string): LockState | undefined {
    return this.#lastStates.get(deviceId);
  }

  /** The hub keeps this slot for a code, though it may be empty right now, or did when it was last alive. */
  isKept(lock: SimLock, slot: number): boolean {
    const rows = this.#lastStates.get(this.deviceIdOf(lock) ?? '')?.slots ?? [];
    return rows.some((row) => row.slot === slot && row.owner !== null);
  }

  /** The hub's `device_id` of a lock; `undefined` until they have met. */
  deviceIdOf(lock: SimLock): string | undefined {
    return this.#deviceIds.get(lock);
  }

  /** When the hub last began or ended a write to a lock. */
  lastWriteTo(lock: SimLock): Instant {
    return this.#writtenAt.get(this.deviceIdOf(lock) ?? '') ?? this.setting.start;
  }

  lockOf(deviceId: string): SimLock | undefined {
    return this.locks.find((lock) => this.#deviceIds.get(lock) === deviceId);
  }

  async end(): Promise<void> {
    this.internet.hub = null;
    this.face.cut();
    this.life?.kill();
    await this.face.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #hangLocks(): readonly SimLock[] {
    return this.setting.models.map(
      (model, index) =>
        new SimLock({
          id: model.name,
          model,
          address: index + 2,
          now: () => this.time.now,
          driftPpm: Math.round(this.random() * 40 - 20),
        }),
    );
  }

  /** After every start the database holds exactly what was committed last. */
  #checkKept(store: Store): void {
    for (const [deviceId, last] of this.#lastStates) {
      const difference = differenceOf(last, store.lockState(deviceId));
      if (difference !== null) this.witness?.onFailure(`The database lost what was committed:${difference}`);
    }
  }

  #loseTime(): void {
    const offsetMs = Math.round((this.random() * 2 - 1) * UNCERTAIN_MS);
    this.stepClock(offsetMs, UNCERTAIN_MS);
  }

  #committed(before: LockState | undefined, after: LockState, events: readonly DomainEvent[]): void {
    const { deviceId, address } = after.lock;
    if (before?.lock.address !== address) {
      const met = this.locks.find((one) => (one.ieee ?? one.address) === address);
      if (met !== undefined) this.#deviceIds.set(met, deviceId);
    }
    this.#lastStates.set(deviceId, after);
    const lock = this.lockOf(deviceId);
    if (lock !== undefined) this.deceit.follow(lock, before, after);
    for (const event of events) {
      this.note(`${deviceId.slice(0, 4)} ${event.event_type} ${event.access_code_id?.slice(-6) ?? ''}`);
    }
    this.witness?.onCommit(before, after, events);
  }

  #radioLogged(line: string): void {
    const { level, time: _time, radio, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
    this.note(`${String(radio)}: ${String(msg)} ${JSON.stringify(fields).slice(0, ERROR_CHARACTERS)}`);
    if (Number(level) >= ERROR_LEVEL) this.#erred(line);
  }

  #erred(line: string): void {
    // It tells that it can't write, which is right.
    if (this.diskFull && line.includes('The simulated disk is full.')) return;
    this.witness?.onFailure(`The hub logged an error: ${line.slice(0, ERROR_CHARACTERS)}`);
  }

  #operated(deviceId: string, operation: Operation, outcome: Outcome | undefined): void {
    const what = `${deviceId.slice(0, 4)} ${operation.kind} ${'slot' in operation ? operation.slot : ''}`;
    if (outcome === undefined) this.note(what);
    else this.note(`${what}: ${outcome.kind}${outcome.kind === 'done' ? '' : ` (${outcome.message})`}`);
    if (outcome !== undefined) this.operations += 1;
    const lock = this.lockOf(deviceId);
    if (lock !== undefined) this.deceit.operated(lock, operation, outcome, this.time.now);
    if (isWrite(operation)) this.#writtenAt.set(deviceId, this.time.now);
    this.witness?.onOperation(deviceId, operation, outcome);
    this.onOperation(deviceId);
  }
}
