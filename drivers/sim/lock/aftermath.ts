import type { Instant } from '../../../src/core/time.ts';
import type { HeldCode } from './code-table.ts';
import type { Fault } from './fault.ts';

/** What a slot held before a write, and until or from when that matters. */
interface Memory {
  readonly held: HeldCode | undefined;
  readonly at: Instant;
}

/** What a faulty lock does after a write: it goes on showing the old content, or takes its own code back. */
export class Aftermath {
  readonly #stale = new Map<number, Memory>();
  readonly #restores = new Map<number, Memory>();

  /** Notes a write that was executed. `before` is what the slot held. */
  written(fault: Fault, slot: number, before: HeldCode | undefined, now: Instant): void {
    if (fault.kind === 'stale_reads') this.#stale.set(slot, { held: before, at: now + fault.delayMs });
    if (fault.kind !== 'fights_back') return;
    // A second write before the lock has fought back changes nothing about what it wants to have there.
    const underway = this.#restores.get(slot);
    this.#restores.set(slot, {
      held: underway === undefined ? before : underway.held,
      at: now + fault.delayMs,
    });
  }

  /** What a read shows of a slot that truly holds `held`. */
  shown(slot: number, held: HeldCode | undefined, now: Instant): HeldCode | undefined {
    const stale = this.#stale.get(slot);
    return stale !== undefined && now < stale.at ? stale.held : held;
  }

  /** Slots that the lock takes back now, each told once, with what it wants there. */
  takeDue(now: Instant): readonly (readonly [slot: number, held: HeldCode | undefined])[] {
    const due = [...this.#restores].filter(([, { at }]) => at <= now);
    for (const [slot] of due) this.#restores.delete(slot);
    return due.map(([slot, { held }]) => [slot, held]);
  }

  forget(): void {
    this.#stale.clear();
    this.#restores.clear();
  }
}
