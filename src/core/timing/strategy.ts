import { isTimeBound, type AccessCode } from '../access-code.ts';
import { localWindow, nextOffsetChange } from './local-time.ts';
import { clockIsTrusted } from './lock-clock.ts';
import type { Lock, Policy } from '../lock.ts';
import { programmingLeadMs } from './programming.ts';
import type { Schedule } from '../slot.ts';
import { DAY_MS, type Instant, type TimeReading } from '../time.ts';
import { weekSchedule, windowAt, type Window } from './weekly.ts';

/**
 * The PIN of a pulled backup code opened before it was pulled. Its schedule begins that much earlier, so that neither
 * the next whole minute nor a lock clock that lags shuts the guest out.
 */
const PULLED_EARLIER_MS = DAY_MS;

/** `offline`: nothing of it is ever sent to the lock. */
export type Strategy = 'native' | 'just_in_time' | 'offline';

/** What decides when and how a code goes on a lock. */
type Timed = Pick<
  AccessCode,
  | 'startsAt'
  | 'endsAt'
  | 'weeklyWindows'
  | 'preferNativeScheduling'
  | 'strictStart'
  | 'refused'
  | 'isBackup'
  | 'status'
  | 'statusSince'
  | 'slot'
  | 'edits'
  | 'offline'
>;

/** When a code goes on its lock and off it; of a code with weekly windows, around the occurrence that counts now. */
export interface Times extends Window {
  /** When it may be written to the lock as a disabled code; `null`: never, it goes on only when it is enabled. */
  readonly armAt: Instant | null;
  /** When its PIN is to be on the lock, enabled; `null`: at once. */
  readonly onAt: Instant | null;
  /** The schedule by which the lock itself opens to it; `null`: the hub puts it on and off just in time. */
  readonly schedule: Schedule | null;
}

interface KnownTimes {
  readonly lock: Lock;
  readonly policy: Policy;
  readonly times: Times;
}

/** Times worked out lately: every plan asks for those of every code several times, and they rarely change. */
const known = new WeakMap<Timed, KnownTimes>();

/** The code's times on one lock, seen from an instant. */
export function timesOf(code: Timed, lock: Lock, policy: Policy, from: Instant): Times {
  if (code.weeklyWindows !== null) return workOutTimes(code, lock, policy, from);
  // Without weekly windows they are the same from any instant.
  let found = known.get(code);
  if (found === undefined || found.policy !== policy || !decidesAlike(found.lock, lock)) {
    found = { lock, policy, times: workOutTimes(code, lock, policy, from) };
    known.set(code, found);
  }
  return found.times;
}

/** The two say the same of all that times depend on. */
function decidesAlike(a: Lock, b: Lock): boolean {
  return (
    a === b ||
    (a.capabilities === b.capabilities &&
      a.nativeRefused === b.nativeRefused &&
      a.armRefused === b.armRefused &&
      a.programmingMs === b.programmingMs &&
      clockIsTrusted(a) === clockIsTrusted(b))
  );
}

function workOutTimes(code: Timed, lock: Lock, policy: Policy, from: Instant): Times {
  const window = windowAt(code, policy.timezone, from);
  const { startsAt } = window;
  // No weekly window is left: it is never put on again.
  if (startsAt !== null && startsAt === window.endsAt) {
    return { ...window, armAt: null, onAt: startsAt, schedule: null };
  }
  if (code.offline !== null) {
    return { ...window, armAt: null, onAt: before(startsAt, policy.jitLeadMs), schedule: null };
  }
  const schedule = nativeSchedule(code, window, lock, policy, from);
  if (isPulled(code)) return { ...window, armAt: null, onAt: null, schedule };
  if (schedule !== null && !('weekDays' in schedule)) {
    return { ...window, armAt: null, onAt: before(startsAt, policy.nativePreloadMs), schedule };
  }
  const strict = policy.strictStart || code.strictStart;
  const leadMs = strict ? programmingLeadMs(lock) : policy.jitLeadMs;
  if (schedule !== null) return { ...window, armAt: null, onAt: before(code.startsAt, leadMs), schedule };
  const onAt = stayingOn(code, before(startsAt, leadMs), before(startsAt, policy.jitLeadMs));
  const mayArm = lock.capabilities?.disabledCodes === true && !lock.armRefused;
  const armAt = onAt === null || !mayArm ? null : Math.min(onAt, (startsAt ?? onAt) - policy.nativePreloadMs);
  return { ...window, armAt, onAt, schedule };
}

/** A backup code was on the lock, open, before it was pulled: its start only says when that was. */
function isPulled({ isBackup, weeklyWindows }: Timed): boolean {
  return isBackup && weeklyWindows === null;
}

/**
 * The lock's measured time changes with every write, and a code that is on must not come off for that: it stays on
 * since it was set, as long as an ordinary lead allows.
 */
function stayingOn(code: Timed, onAt: Instant | null, leadAt: Instant | null): Instant | null {
  if (onAt === null || leadAt === null) return onAt;
  // Only a code that was put on, and that nobody has moved since.
  const isOn = code.status === 'set' || (code.status === 'setting' && code.slot !== null);
  if (!isOn || code.edits.timeFrame !== undefined) return onAt;
  return Math.min(onAt, Math.max(code.statusSince, leadAt));
}

function before(at: Instant | null, durationMs: number): Instant | null {
  return at === null ? null : at - durationMs;
}

/**
 * Where clocks go back, a lock's own week would open a second time in the repeated hour, or an hour early. Around a
 * change the code has one window after the other instead.
 */
function isNearOffsetChange(zone: string, from: Instant): boolean {
  return nextOffsetChange(zone, from - DAY_MS, 3 * DAY_MS) !== null;
}

/** The schedule that this lock would hold for the code; `null` where it can't, may not, or nothing is left of it. */
function nativeSchedule(
  code: Timed,
  window: Window,
  lock: Lock,
  policy: Policy,
  from: Instant,
): Schedule | null {
  const { capabilities } = lock;
  if (capabilities === null || lock.nativeRefused || !code.preferNativeScheduling) return null;
  // The lock keeps schedules, but would not take this one, or its clock would open it at the wrong time.
  if (code.refused?.reason === 'unsupported' || !clockIsTrusted(lock)) return null;
  if (code.weeklyWindows !== null && code.endsAt === null && !isNearOffsetChange(policy.timezone, from)) {
    const week = weekSchedule(code.weeklyWindows);
    if (week !== null && week.weekDays.length <= capabilities.weekDaySchedules) return week;
  }
  const native = capabilities.nativeScheduling;
  if (native === null || !isTimeBound(window)) return null;
  const opensAt = window.startsAt - (code.isBackup ? PULLED_EARLIER_MS : 0);
  return localWindow(policy.timezone, opensAt, window.endsAt, native.granuleMs);
}

/** Native where this lock keeps schedules and the request does not object, else just in time. */
export function strategyOf(code: Timed, lock: Lock, policy: Policy, now: TimeReading): Strategy {
  if (code.offline !== null) return 'offline';
  return timesOf(code, lock, policy, now.earliest).schedule === null ? 'just_in_time' : 'native';
}

/** From when on the code takes a slot of the lock, over its whole life: preload, arming and lead included; `null`: at once. */
export function onLockFrom(code: Timed, lock: Lock, policy: Policy): Instant | null {
  const from = claimedFrom(code, lock, policy);
  if (from === null || code.startsAt === null) return null;
  const { armAt } = timesOf({ ...code, weeklyWindows: null }, lock, policy, code.startsAt);
  return Math.min(armAt ?? from, from);
}

/**
 * From when on the code's PIN is its own on that lock: preload and lead included; `null`: at once. To be armed before
 * that is an extra, which gives way to a code that needs the PIN (decision 7).
 */
export function claimedFrom(code: Timed, lock: Lock, policy: Policy): Instant | null {
  if (code.startsAt === null) return null;
  const { onAt } = timesOf({ ...code, weeklyWindows: null }, lock, policy, code.startsAt);
  // The first occurrence of a weekly code may be preloaded, whatever the whole code would be.
  const preloaded = code.weeklyWindows === null ? code.startsAt : code.startsAt - policy.nativePreloadMs;
  return Math.min(onAt ?? code.startsAt, preloaded);
}

/** What the lock should hold for a code at a time. */
export type Target =
  /** Nothing: not yet, not any more, or never. */
  | { readonly kind: 'absent'; readonly because: 'removing' | 'waiting' | 'rejected' }
  /** Nobody knows whether its window has begun or ended: what is there stays, nothing is added. */
  | { readonly kind: 'as_is' }
  /** Its PIN, enabled or armed, with this schedule or (`null`) without one. */
  | { readonly kind: 'present'; readonly enabled: boolean; readonly schedule: Schedule | null };

/** Switching on needs certainty that the time has come; switching off needs certainty that it has passed. */
export function targetOf(code: AccessCode, lock: Lock, policy: Policy, now: TimeReading): Target {
  if (code.removingSince !== null) return { kind: 'absent', because: 'removing' };
  if (code.offline !== null) return { kind: 'absent', because: 'waiting' };
  if (code.pin === null) return { kind: 'absent', because: 'rejected' };
  const { armAt, onAt, endsAt, schedule } = timesOf(code, lock, policy, now.earliest);
  const from = armAt ?? onAt;
  if (from !== null && now.latest < from) return { kind: 'absent', because: 'waiting' };
  if (from !== null && now.earliest < from) return { kind: 'as_is' };
  if (endsAt !== null && now.latest >= endsAt) return { kind: 'as_is' };
  if (onAt === null || now.earliest >= onAt) return { kind: 'present', enabled: true, schedule };
  return now.latest < onAt ? { kind: 'present', enabled: false, schedule } : { kind: 'as_is' };
}

/** The PIN works or should work now, or an offline code should have its digits: the window has begun, or the lock has no rule of its own to wait for it. */
export function isDue(code: Timed, lock: Lock, policy: Policy, now: TimeReading): boolean {
  if (isPulled(code)) return true;
  const { onAt, startsAt, schedule } = timesOf(code, lock, policy, now.earliest);
  const at = schedule === null ? onAt : startsAt;
  return at === null || now.earliest >= at;
}
