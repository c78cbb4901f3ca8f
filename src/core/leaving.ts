import type { AccessCode } from './access-code.ts';
import type { Step } from './event.ts';
import type { LockState, Policy } from './lock.ts';
import { slotOf } from './plan/assign.ts';
import { isSatisfied } from './plan/slot-steps.ts';
import { advance } from './settle/advance.ts';
import type { TimeReading } from './time.ts';
import { targetOf } from './timing/strategy.ts';

/** The lock may still hold a code that has certainly ended, or was to go, or should not open yet. */
export function holdsEndedCode(state: LockState, policy: Policy, now: TimeReading): boolean {
  return state.codes.some((code) => {
    if (code.slot === null || code.offline !== null) return false;
    if (code.removingSince !== null || (code.endsAt !== null && now.earliest >= code.endsAt)) return true;
    const target = targetOf(code, state.lock, policy, now);
    return target.kind === 'absent' && !isSatisfied(target, code, slotOf(state, code.slot));
  });
}

/** Codes that open this lock until somebody takes them off, because the lock itself knows no end of them. */
export function endlessCodes({ slots }: LockState): number {
  return slots.filter(
    ({ owner, content, schedule }) =>
      owner !== null &&
      content.kind !== 'empty' &&
      !(schedule.kind === 'known' && schedule.window !== null && 'stop' in schedule.window),
  ).length;
}

/** All codes that the hub knows of this lock are to go; those that it only found there stay. */
export function withoutCodes(state: LockState, policy: Policy, now: TimeReading): Step<LockState> {
  const gone = (code: AccessCode): AccessCode =>
    code.removingSince === null ? { ...code, removingSince: now.earliest } : code;
  return advance({ ...state, codes: state.codes.map(gone) }, policy, now);
}
