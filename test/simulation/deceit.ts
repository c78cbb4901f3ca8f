import type { Fault } from '../../drivers/sim/lock/fault.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { LockState } from '../../src/core/lock.ts';
import { SECOND_MS, type Instant } from '../../src/core/time.ts';

/** Faults after which nothing tells the hub that its table is wrong, until it compares it. */
const LIES: ReadonlySet<Fault['kind']> = new Set(['drops_writes', 'stale_reads', 'fights_back']);

/** A lock goes on lying for this long: what it reads as, and what it puts back. */
const LIES_LAST_MS = 15 * SECOND_MS;

/** Which locks have lied to the hub, and whether the hub has compared its table with them since. */
export class Deceit {
  readonly #liedAt = new Map<SimLock, Instant>();
  /** When the last finished audit of a lock began. */
  readonly #comparedSince = new Map<SimLock, Instant>();

  faultChanges(lock: SimLock, fault: Fault, now: Instant): void {
    if (LIES.has(fault.kind) || LIES.has(lock.fault.kind)) this.#liedAt.set(lock, now);
  }

  /** Somebody edited a slot of ours, and nobody told the hub. */
  tampered(lock: SimLock, now: Instant): void {
    this.#liedAt.set(lock, now);
  }

  /** Follows the audits in the commits of a lock. */
  follow(lock: SimLock, before: LockState | undefined, after: LockState): void {
    const dueSince = before?.lock.audit.dueSince ?? null;
    if (dueSince !== null && after.lock.audit.dueSince === null) this.#comparedSince.set(lock, dueSince);
  }

  /** It said that it did what it did not, or showed what was not so, and was not compared since. */
  isOn(lock: SimLock): boolean {
    const liedAt = this.#liedAt.get(lock);
    if (liedAt === undefined) return false;
    // No comparison tells what is behind a mask.
    if (lock.model.masksPins) return true;
    return LIES.has(lock.fault.kind) || (this.#comparedSince.get(lock) ?? 0) <= liedAt + LIES_LAST_MS;
  }

  /** It may have put back what was erased. */
  everWas(lock: SimLock): boolean {
    return this.#liedAt.has(lock);
  }
}
