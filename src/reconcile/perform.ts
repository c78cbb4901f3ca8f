import type { Clock } from '../clock.ts';
import type { Policy } from '../core/lock.ts';
import type { Outcome } from '../core/operation.ts';
import { slotOf } from '../core/plan/assign.ts';
import type { PlannedOperation } from '../core/plan/planned.ts';
import { begin } from '../core/settle/begin.ts';
import { settle } from '../core/settle/settle.ts';
import type { LockDriver } from '../lock-driver.ts';
import type { Store } from '../store/store.ts';
import { bounded, DRIVER_DEADLINE_MS } from './bounded.ts';
import type { Log } from './lock-loop.ts';

export interface PerformParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly log: Log;
}

/** What came of an operation, and how long it took by a clock that never steps. */
export interface Performed {
  readonly outcome: Outcome;
  readonly tookMs: number;
}

/** Does one planned operation: journalled before the radio is touched, and settled with the events it causes. */
export async function perform(
  deviceId: string,
  planned: PlannedOperation,
  driver: LockDriver,
  parts: PerformParts,
): Promise<Performed> {
  const { store, clock, policy, log } = parts;
  const { operation, accessCodeId, reason } = planned;
  const { operationId, begunWith } = store.transaction(() => {
    const now = clock.now();
    const before = store.lockState(deviceId);
    const begun = before && begin(before, planned, policy, now);
    if (before !== undefined && begun !== undefined) store.commit(before, begun, []);
    return {
      operationId: store.begin(deviceId, operation, accessCodeId, now.earliest),
      begunWith: begun !== undefined && 'slot' in operation ? slotOf(begun, operation.slot) : null,
    };
  });
  const lost: Outcome = { kind: 'unknown', message: 'The driver did not answer within its deadline.' };
  const startedMs = clock.monotonicMs();
  const outcome = await bounded(driver.execute(deviceId, operation), lost, DRIVER_DEADLINE_MS, parts);
  const tookMs = clock.monotonicMs() - startedMs;
  const fields = { deviceId, operation: operation.kind, slot: 'slot' in operation ? operation.slot : null };
  log.debug({ ...fields, reason, outcome: outcome.kind }, 'Operation ended');
  store.transaction(() => {
    const now = clock.now();
    const before = store.lockState(deviceId);
    store.settled(operationId, outcome.kind, now.earliest);
    if (before === undefined) return;
    const step = settle(before, planned, { outcome, tookMs, begunWith }, policy, now);
    store.commit(before, step.state, step.events);
  });
  return { outcome, tookMs };
}
