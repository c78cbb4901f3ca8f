import type { LockEventBody } from '../../../src/core/lock-event.ts';
import type { Outcome } from '../../../src/core/operation.ts';
import type { SlotReading } from '../../../src/core/slot.ts';
import type { Instant } from '../../../src/core/time.ts';
import type { ActionOutcome } from '../../../src/lock-driver.ts';
import { departure } from '../lock/fault.ts';
import type { LockReport, SimLock } from '../lock/lock.ts';
import { describe } from './describe.ts';
import { FRAME_MS } from './link.ts';
import type { Radio } from './outcome.ts';

/** Reports of one lock that are on their way; past that they are lost. */
const REPORTS_MAX = 32;

/** Tells the hub what happened at a lock; `at` only where the lock itself said when. */
type Tell = (body: LockEventBody, at?: Instant) => void;

/** A lock that the radio speaks with, and what frames have told of it. */
export class Contact {
  readonly lock: SimLock;
  readonly deviceId: string;
  readonly tell: Tell;
  found = false;
  online = true;
  heardDuplicate = false;
  heardJam = false;
  /** `null` until an answer has shown it. */
  credentialsMissing: boolean | null = null;
  #reportsUnderway = 0;
  unsubscribe: () => void = () => undefined;

  constructor(lock: SimLock, deviceId: string, tell: Tell) {
    this.lock = lock;
    this.deviceId = deviceId;
    this.tell = tell;
  }

  tellFound(readings: readonly SlotReading[]): void {
    this.found = true;
    this.tell({ kind: 'found', description: describe(this.lock), snapshot: readings });
    this.tell({ kind: 'online' });
  }

  /** What the end of an exchange says of the way to the lock. */
  learnFrom(ended: Outcome['kind'] | ActionOutcome['kind']): void {
    if (ended === 'unreachable') this.setOnline(false);
    if (ended === 'done' || ended === 'unknown') this.setOnline(true);
  }

  /** Takes a report of the lock through the air, where it may be lost or late. */
  async carry(report: LockReport, { sleep, random, up }: Radio): Promise<void> {
    const { lock } = this;
    if (lock.fault.kind === 'foreign_keys') return;
    lock.frameSent();
    const { lost, delayMs } = departure(lock.fault, random);
    if (lost || this.#reportsUnderway >= REPORTS_MAX) return;
    this.#reportsUnderway += 1;
    const { delayReportsMs, clock, model } = lock;
    // Only a lock with a clock can say that something happened earlier; what it says is as right as its clock.
    const at = delayReportsMs > 0 && model.clock !== 'none' ? clock.utc() : undefined;
    await sleep(FRAME_MS + delayMs + delayReportsMs);
    this.#reportsUnderway -= 1;
    if (!up() || !this.found) return;
    if (report.kind === 'duplicate_refused') this.heardDuplicate = true;
    if (report.kind === 'jammed') this.heardJam = true;
    this.setOnline(true);
    this.tell(report, at);
  }

  setOnline(online: boolean): void {
    if (this.online === online || !this.found) return;
    this.online = online;
    this.tell({ kind: online ? 'online' : 'offline' });
  }

  setCredentialsMissing(missing: boolean): void {
    if (this.credentialsMissing === missing) return;
    this.credentialsMissing = missing;
    this.tell({ kind: 'credentials', missing });
  }
}
