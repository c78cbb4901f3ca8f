import type { LockState } from '../core/lock.ts';
import { slotOf } from '../core/plan/assign.ts';
import { plan } from '../core/plan/plan.ts';
import type { PlannedOperation } from '../core/plan/planned.ts';
import { advance } from '../core/settle/advance.ts';
import { begin, forget } from '../core/settle/begin.ts';
import { settle } from '../core/settle/settle.ts';
import type { Outcome } from '../core/operation.ts';
import type { LockDriver } from '../lock-driver.ts';
import type { OpenOperation } from '../store/store.ts';
import { bounded, DRIVER_DEADLINE_MS } from './bounded.ts';
import type { PerformParts } from './perform.ts';

/** Operations of one lock in a row; the others come with the next try to write. */
export const REMOVALS_IN_A_ROW_MAX = 5;

/**
 * Takes off one lock what must go while the database can't be written. Nobody may enter with a code that has ended, and
 * that comes before the order of the journal: a slot that is erased without being journalled is at worst erased once
 * more, for the database goes on saying that the code is there and to be removed. Nothing is put on a lock this way,
 * because then nobody would know after a power cut whose slot it is.
 */
export class UnwrittenRemovals {
  readonly #deviceId: string;
  readonly #parts: PerformParts;
  /** What is true of the lock and not written down, and what the database wanted of it then. */
  #unwritten: { readonly state: LockState; readonly wishes: string } | null = null;

  constructor(deviceId: string, parts: PerformParts) {
    this.#deviceId = deviceId;
    this.#parts = parts;
  }

  /** The database takes what it is told again, and finds out by itself what is on the lock. */
  forget(): void {
    this.#unwritten = null;
  }

  /** The next removal that is due; `undefined`: there is none. */
  next(): PlannedOperation | undefined {
    const { clock, policy } = this.#parts;
    const state = this.#state();
    if (state === undefined) return undefined;
    return plan(state, policy, clock.now()).operations.find(takesOff);
  }

  /** Does what is due, one after the other. */
  async perform(driver: LockDriver): Promise<void> {
    for (let count = 0; count < REMOVALS_IN_A_ROW_MAX; count += 1) {
      const planned = this.next();
      if (planned === undefined || !(await this.#performOne(planned, driver))) return;
    }
  }

  async #performOne(planned: PlannedOperation, driver: LockDriver): Promise<boolean> {
    const { clock, policy, log } = this.#parts;
    const deviceId = this.#deviceId;
    const before = this.#state();
    const wishes = this.#wishes();
    if (before === undefined) return false;
    const { operation } = planned;
    const begun = begin(before, planned, policy, clock.now());
    const begunWith = 'slot' in operation ? slotOf(begun, operation.slot) : null;
    const lost: Outcome = { kind: 'unknown', message: 'The driver did not answer within its deadline.' };
    const startedMs = clock.monotonicMs();
    const outcome = await bounded(driver.execute(deviceId, operation), lost, DRIVER_DEADLINE_MS, this.#parts);
    const tookMs = clock.monotonicMs() - startedMs;
    log.warn(
      { deviceId, operation: operation.kind, reason: planned.reason, outcome: outcome.kind },
      'Done without being written down, because the disk takes nothing',
    );
    const { state } = settle(begun, planned, { outcome, tookMs, begunWith }, policy, clock.now());
    this.#unwritten = { state, wishes };
    return outcome.kind === 'done';
  }

  /** The stored state with time and what was done since; what was stored meanwhile makes that void. */
  #state(): LockState | undefined {
    const { store, clock, policy } = this.#parts;
    const stored = store.lockState(this.#deviceId);
    if (stored === undefined) return undefined;
    const { state } =
      this.#unwritten?.wishes === this.#wishes() ? this.#unwritten : { state: this.#recovered(stored) };
    return advance(state, policy, clock.now()).state;
  }

  /** What came of operations that were begun and not settled nobody knows, as after any start. */
  #recovered(stored: LockState): LockState {
    return this.#open().reduce((state, { kind, slot }) => forget(state, kind, slot), stored);
  }

  #open(): readonly OpenOperation[] {
    return this.#parts.store.openOperations().filter(({ deviceId }) => deviceId === this.#deviceId);
  }

  /** All in the database that decides what must go, as one text. */
  #wishes(): string {
    const stored = this.#parts.store.lockState(this.#deviceId);
    const codes = stored?.codes.map(({ accessCodeId, revision, removingSince, endsAt }) => [
      accessCodeId,
      revision,
      removingSince,
      endsAt,
    ]);
    const open = this.#open().map(({ operationId }) => operationId);
    return JSON.stringify([stored?.lock.generation, stored?.lock.versionReceived, codes, open]);
  }
}

/** It erases, disables, or looks at what is to be erased. */
function takesOff({ operation, priority }: PlannedOperation): boolean {
  if (priority !== 'remove') return false;
  const { kind } = operation;
  return kind === 'clear_slot' || kind === 'read_slot' || (kind === 'set_pin' && !operation.enabled);
}
