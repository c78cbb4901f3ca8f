import { isPoolCode, type AccessCode } from '../access-code.ts';
import { ownerOf, slotOf } from './assign.ts';
import type { Lock, LockState, Policy } from '../lock.ts';
import { stepFor } from './plan-code.ts';
import { lookOf, type Blocked, type PlannedOperation, type Priority } from './planned.ts';
import { mayTry } from '../timing/retry.ts';
import type { Instant, TimeReading } from '../time.ts';
import { upkeep } from './upkeep.ts';
import { nextChangeAt } from './wake.ts';

const PRIORITY_ORDER: Readonly<Record<Priority, number>> = { remove: 0, set: 1, preload: 2, look: 3 };

export interface Plan {
  /** In the order they are to be done; the loop does the first and plans again. */
  readonly operations: readonly PlannedOperation[];
  readonly blocked: readonly Blocked[];
  /** When something changes by itself; `null`: only a wake changes anything. */
  readonly wakeAt: Instant | null;
}

/**
 * Compares what a lock should hold with what it is believed to hold, and answers what to do next and why. In safe mode
 * only what has to go is done, and nothing that could put a code on a lock. Pure: the same input gives the same plan.
 */
export function plan(state: LockState, policy: Policy, now: TimeReading): Plan {
  const whole = wholePlan(state, policy, now);
  if (!policy.safeMode) return whole;
  return { ...whole, operations: whole.operations.filter(({ priority }) => priority === 'remove') };
}

function wholePlan(state: LockState, policy: Policy, now: TimeReading): Plan {
  const { capabilities } = state.lock;
  const changesAt = nextChangeAt(state, policy, now);
  if (capabilities === null) return { operations: [], blocked: [], wakeAt: changesAt };
  const operations: PlannedOperation[] = [];
  const blocked: Blocked[] = [];
  const taken = new Set<number>();
  for (const code of inOrder(state.codes)) {
    const step = stepFor(code, { state, capabilities, policy, now, taken });
    if (step === null) continue;
    if ('operation' in step) {
      operations.push(step);
      if ('slot' in step.operation && step.operation.kind !== 'read_slot') taken.add(step.operation.slot);
    } else blocked.push(step);
  }
  const wakeAt = earliest(changesAt, blocked, now);
  if (!mayTry(state.lock.retryAt, now)) {
    return { operations: operations.filter(mayPass(state.lock)).sort(byRank(state.lock)), blocked, wakeAt };
  }
  if (operations.length === 0) operations.push(...breakRing(state, blocked));
  operations.push(...upkeep(state, policy, now, operations.length > 0));
  operations.sort(byRank(state.lock));
  return { operations, blocked, wakeAt };
}

function earliest(at: Instant | null, blocked: readonly Blocked[], now: TimeReading): Instant | null {
  return blocked.reduce(
    (first, { until }) =>
      until !== null && until > now.earliest && (first === null || until < first) ? until : first,
    at,
  );
}

/**
 * While a lock that is there waits for its next try, what serves a code goes on if only a look failed, and what must
 * go goes on in any case: each code has a wait of its own.
 */
function mayPass({ online, failedLooks }: Lock): (planned: PlannedOperation) => boolean {
  return ({ accessCodeId, priority }) =>
    online && accessCodeId !== null && (failedLooks.length > 0 || priority === 'remove');
}

/** Looks that failed let everything else go first, which they would keep waiting for ever; the oldest failure is next. */
function byRank({ failedLooks }: Lock): (a: PlannedOperation, b: PlannedOperation) => number {
  const failure = ({ operation }: PlannedOperation): number => failedLooks.indexOf(lookOf(operation) ?? '');
  return (a, b) => failure(a) - failure(b) || rank(a) - rank(b);
}

/** What a slot of ours holds, and what time a lock has, is known before anything is written in its class. */
function rank({ priority, operation }: PlannedOperation): number {
  const isLook = operation.kind === 'read_slot' || operation.kind.endsWith('_clock');
  return PRIORITY_ORDER[priority] - (isLook ? 0.5 : 0);
}

/** Earliest start first; codes without a start belong on the lock already. The pool comes last. */
function inOrder(codes: readonly AccessCode[]): readonly AccessCode[] {
  return codes.toSorted(
    (a, b) =>
      Number(isPoolCode(a)) - Number(isPoolCode(b)) ||
      (a.startsAt ?? 0) - (b.startsAt ?? 0) ||
      a.createdAt - b.createdAt,
  );
}

/**
 * Codes of ours can wait for each other's PINs in a ring (two PINs swapped in one document). Then one of them
 * leaves its slot for a moment.
 */
function breakRing(state: LockState, blocked: readonly Blocked[]): readonly PlannedOperation[] {
  const waiting = new Set(
    blocked.filter((b) => b.because === 'duplicate_on_lock').map((b) => b.accessCodeId),
  );
  for (const { slot } of blocked) {
    const owner = slot === null ? undefined : ownerOf(state, slotOf(state, slot));
    if (slot === null || owner === undefined || !waiting.has(owner.accessCodeId)) continue;
    const { accessCodeId, revision } = owner;
    return [
      {
        operation: { kind: 'clear_slot', slot },
        accessCodeId,
        wish: `${accessCodeId} ${revision} ring`,
        priority: 'set',
        reason: 'gives_way_to_another_code',
      },
    ];
  }
  return [];
}
