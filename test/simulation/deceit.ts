import type { Fault } from '../../drivers/sim/lock/fault.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { LockState } from '../../src/core/lock.ts';
import { isWrite, type Operation, type Outcome } from '../../src/core/operation.ts';
import { SECOND_MS, type Instant } from '../../src/core/time.ts';

/** Faults after which nothing tells the hub that its table is wrong, until it compares it. */
const LIES: ReadonlySet<Fault['kind']> = new Set(['drops_writes', 'stale_reads', 'fights_back']);

/** A lock goes on lying for this long: what it reads as, and what it puts back. */
const LIES_LAST_MS = 15 * SECOND_MS;

/** Of which slots locks have lied to the hub, and whether the hub has compared its table with them since. */
export class Deceit {
  /** Locks lie about what was written to them: when each slot last was, while the lock lied. */
  readonly #liedAt = new Map<SimLock, Map<number, Instant>>();
  /** When the last finished audit of a lock began. */
  readonly #comparedSince = new Map<SimLock, Instant>();

  /** An operation begins, or (with an outcome) ends. */
  operated(lock: SimLock, operation: Operation, outcome: Outcome | undefined, now: Instant): void {
    if (!isWrite(operation)) return;
    const { kind, slot } = operation;
    if (LIES.has(lock.fault.kind)) this.tampered(lock, slot, now);
    // What such a lock kept to itself is written over.
    const isPlain = lock.model.masksPins && lock.fault.kind === 'none' && outcome?.kind === 'done';
    const liedAt = this.#liedAt.get(lock)?.get(slot) ?? now;
    if (isPlain && kind === 'set_pin' && now > liedAt + LIES_LAST_MS) this.#liedAt.get(lock)?.delete(slot);
  }

  /** Somebody edited a slot of ours, and nobody told the hub; or the lock itself did. */
  tampered(lock: SimLock, slot: number, now: Instant): void {
    const slots = this.#liedAt.get(lock) ?? new Map<number, Instant>();
    this.#liedAt.set(lock, slots.set(slot, now));
  }

  /** Follows the audits in the commits of a lock. */
  follow(lock: SimLock, before: LockState | undefined, after: LockState): void {
    const dueSince = before?.lock.audit.dueSince ?? null;
    if (dueSince !== null && after.lock.audit.dueSince === null) this.#comparedSince.set(lock, dueSince);
  }

  /** It said that it did there what it did not, or showed what was not so, and was not compared since. */
  concerns(lock: SimLock, slot: number): boolean {
    const liedAt = this.#liedAt.get(lock)?.get(slot);
    if (liedAt === undefined) return false;
    // No comparison tells what is behind a mask.
    return lock.model.masksPins || (this.#comparedSince.get(lock) ?? 0) <= liedAt + LIES_LAST_MS;
  }

  /** It may hold a PIN in a slot of which it lied. */
  mayHold(lock: SimLock, pin: string): boolean {
    const slots = [...(this.#liedAt.get(lock)?.keys() ?? [])];
    return slots.some((slot) => this.concerns(lock, slot) && lock.codes.read(slot)?.pin.reveal() === pin);
  }

  /** It may have put back what was erased. */
  everWas(lock: SimLock): boolean {
    return this.#liedAt.has(lock);
  }
}
