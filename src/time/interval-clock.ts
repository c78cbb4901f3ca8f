import type { Clock, ClockBasis, TimeHint } from '../clock.ts';
import {
  atLeast,
  CLOUD_ERROR_MS,
  DRIFT,
  intervalAt,
  SYSTEM_ERROR_MS,
  withSighting,
  witnessed,
  type Interval,
  type Sightings,
  type Witness,
} from '../core/timing/interval.ts';
import { isExact } from '../core/timing/lock-clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Instant, type TimeReading } from '../core/time.ts';

/** How often wall clock and monotonic clock are compared. */
const LOOK_EVERY_MS = 10 * SECOND_MS;
/** How often the system is asked whether it is synchronised: while it was (a drift of 0.18 s), and while it was not. */
const ASK_EVERY_MS = 30 * MINUTE_MS;
const ASK_AGAIN_MS = 30 * SECOND_MS;
/** A wall clock that moved by more against the monotonic one was set; a time service slews less. */
const STEP_MS = 500;
/** An uptime that ran ahead of the monotonic clock by more shows that the machine slept: it may tell whole seconds only. */
const SLEPT_MS = 3 * SECOND_MS;
/**
 * The floor is written down this often, and when the hub stops: a commit costs 8,212 bytes on the card (`scripts/bench
 * wear`), so this comes to 0.8 MB a day, and every minute would be 11.8 MB of the 5 MB that an idle hub may write.
 */
const BEAT_EVERY_MS = 15 * MINUTE_MS;
/** A clock that the host keeps is not believed further ahead of what an earlier run knew: it looks like one gone wrong. */
const HOST_AHEAD_MAX_MS = 30 * DAY_MS;
/** Doubt that is over by then is not worth telling: at a start the sources need a moment. */
const DOUBT_TOLD_AFTER_MS = MINUTE_MS;
/** A dispute ends after this long without a step of a synchronised system: then what an earlier run left behind was wrong. */
const DISPUTE_MS = DAY_MS;
/** A clock of a lock that was read longer ago says nothing more that the monotonic clock does not. */
const WITNESS_KEPT_MS = HOUR_MS;
/** A changed interval is news from this much on. */
const NEWS_MS = 250;
/** Longest timer; Node takes no more than 24 days. */
const SLEEP_MAX_MS = HOUR_MS;

/**
 * Who keeps the wall clock right. `service`: a time service, or somebody vouches for it. `host`: nobody here, but this is
 * a container or a virtual machine, and the computer below it is taken to.
 */
export type ClockHolder = 'service' | 'host' | 'nobody';

/** The machine as far as time goes. */
export interface Machine {
  /** The wall clock, right or wrong. */
  wallMs(): Instant;
  /** Never steps; stands still while the machine sleeps. */
  monotonicMs(): number;
  /** Never steps, and goes on while the machine sleeps; to a second. */
  upMs(): number;
  /** Never rejects; bounded by its own deadline. */
  holder(): Promise<ClockHolder>;
  sleepFor(durationMs: number, signal: AbortSignal): Promise<void>;
}

/** What the clock leaves to the next run of the hub. */
export interface ClockMemory {
  /** The latest instant that an earlier run knew to have passed; `null` before the first. */
  floor(): Instant | null;
  /** The hub lives, and it is at least so late. */
  beat(floor: Instant): void;
}

/** What happens to the clock that somebody may want to hear of. */
export interface ClockEvents {
  /** The interval is another one than could be foreseen: what waits for a time is to be looked at again. */
  readonly onChange: () => void;
  /** Somebody or something set the wall clock, by so much. */
  readonly onStep: (byMs: number) => void;
  /** The hub has not known the time well enough for a while, or does so again. */
  readonly onDoubt: (isDoubtful: boolean, basis: ClockBasis) => void;
  /** The floor could not be written down. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * A clock that is an interval: the truth lies between its two ends, as far as its sources say. It counts by the
 * monotonic clock of the machine from what they said last; the wall clock is believed only while it is synchronised.
 */
export class IntervalClock implements Clock {
  readonly #machine: Machine;
  readonly #stopped = new AbortController();
  readonly #sleepers = new Set<() => void>();
  #known: Sightings;
  #witnesses: readonly Witness[] = [];
  /** What the monotonic clock missed while the machine slept. */
  #sleptMs = 0;
  /** Wall clock and uptime less monotonic clock, at the last look. */
  #wallAheadMs: number;
  #upAheadMs: number;
  #askAtMs = 0;
  readonly #startedMs: number;
  /** Since when the system is synchronised without a step; `null`: it is not. */
  #steadySinceMs: number | null = null;
  /** When the wall clock was set last; `null`: not since the start. */
  #steppedAtMs: number | null = null;
  #doubtSinceMs: number | null = null;
  #isDoubtTold = false;
  #events: ClockEvents | null = null;
  #done: Promise<void> = Promise.resolve();

  constructor(machine: Machine, builtAt: Instant) {
    this.#machine = machine;
    this.#known = { build: atLeast(builtAt, machine.monotonicMs()) };
    this.#startedMs = machine.monotonicMs();
    this.#wallAheadMs = machine.wallMs() - machine.monotonicMs();
    this.#upAheadMs = machine.upMs() - machine.monotonicMs();
  }

  /** Takes up what an earlier run left behind, and asks the system once before it resolves. */
  async start(memory: ClockMemory, events: ClockEvents): Promise<void> {
    const floor = memory.floor();
    if (floor !== null) this.#known = { ...this.#known, floor: atLeast(floor, this.monotonicMs()) };
    await this.#askSystem();
    this.#events = events;
    this.#done = this.#run(memory);
  }

  /** Writes the floor down once more, for which the store must still be open. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#done;
  }

  now(): TimeReading {
    // Instants are whole milliseconds.
    const { earliest, latest } = this.#interval();
    return { earliest: Math.floor(earliest), latest: Math.ceil(latest) };
  }

  monotonicMs(): number {
    return this.#machine.monotonicMs() + this.#sleptMs;
  }

  basis(): ClockBasis {
    const interval = this.#interval();
    const { from, till, isDisputed, overruled } = interval;
    return { isTrusted: isExact(interval), from, till, isDisputed, overruled };
  }

  hear(hint: TimeHint): void {
    this.#noteSleep();
    const monotonicMs = this.monotonicMs();
    if (hint.kind === 'cloud') {
      const { at, askedMs } = hint;
      const latest =
        askedMs === null ? Number.POSITIVE_INFINITY : at + CLOUD_ERROR_MS + (monotonicMs - askedMs);
      const cloud = { earliest: at - CLOUD_ERROR_MS, latest, monotonicMs };
      this.#learn(withSighting(this.#known, 'cloud', cloud));
      return;
    }
    const { deviceId, shows, setAt } = hint;
    const others = this.#witnesses.filter(
      (one) => one.deviceId !== deviceId && monotonicMs - one.monotonicMs < WITNESS_KEPT_MS,
    );
    this.#witnesses = [...others, { deviceId, shows, setAt, monotonicMs }];
    const locks = witnessed(this.#witnesses, monotonicMs);
    if (locks !== null) this.#learn({ ...this.#known, locks });
  }

  async sleepUntil(at: Instant, signal: AbortSignal): Promise<void> {
    for (;;) {
      const leftMs = at - this.now().earliest;
      if (leftMs <= 0 || signal.aborted) return;
      const changed = new AbortController();
      const rearm = (): void => changed.abort();
      this.#sleepers.add(rearm);
      // The beginning of the interval goes a little slower than the monotonic clock.
      const sleepMs = Math.ceil(Math.min(leftMs / (1 - DRIFT), SLEEP_MAX_MS));
      await this.sleepFor(sleepMs, AbortSignal.any([signal, changed.signal]));
      this.#sleepers.delete(rearm);
    }
  }

  sleepFor(durationMs: number, signal: AbortSignal): Promise<void> {
    return this.#machine.sleepFor(durationMs, signal);
  }

  #interval(): Interval {
    return intervalAt(this.#known, this.monotonicMs());
  }

  async #run(memory: ClockMemory): Promise<void> {
    let beatAtMs = Number.NEGATIVE_INFINITY;
    while (!this.#stopped.signal.aborted) {
      await this.#look();
      this.#settleDispute();
      this.#tellDoubt();
      if (this.monotonicMs() >= beatAtMs) {
        this.#beat(memory);
        beatAtMs = this.monotonicMs() + BEAT_EVERY_MS;
      }
      await this.sleepFor(LOOK_EVERY_MS, this.#stopped.signal);
    }
    this.#beat(memory);
  }

  /** Compares the clocks of the machine, and asks the system where it is time for that or its clock was set. */
  async #look(): Promise<void> {
    this.#noteSleep();
    const aheadMs = this.#machine.wallMs() - this.monotonicMs();
    const byMs = aheadMs - this.#wallAheadMs;
    this.#wallAheadMs = aheadMs;
    if (Math.abs(byMs) > STEP_MS) {
      this.#steadySinceMs = null;
      this.#steppedAtMs = this.monotonicMs();
      this.#askAtMs = 0;
      this.#events?.onStep(byMs);
    }
    if (this.monotonicMs() >= this.#askAtMs) await this.#askSystem();
  }

  #noteSleep(): void {
    const aheadMs = this.#machine.upMs() - this.#machine.monotonicMs();
    const sleptMs = aheadMs - this.#upAheadMs;
    if (sleptMs < SLEPT_MS) return;
    this.#upAheadMs = aheadMs;
    this.#askAtMs = 0;
    this.#sleptMs += sleptMs;
    for (const rearm of this.#sleepers) rearm();
    this.#events?.onChange();
  }

  async #askSystem(): Promise<void> {
    const holder = await this.#machine.holder();
    const isHeld = holder === 'service' || (holder === 'host' && this.#isHostBelieved());
    const monotonicMs = this.monotonicMs();
    this.#askAtMs = monotonicMs + (isHeld ? ASK_EVERY_MS : ASK_AGAIN_MS);
    if (!isHeld) {
      this.#steadySinceMs = null;
      return;
    }
    const wallMs = this.#machine.wallMs();
    // It was set while we asked: the next look sees that, and asks again.
    if (Math.abs(wallMs - monotonicMs - this.#wallAheadMs) > STEP_MS) return;
    this.#steadySinceMs ??= monotonicMs;
    const system = { earliest: wallMs - SYSTEM_ERROR_MS, latest: wallMs + SYSTEM_ERROR_MS, monotonicMs };
    this.#learn({ ...this.#known, system });
  }

  /** Nobody here can ask the host for its time service, so its clock must behave: or have been steady for a day. */
  #isHostBelieved(): boolean {
    const steadyMs = this.monotonicMs() - (this.#steppedAtMs ?? this.#startedMs);
    if (steadyMs >= DISPUTE_MS) return true;
    const { floor } = this.#known;
    const aheadMs = floor === undefined ? 0 : this.#machine.wallMs() - floor.earliest;
    return this.#steppedAtMs === null && aheadMs <= HOST_AHEAD_MAX_MS;
  }

  #learn(known: Sightings): void {
    const before = this.#interval();
    this.#known = known;
    const after = this.#interval();
    const isNews =
      isOtherThan(before.earliest, after.earliest) ||
      isOtherThan(before.latest, after.latest) ||
      isExact(before) !== isExact(after);
    if (!isNews) return;
    for (const rearm of this.#sleepers) rearm();
    this.#events?.onChange();
  }

  /** A floor that a wrong clock once left behind must not keep a hub without a cloud from knowing the time for ever. */
  #settleDispute(): void {
    const { floor: _floor, ...known } = this.#known;
    const { system, build } = known;
    if (!this.#interval().isDisputed || system === undefined || this.#steadySinceMs === null) return;
    const isLong = this.monotonicMs() - this.#steadySinceMs >= DISPUTE_MS;
    if (isLong && system.earliest >= (build?.earliest ?? 0)) this.#learn(known);
  }

  #tellDoubt(): void {
    const nowMs = this.monotonicMs();
    if (isExact(this.now())) {
      this.#doubtSinceMs = null;
      if (this.#isDoubtTold) this.#events?.onDoubt(false, this.basis());
      this.#isDoubtTold = false;
      return;
    }
    this.#doubtSinceMs ??= nowMs;
    if (this.#isDoubtTold || nowMs - this.#doubtSinceMs < DOUBT_TOLD_AFTER_MS) return;
    this.#isDoubtTold = true;
    this.#events?.onDoubt(true, this.basis());
  }

  /** What only locks say is not handed on: somebody may have set one by hand. */
  #beat(memory: ClockMemory): void {
    const { locks: _locks, ...known } = this.#known;
    try {
      memory.beat(Math.floor(intervalAt(known, this.monotonicMs()).earliest));
    } catch (error) {
      this.#events?.onFailure(error);
    }
  }
}

function isOtherThan(before: number, after: number): boolean {
  return before !== after && !(Math.abs(before - after) <= NEWS_MS);
}
