import type { AccessCode } from './access-code.ts';
import { holderOf, ownerOf, slotOf, vacancy } from './assign.ts';
import { isUserSlot, type Capabilities } from './capability.ts';
import { clockIsFresh, isExact } from './lock-clock.ts';
import type { LockState, Policy } from './lock.ts';
import type { Operation } from './operation.ts';
import { FAILURES_TILL_ERROR, mayTry } from './retry.ts';
import type { Slot } from './slot.ts';
import { isSatisfied, nextForSlot } from './slot-steps.ts';
import { targetOf } from './strategy.ts';
import type { Instant, TimeReading } from './time.ts';
import { nextChangeAt } from './wake.ts';

/** Why an operation is planned, or why a code waits; data first, sentences elsewhere. */
type Reason =
  | 'window_ended_or_deleted'
  | 'not_yet_due'
  | 'should_be_on_lock'
  | 'edited_at_the_lock'
  | 'content_unknown'
  | 'lock_clock_not_set'
  | 'gives_way_to_another_code';

/** Order of work on one lock: what must go, goes first (decision 16). */
export type Priority = 'remove' | 'set' | 'preload' | 'look';

const PRIORITY_ORDER: Readonly<Record<Priority, number>> = { remove: 0, set: 1, preload: 2, look: 3 };

export interface PlannedOperation {
  readonly operation: Operation;
  /** The code it serves; `null` when it only looks. Its slot is kept for the code from then on. */
  readonly accessCodeId: string | null;
  readonly priority: Priority;
  readonly reason: Reason;
}

/** Why a code that should be on the lock gets no operation. */
export interface Blocked {
  readonly accessCodeId: string;
  readonly because:
    | 'retry_later'
    | 'refused_by_lock'
    | 'no_space'
    | 'duplicate_on_lock'
    | 'hub_clock_uncertain';
  /** The slot that holds the same PIN, where that is the reason. */
  readonly slot: number | null;
}

export interface Plan {
  /** In the order they are to be done; the loop does the first and plans again. */
  readonly operations: readonly PlannedOperation[];
  readonly blocked: readonly Blocked[];
  /** When something changes by itself; `null`: only a wake changes anything. */
  readonly wakeAt: Instant | null;
}

/**
 * Compares what a lock should hold with what it is believed to hold, and answers what to do next and why.
 * Pure: the same input gives the same plan.
 */
export function plan(state: LockState, policy: Policy, now: TimeReading): Plan {
  const { capabilities } = state.lock;
  const wakeAt = nextChangeAt(state, policy, now);
  if (capabilities === null) return { operations: [], blocked: [], wakeAt };
  const operations: PlannedOperation[] = [];
  const blocked: Blocked[] = [];
  const taken = new Set<number>();
  for (const code of inOrder(state.codes)) {
    const step = stepFor(code, state, capabilities, policy, now, taken);
    if (step === null) continue;
    if ('operation' in step) {
      operations.push(step);
      if ('slot' in step.operation && step.operation.kind !== 'read_slot') taken.add(step.operation.slot);
    } else blocked.push(step);
  }
  if (!mayTry(state.lock.retryAt, now)) return { operations: [], blocked, wakeAt };
  if (operations.length === 0) operations.push(...breakRing(state, blocked));
  operations.push(...looks(state, policy, now));
  operations.sort((a, b) => rank(a) - rank(b));
  return { operations, blocked, wakeAt };
}

/** What a slot of ours holds is known before anything is written in its class: it may be the PIN that is wanted. */
function rank({ priority, operation }: PlannedOperation): number {
  return PRIORITY_ORDER[priority] - (operation.kind === 'read_slot' ? 0.5 : 0);
}

/** Earliest start first; codes without a start belong on the lock already. */
function inOrder(codes: readonly AccessCode[]): readonly AccessCode[] {
  return codes.toSorted((a, b) => (a.startsAt ?? 0) - (b.startsAt ?? 0) || a.createdAt - b.createdAt);
}

function stepFor(
  code: AccessCode,
  state: LockState,
  capabilities: Capabilities,
  policy: Policy,
  now: TimeReading,
  taken: ReadonlySet<number>,
): PlannedOperation | Blocked | null {
  const { accessCodeId } = code;
  const target = targetOf(code, state.lock, policy, now);
  const row = code.slot === null ? null : slotOf(state, code.slot);
  if (target.kind === 'as_is' || isSatisfied(target, code, row)) return null;
  if (!mayTry(code.retryAt, now)) return { accessCodeId, because: 'retry_later', slot: null };
  if (row !== null && !isUserSlot(capabilities, row.slot)) {
    return { accessCodeId, because: 'refused_by_lock', slot: row.slot };
  }
  if (target.kind === 'absent') {
    if (row === null) return null;
    const operation = nextForSlot(target, code, row, state.lock);
    const reason = target.because === 'waiting' ? 'not_yet_due' : 'window_ended_or_deleted';
    return operation && { operation, accessCodeId, priority: 'remove', reason };
  }
  if (code.refused !== null && code.refused.reason !== 'unsupported') {
    return { accessCodeId, because: 'refused_by_lock', slot: null };
  }
  const priority = code.startsAt !== null && now.earliest < code.startsAt ? 'preload' : 'set';
  // What our own slots hold is known before anything is written: one of them may have the PIN that is wanted.
  const unread = unreadSlot(state);
  if (unread !== undefined) {
    if (!mayTry(ownerOf(state, unread)?.retryAt ?? null, now)) {
      return { accessCodeId, because: 'retry_later', slot: unread.slot };
    }
    const operation: Operation = { kind: 'read_slot', slot: unread.slot };
    return { operation, accessCodeId: unread.owner, priority, reason: 'content_unknown' };
  }
  const holder = code.pin === null ? undefined : holderOf(state, code.pin, code.slot);
  if (holder !== undefined) return { accessCodeId, because: 'duplicate_on_lock', slot: holder.slot };
  if (row === null) {
    const found = vacancy(state, capabilities, taken, now);
    if (found.kind === 'full') return { accessCodeId, because: 'no_space', slot: null };
    if (found.kind === 'unread') {
      const operation: Operation = { kind: 'read_slot', slot: found.slot };
      return { operation, accessCodeId: null, priority, reason: 'content_unknown' };
    }
    return present(nextForSlot(target, code, slotOf(state, found.slot), state.lock));
  }
  return present(nextForSlot(target, code, row, state.lock));

  function present(operation: Operation | null): PlannedOperation | Blocked | null {
    if (operation === null) return null;
    if (operation.kind === 'set_schedule' && !clockIsFresh(state.lock, policy, now)) {
      if (!isExact(now)) return { accessCodeId, because: 'hub_clock_uncertain', slot: row?.slot ?? null };
      return { operation: { kind: 'set_clock' }, accessCodeId, priority, reason: 'lock_clock_not_set' };
    }
    return { operation, accessCodeId, priority, reason: reasonFor(operation, code) };
  }
}

/** A slot of ours whose content nobody knows; one that has failed too often to be read does not stop the others. */
function unreadSlot(state: LockState): Slot | undefined {
  return state.slots.find((row) => {
    const owner = row.content.kind === 'unknown' ? ownerOf(state, row) : undefined;
    return owner !== undefined && owner.failures < FAILURES_TILL_ERROR;
  });
}

function reasonFor(operation: Operation, code: AccessCode): Reason {
  if (operation.kind === 'read_slot') return 'content_unknown';
  return code.status === 'set' ? 'edited_at_the_lock' : 'should_be_on_lock';
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
    return [
      {
        operation: { kind: 'clear_slot', slot },
        accessCodeId: owner.accessCodeId,
        priority: 'set',
        reason: 'gives_way_to_another_code',
      },
    ];
  }
  return [];
}

/** Looks: slots that somebody may have touched, ours first, and the clock of a lock that holds a schedule. */
function looks(state: LockState, policy: Policy, now: TimeReading): readonly PlannedOperation[] {
  const reads = state.slots
    .filter((row) => row.recheck !== 'no' || (row.content.kind === 'unknown' && row.owner === null))
    .map(({ slot, owner }): PlannedOperation => {
      const planned = look({ kind: 'read_slot', slot }, 'content_unknown');
      return owner === null ? planned : { ...planned, priority: 'set' };
    });
  const scheduled = state.slots.some(({ schedule }) => schedule.kind === 'known' && schedule.window !== null);
  if (scheduled && !state.lock.nativeRefused && !clockIsFresh(state.lock, policy, now) && isExact(now)) {
    reads.push({ ...look({ kind: 'set_clock' }, 'lock_clock_not_set'), priority: 'set' });
  }
  return reads;
}

function look(operation: Operation, reason: Reason): PlannedOperation {
  return { operation, accessCodeId: null, priority: 'look', reason };
}
