import { isTimeBound, type AccessCode } from './access-code.ts';
import { localWindow } from './local-time.ts';
import type { Lock, Policy } from './lock.ts';
import type { LocalWindow } from './slot.ts';
import type { Instant, TimeReading } from './time.ts';

export type Strategy = 'native' | 'just_in_time';

/** What decides when and how a code goes on a lock. */
type Timed = Pick<AccessCode, 'startsAt' | 'endsAt' | 'preferNativeScheduling' | 'strictStart' | 'refused'>;

/** The code's window as this lock's own schedule would hold it; `null` where the lock can't or nothing is left. */
function nativeWindow(code: Timed, lock: Lock, policy: Policy): LocalWindow | null {
  const native = lock.capabilities?.nativeScheduling;
  if (!native || lock.nativeRefused || !code.preferNativeScheduling || !isTimeBound(code)) return null;
  // The lock keeps schedules, but would not take this one.
  if (code.refused?.reason === 'unsupported') return null;
  return localWindow(policy.timezone, code.startsAt, code.endsAt, native.granuleMs);
}

/** Native where this lock keeps schedules and the request does not object, else just in time. */
export function strategyOf(code: Timed, lock: Lock, policy: Policy): Strategy {
  return nativeWindow(code, lock, policy) === null ? 'just_in_time' : 'native';
}

/** When the code is to go on the lock; `null`: at once. */
export function putOnAt(code: Timed, lock: Lock, policy: Policy): Instant | null {
  if (code.startsAt === null) return null;
  if (strategyOf(code, lock, policy) === 'native') return code.startsAt - policy.nativePreloadMs;
  return policy.strictStart || code.strictStart ? code.startsAt : code.startsAt - policy.jitLeadMs;
}

/** What the lock should hold for a code at a time. */
export type Target =
  /** Nothing: not yet, not any more, or never. */
  | { readonly kind: 'absent'; readonly because: 'removing' | 'waiting' | 'rejected' }
  /** Nobody knows whether its window has begun or ended: what is there stays, nothing is added. */
  | { readonly kind: 'as_is' }
  /** Its PIN, with this schedule or (`null`) without one. */
  | { readonly kind: 'present'; readonly schedule: LocalWindow | null };

/** Switching on needs certainty that the time has come; switching off needs certainty that it has passed. */
export function targetOf(code: AccessCode, lock: Lock, policy: Policy, now: TimeReading): Target {
  if (code.removingSince !== null) return { kind: 'absent', because: 'removing' };
  if (code.pin === null) return { kind: 'absent', because: 'rejected' };
  const onAt = putOnAt(code, lock, policy);
  if (onAt !== null && now.latest < onAt) return { kind: 'absent', because: 'waiting' };
  if (onAt !== null && now.earliest < onAt) return { kind: 'as_is' };
  if (code.endsAt !== null && now.latest >= code.endsAt) return { kind: 'as_is' };
  return { kind: 'present', schedule: nativeWindow(code, lock, policy) };
}

/** The PIN works or should work now: the window has begun, or the lock has no rule of its own to wait for it. */
export function isDue(code: Timed, lock: Lock, policy: Policy, now: TimeReading): boolean {
  if (code.startsAt === null) return true;
  const at =
    strategyOf(code, lock, policy) === 'native'
      ? code.startsAt
      : (putOnAt(code, lock, policy) ?? code.startsAt);
  return now.earliest >= at;
}
