import { isPoolCode, type AccessCode } from '../access-code.ts';
import { holderOf, isFresh, ownerOf, slotOf, vacancy } from './assign.ts';
import { budgetFreeAt, isBudgetSpent, isRepeat } from './budget.ts';
import { isUserSlot, type Capabilities } from '../capability.ts';
import { clockIsFresh, clockWork, isExact } from '../timing/lock-clock.ts';
import type { LockState, Policy } from '../lock.ts';
import { isWrite, type Operation } from '../operation.ts';
import type { Blocked, PlannedOperation, Priority, Reason } from './planned.ts';
import { mustLookFirst } from '../observe/recognise.ts';
import { FAILURES_TILL_ERROR, mayTry } from '../timing/retry.ts';
import type { Slot } from '../slot.ts';
import { isSatisfied, nextForSlot } from './slot-steps.ts';
import { targetOf, timesOf, type Target } from '../timing/strategy.ts';
import type { TimeReading } from '../time.ts';

/** All that the next step of one code depends on. */
export interface Situation {
  readonly state: LockState;
  readonly capabilities: Capabilities;
  readonly policy: Policy;
  readonly now: TimeReading;
  /** Slots that other codes of this plan are about to use. */
  readonly taken: ReadonlySet<number>;
}

type PresentTarget = Extract<Target, { readonly kind: 'present' }>;
type AbsentTarget = Extract<Target, { readonly kind: 'absent' }>;

const WAITING: AbsentTarget = { kind: 'absent', because: 'waiting' };

/** The next operation for one code, or why there is none although it is not where it should be; `null`: it is. */
export function stepFor(code: AccessCode, situation: Situation): PlannedOperation | Blocked | null {
  const { state, capabilities, policy, now } = situation;
  const target = targetOf(code, state.lock, policy, now);
  const row = code.slot === null ? null : slotOf(state, code.slot);
  if (target.kind === 'as_is' || isSatisfied(target, code, row)) return null;
  if (!mayTry(code.retryAt, now)) return blocked(code, 'retry_later', { until: code.retryAt });
  if (row !== null && !isUserSlot(capabilities, row.slot)) {
    return blocked(code, 'refused_by_lock', { slot: row.slot });
  }
  if (target.kind === 'present') return present(code, target, row, situation);
  return row === null ? null : absent(code, target, row, situation);
}

function absent(
  code: AccessCode,
  target: AbsentTarget,
  row: Slot,
  situation: Situation,
): PlannedOperation | Blocked | null {
  if (mustLookFirst(row, situation.now)) return reading(row.slot, code.accessCodeId, 'remove');
  const operation = nextForSlot(target, code, row, situation.state.lock);
  const reason = target.because === 'waiting' ? 'not_yet_due' : 'window_ended_or_deleted';
  return operation && withinBudget(code, operation, 'remove', reason, target.because, situation);
}

function present(
  code: AccessCode,
  target: PresentTarget,
  row: Slot | null,
  situation: Situation,
): PlannedOperation | Blocked | null {
  const { state, capabilities, policy, now, taken } = situation;
  if (row !== null && !target.enabled && row.content.kind === 'pin' && row.content.enabled) {
    return opensTooEarly(code, target, row, situation);
  }
  if (isRefused(code)) return blocked(code, 'refused_by_lock');
  const { startsAt } = timesOf(code, state.lock, policy, now.earliest);
  const wish = `on ${startsAt ?? ''}`;
  const isAhead = isPoolCode(code) || (startsAt !== null && now.earliest < startsAt);
  const priority = isAhead ? 'preload' : 'set';
  const unread = firstUnread(state, now);
  if (unread !== null)
    return 'slot' in unread ? blocked(code, 'retry_later', unread) : { ...unread, priority };
  if (!target.enabled && isPinInUse(code, situation)) {
    return row === null ? null : absent(code, WAITING, row, situation);
  }
  const holder = code.pin === null ? undefined : holderOf(state, code.pin, code.slot);
  if (holder !== undefined) return besideHolder(code, holder, situation);
  let place = row;
  if (place === null) {
    const found = vacancy(state, capabilities, taken, now);
    if (found.kind === 'full') return blocked(code, 'no_space');
    if (found.kind === 'unread') return reading(found.slot, null, priority);
    place = slotOf(state, found.slot);
  }
  const operation = nextForSlot(target, code, place, state.lock);
  if (operation?.kind === 'set_schedule') {
    const kind = clockWork(state.lock, policy, now, true);
    const { accessCodeId } = code;
    if (kind !== null) {
      const reason = kind === 'set_clock' ? 'lock_clock_not_set' : 'lock_clock_check';
      return { operation: { kind }, accessCodeId, wish, priority, reason };
    }
    if (!isExact(now) && !clockIsFresh(state.lock, policy, now)) {
      return withoutSchedule(code, target, place, situation);
    }
  }
  const step =
    operation && withinBudget(code, operation, priority, reasonFor(operation, code, target), wish, situation);
  // Kept for this code and found empty long ago: somebody may have programmed it unheard.
  const isStale = row?.content.kind === 'empty' && !isFresh(row, now);
  return isStale && step !== null && 'operation' in step
    ? reading(place.slot, code.accessCodeId, priority)
    : step;
}

/**
 * What opens and should not yet is as urgent as what should be gone. Where the lock does not take the PIN that is to be
 * armed, the old one goes all the same.
 */
function opensTooEarly(
  code: AccessCode,
  target: PresentTarget,
  row: Slot,
  situation: Situation,
): PlannedOperation | Blocked | null {
  const { state, policy, now } = situation;
  if (isRefused(code) || isPinInUse(code, situation)) return absent(code, WAITING, row, situation);
  const { startsAt } = timesOf(code, state.lock, policy, now.earliest);
  const operation = nextForSlot(target, code, row, state.lock);
  return (
    operation && withinBudget(code, operation, 'remove', 'not_yet_due', `on ${startsAt ?? ''}`, situation)
  );
}

function isRefused({ refused }: AccessCode): boolean {
  return refused !== null && refused.reason !== 'unsupported';
}

/**
 * Another slot has the PIN, or a code that is due wants it and has found no way onto the lock yet: then nothing is armed
 * with it, and what the code's own slot holds is an old PIN, which nobody wants, or in the way.
 */
function isPinInUse({ accessCodeId, pin, slot }: AccessCode, { state, policy, now }: Situation): boolean {
  if (pin === null) return false;
  if (holderOf(state, pin, slot) !== undefined) return true;
  return state.codes.some((other) => {
    if (other.accessCodeId === accessCodeId || other.pin?.equals(pin) !== true) return false;
    const target = targetOf(other, state.lock, policy, now);
    return target.kind === 'present' && target.enabled;
  });
}

/** Another slot has the PIN of a code that is to open. A code that is only armed there gives way. */
function besideHolder(
  code: AccessCode,
  holder: Slot,
  situation: Situation,
): PlannedOperation | Blocked | null {
  const { state, policy, now } = situation;
  const rival = ownerOf(state, holder);
  const theirs = rival && targetOf(rival, state.lock, policy, now);
  if (rival === undefined || theirs?.kind !== 'present' || theirs.enabled) {
    return blocked(code, 'duplicate_on_lock', { slot: holder.slot });
  }
  // Nobody knows what is there: its own code has it read.
  if (holder.content.kind === 'unknown') {
    return blocked(code, 'retry_later', { slot: holder.slot, until: rival.retryAt });
  }
  const { accessCodeId, revision } = rival;
  const operation = { kind: 'clear_slot', slot: holder.slot } as const;
  const wish = `${accessCodeId} ${revision} gives way`;
  return { operation, accessCodeId, wish, priority: 'set', reason: 'gives_way_to_another_code' };
}

/**
 * The hub can't give the lock the time that its schedule needs. Where the window is open for certain, the PIN goes on
 * without one, and the hub takes it off.
 */
function withoutSchedule(
  code: AccessCode,
  target: PresentTarget,
  place: Slot,
  situation: Situation,
): PlannedOperation | Blocked | null {
  const { state, policy, now } = situation;
  const { startsAt } = timesOf(code, state.lock, policy, now.earliest);
  const isOpen = startsAt !== null && startsAt <= now.earliest;
  const operation = isOpen ? nextForSlot({ ...target, schedule: null }, code, place, state.lock) : null;
  if (operation === null) return blocked(code, 'hub_clock_uncertain', { slot: place.slot });
  return withinBudget(
    code,
    operation,
    'set',
    reasonFor(operation, code, target),
    `open ${startsAt}`,
    situation,
  );
}

/** What our own slots hold is known before anything is written: one of them may have the PIN that is wanted. */
function firstUnread(
  state: LockState,
  now: TimeReading,
): PlannedOperation | { readonly slot: number; readonly until: number | null } | null {
  const unread = state.slots.find((row) => {
    const isUnread = row.content.kind === 'unknown' || row.recheck === 'restored';
    const owner = isUnread ? ownerOf(state, row) : undefined;
    // One that has failed too often to be read does not stop the others.
    return owner !== undefined && owner.failures < FAILURES_TILL_ERROR;
  });
  if (unread === undefined) return null;
  const until = ownerOf(state, unread)?.retryAt ?? null;
  if (!mayTry(until, now)) return { slot: unread.slot, until };
  return reading(unread.slot, unread.owner, 'set');
}

function reading(slot: number, accessCodeId: string | null, priority: Priority): PlannedOperation {
  const operation: Operation = { kind: 'read_slot', slot };
  return { operation, accessCodeId, wish: '', priority, reason: 'content_unknown' };
}

/** The operation, unless it repeats what was tried before and the hour's budget for that is spent. */
function withinBudget(
  code: AccessCode,
  operation: Operation,
  priority: Priority,
  reason: Reason,
  phase: string,
  { state, policy, now }: Situation,
): PlannedOperation | Blocked {
  const { accessCodeId } = code;
  const wish = `${accessCodeId} ${code.revision} ${phase}`;
  // Who fights for a slot reports it each time; while nothing may be put back, it need not be looked at.
  const isFight = code.externallyModified && isBudgetSpent(state.lock, now);
  if (operation.kind === 'read_slot' && isFight && code.pin !== null) {
    const { slot } = operation;
    const putBack = { kind: 'set_pin', slot, pin: code.pin, enabled: true } as const;
    if (isRepeat(slotOf(state, slot), putBack, wish)) {
      return blocked(code, 'write_budget_spent', { slot, until: state.lock.repeatsBlockedUntil });
    }
  }
  if (isWrite(operation) && isRepeat(slotOf(state, operation.slot), operation, wish)) {
    const until = budgetFreeAt(state.lock, policy, now, priority === 'remove');
    if (until !== null) return blocked(code, 'write_budget_spent', { slot: operation.slot, until });
  }
  return { operation, accessCodeId, wish, priority, reason };
}

function reasonFor(operation: Operation, code: AccessCode, target: PresentTarget): Reason {
  if (operation.kind === 'read_slot') return 'content_unknown';
  if (!target.enabled) return 'armed_ahead';
  return code.externallyModified ? 'edited_at_the_lock' : 'should_be_on_lock';
}

function blocked(
  { accessCodeId }: AccessCode,
  because: Blocked['because'],
  more: { readonly slot?: number; readonly until?: number | null } = {},
): Blocked {
  return { accessCodeId, because, slot: more.slot ?? null, until: more.until ?? null };
}
