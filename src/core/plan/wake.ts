import type { AccessCode } from '../access-code.ts';
import { auditResumesAt } from './audit.ts';
import { isDelayed, leavesOverdueAt, overdueAt } from '../timing/delay.ts';
import { nextOffsetChange } from '../timing/local-time.ts';
import { CLOCK_CHECK_EVERY_MS, CLOCK_CHECK_LATEST_MS, CLOCK_RETRY_MS } from '../timing/lock-clock.ts';
import type { LockState, Policy } from '../lock.ts';
import { staleTill } from '../timing/stale.ts';
import { timesOf } from '../timing/strategy.ts';
import { DAY_MS, type Instant, type TimeReading } from '../time.ts';
import { needsClock } from './upkeep.ts';

/** The next instant at which planning again would give another answer by itself; `null` if there is none. */
export function nextChangeAt(state: LockState, policy: Policy, now: TimeReading): Instant | null {
  let next: Instant | null = null;
  const consider = (at: Instant | null): void => {
    if (at !== null && at > now.earliest && (next === null || at < next)) next = at;
  };
  for (const code of state.codes) for (const at of instantsOf(code, state, policy, now)) consider(at);
  consider(state.lock.retryAt);
  consider(state.lock.tamperEndsAt);
  consider(state.lock.repeatsBlockedUntil);
  for (const row of state.slots) if (row.recheck === 'later') consider(staleTill(row));
  consider(auditResumesAt(state, policy, now));
  for (const at of clockInstants(state, policy, now)) consider(at);
  return next;
}

function clockInstants(state: LockState, policy: Policy, now: TimeReading): readonly (Instant | null)[] {
  const { clockSet, clockRead, clockUnreadable } = state.lock;
  if (clockSet === null || !needsClock(state)) return [];
  const checkMs = clockUnreadable ? CLOCK_CHECK_EVERY_MS : CLOCK_CHECK_LATEST_MS;
  return [
    Math.max(clockSet.at, clockRead?.at ?? 0) + checkMs,
    clockSet.at + CLOCK_RETRY_MS,
    nextOffsetChange(policy.timezone, now.earliest, DAY_MS),
  ];
}

function instantsOf(
  code: AccessCode,
  state: LockState,
  policy: Policy,
  now: TimeReading,
): readonly (Instant | null)[] {
  const { armAt, onAt, startsAt, endsAt } = timesOf(code, state.lock, policy, now.earliest);
  const overdue = isDelayed(code) ? null : overdueAt(code, state.lock, policy, now);
  const leaves = code.slot === null ? null : leavesOverdueAt(code);
  return [armAt, onAt, startsAt, endsAt, code.endsAt, code.retryAt, overdue, leaves];
}
