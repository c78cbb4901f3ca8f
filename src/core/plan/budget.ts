import type { Lock, LockState, Policy } from '../lock.ts';
import type { WriteOperation } from '../operation.ts';
import type { Slot } from '../slot.ts';
import { slotOf } from './assign.ts';
import { HOUR_MS, type Instant, type TimeReading } from '../time.ts';
import { withLock, withSlot } from '../with.ts';

/** Part of the budget that only removals may use: a code that has ended must not wait for an hour. */
const KEPT_FOR_REMOVALS = 1 / 4;

/** One write as it is told from others: which wish it serves, and what it does. */
function aimOf(operation: WriteOperation, wish: string): string {
  switch (operation.kind) {
    case 'set_pin':
      return `${wish} ${operation.enabled ? 'set' : 'arm'}`;
    case 'set_schedule':
      return `${wish} schedule ${JSON.stringify(operation.window)}`;
    case 'clear_slot':
    case 'clear_schedule':
      return `${wish} ${operation.kind}`;
  }
}

/**
 * The slot was written like this before for the same wish, and once more: this is the second retry or repair. The
 * first of each goes out even when the budget is spent: a lost frame or a single edit is no fight, and a guest's code
 * must not wait for an hour because of somebody else's.
 */
export function isRepeat(row: Slot, operation: WriteOperation, wish: string): boolean {
  return row.tried.includes(again(aimOf(operation, wish)));
}

function again(aim: string): string {
  return `${aim}, again`;
}

/** When one more retry or repair is within the budget; `null`: now. */
export function budgetFreeAt(
  lock: Lock,
  policy: Policy,
  now: TimeReading,
  isRemoval: boolean,
): Instant | null {
  if (!isRemoval) return isBudgetSpent(lock, now) ? lock.repeatsBlockedUntil : null;
  const { repeatedWritesPerHour } = policy;
  const recent = recentOf(lock, now);
  const frees = recent[recent.length - repeatedWritesPerHour];
  return frees === undefined ? null : frees + HOUR_MS;
}

/** The lock got so many retries and repairs that the hub holds back: something there works against it. */
export function isBudgetSpent({ repeatsBlockedUntil }: Lock, now: TimeReading): boolean {
  if (repeatsBlockedUntil === null) return false;
  // One that lies further ahead is from before the clock was set back.
  return repeatsBlockedUntil > now.earliest && repeatsBlockedUntil - now.earliest <= HOUR_MS;
}

/** The state after a write went out: it is counted if it repeats an earlier one. */
export function countWrite(
  state: LockState,
  operation: WriteOperation,
  wish: string,
  policy: Policy,
  now: TimeReading,
): LockState {
  const row = slotOf(state, operation.slot);
  const aim = aimOf(operation, wish);
  const isRepeated = row.tried.includes(aim);
  const mark = isRepeated ? again(aim) : aim;
  const ofThisWish = row.tried.filter((other) => other.startsWith(`${wish} `));
  const tried = row.tried.includes(mark) ? row.tried : [...ofThisWish, mark];
  const noted = withSlot(state, { ...row, tried });
  if (!isRepeated) return noted;
  const repeatedWrites = [...recentOf(state.lock, now), now.earliest];
  const limit = Math.floor(policy.repeatedWritesPerHour * (1 - KEPT_FOR_REMOVALS));
  const isSpent = repeatedWrites.length >= limit && !isBudgetSpent(state.lock, now);
  return withLock(noted, {
    repeatedWrites,
    ...(isSpent ? { repeatsBlockedUntil: now.earliest + HOUR_MS } : {}),
  });
}

/** Those of the last hour. Instants ahead of the clock are from before it was set back, and don't count. */
function recentOf(lock: Lock, now: TimeReading): readonly Instant[] {
  return lock.repeatedWrites.filter((at) => at <= now.earliest && now.earliest - at < HOUR_MS);
}
