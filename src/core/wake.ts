import type { AccessCode } from './access-code.ts';
import { isDelayed, overdueAt } from './delay.ts';
import { nextOffsetChange } from './local-time.ts';
import { CLOCK_SET_EVERY_MS } from './lock-clock.ts';
import type { LockState, Policy } from './lock.ts';
import { putOnAt } from './strategy.ts';
import { DAY_MS, type Instant, type TimeReading } from './time.ts';

/** The next instant at which planning again would give another answer by itself; `null` if there is none. */
export function nextChangeAt(state: LockState, policy: Policy, now: TimeReading): Instant | null {
  const { lock } = state;
  const instants = state.codes.flatMap((code) => instantsOf(code, state, policy));
  instants.push(lock.retryAt);
  if (lock.clockSet !== null) {
    instants.push(
      lock.clockSet.at + CLOCK_SET_EVERY_MS,
      nextOffsetChange(policy.timezone, now.earliest, DAY_MS),
    );
  }
  let next: Instant | null = null;
  for (const at of instants) {
    if (at !== null && at > now.earliest && (next === null || at < next)) next = at;
  }
  return next;
}

function instantsOf(code: AccessCode, state: LockState, policy: Policy): (Instant | null)[] {
  const instants = [putOnAt(code, state.lock, policy), code.startsAt, code.endsAt, code.retryAt];
  if (!isDelayed(code)) instants.push(overdueAt(code, state.lock, policy));
  return instants;
}
