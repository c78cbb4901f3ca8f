import { isPoolCode } from '../access-code.ts';
import { isBudgetSpent } from '../plan/budget.ts';
import { isUserSlot, takesCodes, userSlotCount, type Capabilities } from '../capability.ts';
import { capacityOf } from '../request/capacity.ts';
import { HUB_CODE_DIGITS } from '../offline/hub-code.ts';
import { instantText } from '../instant-text.ts';
import { clockIsAlarming } from '../timing/lock-clock.ts';
import type { Lock, LockState, Policy } from '../lock.ts';
import { poolStatus } from '../request/pool.ts';
import type { DeviceErrorCode, DeviceProblemCode, DeviceWarningCode, Problem } from '../problem.ts';
import { SECOND_MS, type TimeReading } from '../time.ts';
import { withLock } from '../with.ts';

export interface DeviceProblems {
  readonly errors: readonly Problem<DeviceErrorCode>[];
  readonly warnings: readonly Problem<DeviceWarningCode>[];
}

/** A problem that holds now, whenever it began. */
type Found<Code extends string> = Omit<Problem<Code>, 'createdAt'>;

/** So many backup codes given out at one time are a sign of a lock that is hard to program. */
const MANY_PULLED = 3;

/** What is wrong with a lock as a whole, for a technician; each holds exactly as long as its condition. */
export function deviceProblemsOf(state: LockState, policy: Policy, now: TimeReading): DeviceProblems {
  const { problems } = state.lock;
  const dated = <Code extends DeviceProblemCode>(found: Found<Code>): Problem<Code> => {
    const known = problems.find(({ code }) => code === found.code);
    return { ...found, createdAt: known?.since ?? now.earliest };
  };
  return {
    errors: errorsOf(state, policy, now).map(dated),
    warnings: warningsOf(state, policy, now).map(dated),
  };
}

/** Notes since when each problem of a lock holds, and forgets those that are over. */
export function withProblemDates(state: LockState, policy: Policy, now: TimeReading): LockState {
  const { errors, warnings } = deviceProblemsOf(state, policy, now);
  const problems = [...errors, ...warnings].map(({ code, createdAt }) => ({ code, since: createdAt }));
  const before = state.lock.problems;
  const isSame =
    problems.length === before.length &&
    problems.every(({ code, since }, index) => before[index]?.code === code && before[index].since === since);
  return isSame ? state : withLock(state, { problems });
}

function errorsOf(state: LockState, policy: Policy, now: TimeReading): readonly Found<DeviceErrorCode>[] {
  const { lock } = state;
  const found: Found<DeviceErrorCode>[] = [];
  if (lock.radio === null && lock.capabilities !== null) {
    found.push({ code: 'device_removed', message: 'The lock is no longer in the radio network.' });
  } else if (!lock.online) {
    found.push({ code: 'device_offline', message: 'The lock does not answer.' });
  }
  if (lock.credentialsMissing) {
    const message =
      'The lock does not understand the keys of this hub. If that lasts, the keys file of its network is needed, or a new pairing.';
    found.push({ code: 'missing_device_credentials', message });
  }
  if (lock.capabilities !== null && isOfOwnMake(lock.capabilities)) {
    const message = 'No hub can put access codes on a lock of this make: it has no standard way for them.';
    found.push({ code: 'access_codes_not_supported', message });
  }
  const pool = poolStatus(state, policy);
  if (pool.enabled && pool.ready === 0) {
    const isFull = capacityOf(state, policy, now).spareSlots <= 0;
    found.push({ code: 'empty_backup_access_code_pool', message: emptyMessage(pool.size, isFull) });
  }
  return found;
}

function emptyMessage(size: number, isFull: boolean): string {
  if (size === 0) return 'The lock has too few slots to keep backup codes.';
  if (isFull) return 'All slots of the lock are wanted for access codes, so none is left for backup codes.';
  return 'No backup code is ready on the lock; the hub goes on writing them.';
}

function warningsOf(state: LockState, policy: Policy, now: TimeReading): readonly Found<DeviceWarningCode>[] {
  const { lock } = state;
  const found: Found<DeviceWarningCode>[] = [];
  const pool = poolStatus(state, policy);
  if (pool.enabled && pool.ready > 0 && pool.ready < pool.size) {
    const message = `Only ${pool.ready} of ${pool.size} backup codes are ready on the lock.`;
    found.push({ code: 'partial_backup_access_code_pool', message });
  }
  if (pool.activePulled >= MANY_PULLED) {
    const message = `${pool.activePulled} backup codes are in use, so this lock is hard to program. Look at its radio link.`;
    found.push({ code: 'many_active_backup_codes', message });
  }
  const full = slotsExhausted(state);
  if (full !== null) found.push(full);
  if (lock.batteryLow) found.push({ code: 'low_battery', message: batteryMessage(lock) });
  if (lock.clockRead !== null && clockIsAlarming(lock)) {
    const seconds = Math.round(lock.clockRead.aheadMs / SECOND_MS);
    const way = seconds > 0 ? 'fast' : 'slow';
    const message = `The clock of the lock is ${Math.abs(seconds)} s ${way}; it gets no schedules until it is right.`;
    found.push({ code: 'lock_clock_wrong', message });
  }
  if (lock.repeatsBlockedUntil !== null && isBudgetSpent(lock, now)) {
    const until = instantText(lock.repeatsBlockedUntil);
    const message = `Something works against the hub: so much had to be written again that it waits until ${until}.`;
    found.push({ code: 'write_budget_exhausted', message });
  }
  if (!lock.secure) {
    const message = 'The lock joined without the security its class needs.';
    found.push({ code: 'low_security', message });
  }
  const digits = lock.capabilities?.isKeypad === true ? lock.capabilities.pinLength.max : HUB_CODE_DIGITS;
  if (digits < HUB_CODE_DIGITS) {
    const message = `The keypad sends ${digits} digits at most, and offline codes of the hub have ${HUB_CODE_DIGITS}: none opens there.`;
    found.push({ code: 'keypad_sends_few_digits', message });
  }
  return found;
}

function batteryMessage({ batteryLevel }: Lock): string {
  const level = batteryLevel === null ? '' : `, ${Math.round(batteryLevel * 100)} % are left`;
  return `The battery of the lock is low${level}.`;
}

/** A lock that a hub can give no code at all. A keypad has none of its own, and offline codes need no slot. */
function isOfOwnMake(capabilities: Capabilities): boolean {
  return !takesCodes(capabilities) && capabilities.offline === null && capabilities.isKeypad !== true;
}

/**
 * Every slot that access codes may use holds a code, whoever put it there, or is kept for one. Those of the backup pool
 * do not count: they are given to the next code that needs one.
 */
function slotsExhausted(state: LockState): Found<DeviceWarningCode> | null {
  const { capabilities } = state.lock;
  if (capabilities === null || !takesCodes(capabilities)) return null;
  const max = userSlotCount(capabilities);
  const pool = new Set(state.codes.filter(isPoolCode).map(({ accessCodeId }) => accessCodeId));
  const active = state.slots.filter(({ slot, owner, content }) => {
    if (!isUserSlot(capabilities, slot)) return false;
    return owner === null ? content.kind === 'pin' || content.kind === 'masked' : !pool.has(owner);
  }).length;
  if (max === 0 || active < max) return null;
  return {
    code: 'max_access_codes_reached',
    message: `All ${max} slots of the lock are taken.`,
    details: { activeAccessCodeCount: active, maxActiveAccessCodeCount: max },
  };
}
