import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { DAY_MS, type Instant } from '../../../src/core/time.ts';
import type { World } from '../world.ts';

/** What one look of an audit may cost beyond the budget: it is only begun within it, and frames are sent again. */
const OVERSHOOT_FRAMES = 20;

/** Counts the frames that audits cost each lock. */
export class Frames {
  readonly #world: World;
  readonly #onFailure: (failure: string) => void;
  readonly #begunAt = new Map<SimLock, number>();
  /** Frames of the operation that has just ended. */
  readonly #last = new Map<SimLock, number>();
  readonly #audits = new Map<SimLock, { readonly at: Instant; readonly frames: number }[]>();

  constructor(world: World, onFailure: (failure: string) => void) {
    this.#world = world;
    this.#onFailure = onFailure;
  }

  operated(lock: SimLock, ended: boolean): void {
    const frames = lock.frames.received + lock.frames.sent;
    if (!ended) this.#begunAt.set(lock, frames);
    else this.#last.set(lock, frames - (this.#begunAt.get(lock) ?? frames));
  }

  /** Why the operation that has just ended was done. */
  explained(lock: SimLock, reason: string): void {
    if (reason !== 'audit' || lock.fault.kind !== 'none') return;
    const { now } = this.#world.time;
    // A step of the hub's clock begins a new day for it.
    const since = Math.max(now - DAY_MS, this.#world.wall.steppedAt);
    const lately = (this.#audits.get(lock) ?? []).filter(({ at }) => at > since);
    lately.push({ at: now, frames: this.#last.get(lock) ?? 0 });
    this.#audits.set(lock, lately);
    const frames = lately.reduce((sum, audit) => sum + audit.frames, 0);
    // A day of the hub begins with an audit, so two budgets can lie in any 24 hours.
    if (frames > 2 * this.#world.setting.policy.auditFramesPerDay + OVERSHOOT_FRAMES) {
      this.#onFailure(`${lock.id}: audits cost ${frames} frames in a day`);
    }
  }
}
