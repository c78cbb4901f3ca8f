import type { Command } from '../core/command.ts';
import { advance } from '../core/settle/advance.ts';
import type { Draw } from '../core/draw.ts';
import type { LockState, Policy } from '../core/lock.ts';
import { observe } from '../core/observe/observe.ts';
import { plan, type Plan } from '../core/plan/plan.ts';
import type { Priority } from '../core/plan/planned.ts';
import { assignPins } from '../core/request/linked.ts';
import { replenish } from '../core/request/pool.ts';
import { mayTry } from '../core/timing/retry.ts';
import { missed } from '../core/settle/settle.ts';
import { HOUR_MS, SECOND_MS } from '../core/time.ts';
import type { Clock } from '../clock.ts';
import type { LockDriver } from '../lock-driver.ts';
import { StoreError } from '../store/errors.ts';
import type { Store } from '../store/store.ts';
import { bounded, DRIVER_DEADLINE_MS } from './bounded.ts';
import { LockCommands } from './lock-commands.ts';
import { perform } from './perform.ts';
import { recover } from './recover.ts';
import type { RadioGate, Turn } from './radio-gate.ts';
import { REMOVALS_IN_A_ROW_MAX, UnwrittenRemovals } from './unwritten-removals.ts';
import { Witnessing } from './witness.ts';

/** Longest sleep of an idle lock; then it is looked at again, whether or not anybody woke it. */
const IDLE_MAX_MS = HOUR_MS;

/** Wait after a turn that threw (a full disk, a bug), so that it is tried again without spinning. */
const FAULT_PAUSE_MS = 5 * SECOND_MS;

/** A self-test, the longest command, asks a lock so often; each ask has the deadline of any. */
const ASKS_MAX = 14;

/** How long after it was to move a loop counts as hanging: on a busy machine everything is late. */
const LATE_MAX_MS = 20 * SECOND_MS;

/** What the loops of all locks share. */
export interface LoopParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly log: Log;
  readonly draw: Draw;
  /** The driver has met this lock since it started, so it can be spoken to. */
  readonly isPresent: (deviceId: string) => boolean;
  /** Codes may be put on and taken off. */
  readonly mayWrite: () => boolean;
  /** The driver and the gate of a lock's radio; `undefined` unless that radio is configured and ready. */
  readonly radioOf: (
    state: LockState,
  ) => { readonly driver: LockDriver; readonly gate: RadioGate } | undefined;
}

/** The part of a pino logger that is used here. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The loop of one lock: plan, do one operation, settle it, plan again; sleep when nothing is to be done. */
export class LockLoop {
  readonly #deviceId: string;
  readonly #parts: LoopParts;
  readonly #commands: LockCommands;
  readonly #removals: UnwrittenRemovals;
  /** The database could not be written at the last turn. */
  #cannotWrite = false;
  readonly #witness: Witnessing;
  #sleep = new AbortController();
  #stopped = false;
  /** When it has to have moved, as a monotonic time. */
  #dueMs = Number.POSITIVE_INFINITY;
  /** It waits for something that a wake ends. */
  #rests = false;
  /** Its place among equals, from the first turn that it waits until the radio is its own. */
  #ticket: number | null = null;

  constructor(deviceId: string, parts: LoopParts) {
    this.#deviceId = deviceId;
    this.#parts = parts;
    this.#commands = new LockCommands(deviceId, parts);
    this.#removals = new UnwrittenRemovals(deviceId, parts);
    this.#witness = new Witnessing(parts);
  }

  /** Something about this lock may have changed. Says nothing about what. */
  wake(): void {
    if (this.#rests) this.#dueMs = Math.min(this.#dueMs, this.#parts.clock.monotonicMs());
    this.#sleep.abort();
  }

  /** It should have gone on long ago: it slept past its time, or work did not end within its deadline. */
  isOverdue(): boolean {
    return !this.#stopped && this.#parts.clock.monotonicMs() > this.#dueMs + LATE_MAX_MS;
  }

  stop(): void {
    this.#stopped = true;
    this.wake();
  }

  /** Runs until stopped. An operation under way is awaited and settled. */
  async run(): Promise<void> {
    const { clock, log } = this.#parts;
    while (!this.#stopped) {
      // Made before the plan, so that a wake during the turn ends the sleep that follows it.
      this.#sleep = new AbortController();
      this.#moves(0);
      let sleepTill: number;
      try {
        sleepTill = await this.#turn();
        this.#removals.forget();
        this.#cannotWrite = false;
      } catch (error) {
        sleepTill = clock.now().earliest + FAULT_PAUSE_MS;
        if (error instanceof StoreError && error.kind === 'disk') await this.#withoutWriting(error);
        else log.error({ deviceId: this.#deviceId, err: error }, 'A turn failed; it is tried again');
      }
      if (!this.#stopped) await this.#idle(sleepTill);
    }
  }

  /** What has ended goes, whether or not it can be written down. Told once, or the log would fill the disk as well. */
  async #withoutWriting(error: StoreError): Promise<void> {
    const { log, store, radioOf, isPresent } = this.#parts;
    const deviceId = this.#deviceId;
    if (!this.#cannotWrite)
      log.warn({ deviceId, reason: error.message }, 'Nothing can be written; it is tried again');
    this.#cannotWrite = true;
    try {
      const state = store.lockState(deviceId);
      const radio = state && radioOf(state);
      if (radio === undefined || !isPresent(deviceId) || this.#removals.next() === undefined) return;
      this.#moves(REMOVALS_IN_A_ROW_MAX * DRIVER_DEADLINE_MS);
      const place = {
        priority: 'remove',
        ticket: radio.gate.ticket(),
        signal: new AbortController().signal,
      } as const;
      await radio.gate.run(place, () => this.#removals.perform(radio.driver));
    } catch (fault) {
      log.error({ deviceId, err: fault }, 'What has ended could not be taken off');
    }
  }

  /** Sleeps until an instant, and no longer than that takes by a clock that never steps. */
  async #idle(till: number): Promise<void> {
    const { clock } = this.#parts;
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#sleep.signal, ended.signal]);
    const longestMs = till - clock.now().earliest;
    this.#rests = true;
    this.#moves(longestMs);
    await Promise.race([clock.sleepUntil(till, signal), clock.sleepFor(longestMs, signal)]);
    this.#rests = false;
    ended.abort();
  }

  /** It goes on within so long. */
  #moves(withinMs: number): void {
    this.#dueMs = this.#parts.clock.monotonicMs() + Math.max(withinMs, 0);
  }

  /** One step. Returns the instant until which nothing is to be done. */
  async #turn(): Promise<number> {
    const { clock, radioOf, isPresent, mayWrite } = this.#parts;
    const looked = this.#look();
    const now = clock.now();
    if (looked === undefined) return now.earliest + IDLE_MAX_MS;
    const { command } = looked;
    const planTill = Math.min(looked.plan.wakeAt ?? Number.POSITIVE_INFINITY, now.earliest + IDLE_MAX_MS);
    const idleTill = Math.min(planTill, command?.expiresAt ?? Number.POSITIVE_INFINITY);
    const radio = radioOf(looked.state);
    if (radio === undefined) return idleTill;
    if (command !== undefined && isPresent(this.#deviceId)) {
      await this.#queue(radio.gate, 'command', idleTill, () => this.#obey(radio.driver));
      return clock.now().earliest;
    }
    if (!looked.state.lock.online && mayTry(looked.state.lock.retryAt, now)) {
      await this.#queue(radio.gate, 'look', idleTill, () => this.#ping(radio.driver));
      return clock.now().earliest;
    }
    const [first] = looked.plan.operations;
    if (!isPresent(this.#deviceId)) return idleTill;
    const witnessMs = this.#witness.dueInMs(looked.state.lock, now);
    if (witnessMs === 0 && first?.priority !== 'remove') {
      await this.#queue(radio.gate, 'look', idleTill, () =>
        this.#witness.ask(looked.state.lock, radio.driver),
      );
      return clock.now().earliest;
    }
    if (first === undefined || !mayWrite())
      return Math.min(idleTill, now.earliest + (witnessMs ?? IDLE_MAX_MS));
    const turn = turnOf(first.priority, looked.state.lock.failures);
    await this.#queue(radio.gate, turn, idleTill, async () => {
      // Time has passed in the queue: what is done is what is right now.
      const planned = this.#stopped ? undefined : this.#look()?.plan.operations[0];
      if (planned !== undefined) await perform(this.#deviceId, planned, radio.driver, this.#parts);
    });
    return clock.now().earliest;
  }

  /** Waits for the radio, but no longer than till something may have become more urgent: then it is planned again. */
  async #queue(gate: RadioGate, priority: Turn, till: number, work: () => Promise<void>): Promise<void> {
    const waiting = new AbortController();
    const signal = AbortSignal.any([this.#sleep.signal, waiting.signal]);
    void this.#parts.clock.sleepUntil(till, signal).then(() => waiting.abort());
    this.#ticket ??= gate.ticket();
    this.#rests = true;
    this.#moves(till - this.#parts.clock.now().earliest);
    const entered = await gate.run({ priority, ticket: this.#ticket, signal }, async () => {
      this.#rests = false;
      this.#moves((priority === 'command' ? ASKS_MAX : 1) * DRIVER_DEADLINE_MS);
      this.#ticket = null;
      waiting.abort();
      await work();
    });
    this.#rests = false;
    if (!entered) waiting.abort();
  }

  /** Brings the lock's state up to date with time, and plans. */
  #look():
    | { readonly state: LockState; readonly plan: Plan; readonly command: Command | undefined }
    | undefined {
    const { store, clock, policy, draw } = this.#parts;
    return store.transaction(() => {
      const now = clock.now();
      recover(store, now, this.#deviceId);
      const before = store.lockState(this.#deviceId);
      if (before === undefined) return undefined;
      const drawn = assignPins(before, { draw, siblings: () => this.#siblings() }, policy);
      const advanced = advance(drawn, policy, now);
      const stocked = replenish(advanced.state, policy, draw, now);
      const state = stocked.state;
      const events = [...advanced.events, ...stocked.events];
      if (state !== before || events.length > 0) store.commit(before, state, events);
      return { state, plan: plan(state, policy, now), command: this.#commands.next(now) };
    });
  }

  /** Does the next command, if it is still wanted now that the radio is free. */
  async #obey(driver: LockDriver): Promise<void> {
    const { store, clock } = this.#parts;
    const command = this.#stopped ? undefined : store.transaction(() => this.#commands.next(clock.now()));
    if (command !== undefined) await this.#commands.perform(command, driver);
  }

  #siblings(): readonly LockState[] {
    const { store } = this.#parts;
    const others = store.deviceIds().filter((deviceId) => deviceId !== this.#deviceId);
    return others.flatMap((deviceId) => store.lockState(deviceId) ?? []);
  }

  async #ping(driver: LockDriver): Promise<void> {
    const { store, clock, policy } = this.#parts;
    const deviceId = this.#deviceId;
    const answered = await bounded(driver.ping(deviceId), false, DRIVER_DEADLINE_MS, this.#parts);
    store.transaction(() => {
      const now = clock.now();
      const before = store.lockState(deviceId);
      if (before === undefined || before.lock.online) return;
      const heard = { deviceId, at: now.earliest, body: { kind: 'online' } } as const;
      const step = answered
        ? observe(before, heard, undefined, policy, now)
        : { state: missed(before, now), events: [] };
      store.commit(before, step.state, step.events);
    });
  }
}

/** A lock that has just failed to answer goes behind those that answer: a removal as anything that is wanted now. */
function turnOf(priority: Priority, failures: number): Turn {
  if (failures === 0) return priority;
  switch (priority) {
    case 'remove':
      return 'set';
    case 'set':
      return 'retry';
    case 'preload':
    case 'look':
      return priority;
  }
}
