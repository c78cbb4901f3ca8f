import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { DAY_MS, type Instant } from '../../../src/core/time.ts';
import type { World } from '../world.ts';

/**
 * What a day may cost beyond the budget: a lock reports something while it is looked at, or holds more schedules for
 * week days than the table said.
 */
const OVERSHOOT_FRAMES = 6;

/** A driver that starts asks each lock whether it is there, while the hub already looks at its first slot. */
const MEETING_FRAMES = 2;

/** Counts the frames that audits cost each lock. */
export class Frames {
  readonly #world: World;
  readonly #onFailure: (failure: string) => void;
  readonly #begunAt = new Map<SimLock, number>();
  /** The life of the hub in which a lock was last spoken to. */
  readonly #spokenIn = new Map<SimLock, World['life']>();
  /** Frames of the operation that has just ended. */
  readonly #last = new Map<SimLock, number>();
  /** What the audits of the hub's present day have cost. */
  readonly #days = new Map<
    SimLock,
    { readonly day: number; readonly since: Instant; readonly frames: number }
  >();

  constructor(world: World, onFailure: (failure: string) => void) {
    this.#world = world;
    this.#onFailure = onFailure;
  }

  operated(lock: SimLock, ended: boolean): void {
    const frames = lock.frames.received + lock.frames.sent;
    if (!ended) {
      this.#begunAt.set(lock, frames);
      return;
    }
    const isMeeting = this.#spokenIn.get(lock) !== this.#world.life;
    this.#spokenIn.set(lock, this.#world.life);
    const cost = frames - (this.#begunAt.get(lock) ?? frames);
    this.#last.set(lock, isMeeting && cost > MEETING_FRAMES ? cost - MEETING_FRAMES : cost);
  }

  /** Why the operation that has just ended was done. */
  explained(lock: SimLock, reason: string): void {
    if (reason !== 'audit' || lock.fault.kind !== 'none') return;
    const { time, wall } = this.#world;
    // A budget is for a day of the hub's clock, and a step of that clock can begin a new one.
    const day = Math.floor(wall.now().earliest / DAY_MS);
    const spent = this.#days.get(lock);
    const isSameDay = spent?.day === day && spent.since > wall.steppedAt;
    const frames = (this.#last.get(lock) ?? 0) + (isSameDay ? spent.frames : 0);
    this.#days.set(lock, { day, since: isSameDay ? spent.since : time.now, frames });
    if (frames > this.#world.setting.policy.auditFramesPerDay + OVERSHOOT_FRAMES) {
      this.#onFailure(`${lock.id}: audits cost ${frames} frames in a day`);
    }
  }
}
