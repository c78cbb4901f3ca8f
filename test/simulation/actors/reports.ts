import type { LockEventBody } from '../../../src/core/lock-event.ts';
import { MINUTE_MS, SECOND_MS, type Instant } from '../../../src/core/time.ts';
import type { Agenda } from '../agenda.ts';
import type { World } from '../world.ts';

/** Latest that a lock tells what happened. */
const LATE_MS = 10 * MINUTE_MS;

/** A radio that lost an acknowledgement repeats itself within this time. */
const DOUBLED_MS = SECOND_MS;

/** What radios make of the reports of locks: late ones, doubled ones, and such that do not say which slot. */
export class Reports {
  readonly #world: World;
  readonly #agenda: Agenda;

  constructor(world: World, agenda: Agenda) {
    this.#world = world;
    this.#agenda = agenda;
  }

  start(): void {
    this.#world.onReport = (body, tell) => this.#carry(body, tell);
  }

  #carry(body: LockEventBody, tell: (body: LockEventBody, at?: Instant) => void): void {
    const { random, time, wall } = this.#world;
    if (body.kind === 'unlocked' && random() < 0.2) {
      // A lock that tells late says when it was, by a clock that this hub has set.
      const at = wall.now().earliest;
      return this.#agenda.later(LATE_MS, () => tell(body, at));
    }
    if (body.kind === 'unlocked' && random() < 0.2) {
      time.at(time.now + Math.floor(random() * DOUBLED_MS), () => tell(body));
    }
    if (body.kind === 'slot_changed' && random() < 0.1) return tell({ ...body, slot: null });
    tell(body);
  }
}
