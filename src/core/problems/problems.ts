import { isPoolCode, type AccessCode } from '../access-code.ts';
import { holderOf, slotOf } from '../plan/assign.ts';
import { shortageMessage, shortages, type Shortage } from '../request/capacity.ts';
import { leavesOverdueAt, overdueAt } from '../timing/delay.ts';
import { issueError, issueWarnings } from './offline-problems.ts';
import { duplicateOf, staysInTheWay } from '../request/duplicate.ts';
import type { LockState, Policy } from '../lock.ts';
import type { RefusalReason } from '../operation.ts';
import type { Blocked } from '../plan/planned.ts';
import type { CodeError, CodeWarning, ErrorCode, Problem, ProblemDetails, WarningCode } from '../problem.ts';
import { changeTypeOf } from '../settle/reading.ts';
import { FAILURES_TILL_ERROR } from '../timing/retry.ts';
import { isSatisfied } from '../plan/slot-steps.ts';
import type { Slot } from '../slot.ts';
import { isDue, targetOf, type Target } from '../timing/strategy.ts';
import type { Instant, TimeReading } from '../time.ts';

/** A problem that holds now, whenever it began. */
type Found<Code extends string> = Omit<Problem<Code>, 'createdAt'>;

export interface CodeProblems {
  readonly errors: readonly CodeError[];
  readonly warnings: readonly CodeWarning[];
}

/** Failed attempts in a row to reach a lock after which a write that nobody confirmed has an error: it and one look. */
const FAILURES_TILL_UNCONFIRMED = 2;

/** Errors and warnings that hold now; the old arrays, to the identity, when nothing changed. */
export function problemsOf(
  code: AccessCode,
  state: LockState,
  blocked: Blocked | undefined,
  policy: Policy,
  now: TimeReading,
): CodeProblems {
  const row = code.slot === null ? null : slotOf(state, code.slot);
  const shortage = shortages(state, policy, now).get(code.accessCodeId);
  return {
    errors: merge(code.errors, errorsOf(code, state, row, blocked, shortage, policy, now), now.earliest),
    warnings: merge(code.warnings, warningsOf(code, state, row, policy, now), now.earliest),
  };
}

function errorsOf(
  code: AccessCode,
  state: LockState,
  row: Slot | null,
  blocked: Blocked | undefined,
  shortage: Shortage | undefined,
  policy: Policy,
  now: TimeReading,
): readonly Found<ErrorCode>[] {
  const found: Found<ErrorCode>[] = [];
  if (code.rejected !== null) found.push(code.rejected);
  if (code.offline !== null) {
    const error = issueError(code);
    return error === null ? found : [...found, error];
  }
  if (code.refused !== null) {
    const refusal = refusalError(code, code.refused, state);
    if (refusal !== null) found.push(refusal);
  }
  const noSpace = noSpaceMessage(code, state, blocked, shortage, now);
  if (noSpace !== null) found.push({ code: 'no_space_for_access_code_on_device', message: noSpace });
  if (blocked?.because === 'duplicate_on_lock' && blocked.slot !== null) {
    const holder = slotOf(state, blocked.slot);
    if (staysInTheWay(holder, code, state, policy, now)) found.push(duplicateOf(holder));
  }
  if (code.externallyModified && !code.allowExternalModification && code.removingSince === null) {
    found.push(externalModification(code, row));
  }
  if (isUnconfirmed(row, state)) {
    found.push({
      code: 'access_code_state_unconfirmed',
      message:
        'The lock was written to and has not said what became of it. It is read as soon as it answers.',
    });
  }
  const isHeldBack = blocked?.because === 'write_budget_spent';
  if (code.failures >= FAILURES_TILL_ERROR || isHeldBack || isKeptOut(code, state, policy, now)) {
    found.push(
      code.removingSince === null && !stillThere(targetOf(code, state.lock, policy, now), row)
        ? {
            code: 'failed_to_set_on_device',
            message: 'Programming the lock failed several times; it is tried again.',
          }
        : {
            code: 'failed_to_remove_from_device',
            message: 'Taking the code off the lock failed several times; it is tried again.',
          },
    );
  }
  return found;
}

/**
 * A shortage is known as soon as the code is asked for, so that somebody can act before it is wanted. Without one, a
 * code finds no slot only for now, which is of no concern before its start.
 */
function noSpaceMessage(
  { startsAt }: AccessCode,
  state: LockState,
  blocked: Blocked | undefined,
  shortage: Shortage | undefined,
  now: TimeReading,
): string | null {
  if (shortage !== undefined) return shortageMessage(shortage);
  if (blocked?.because !== 'no_space' || isRoomComing(state)) return null;
  return startsAt === null || startsAt <= now.earliest ? 'Every slot of the lock is taken.' : null;
}

/**
 * The lock is there and answers no question, so that no slot can be found for a code that should be on it. One that
 * has just come back has nothing to wait for, and has yet to be asked.
 */
function isKeptOut(code: AccessCode, { lock }: LockState, policy: Policy, now: TimeReading): boolean {
  if (!lock.online || lock.retryAt === null || code.slot !== null) return false;
  if (lock.failures < FAILURES_TILL_ERROR) return false;
  return targetOf(code, lock, policy, now).kind === 'present';
}

/** The code has to leave its slot, or at least might open from there, and nobody deleted it. */
function stillThere(target: Target, row: Slot | null): boolean {
  return target.kind === 'absent' && row !== null && row.content.kind !== 'empty';
}

/** A slot is about to come free: a code is on its way off the lock, or waits in the pool, which gives way. */
function isRoomComing({ codes }: LockState): boolean {
  return codes.some(
    (code) =>
      code.slot !== null &&
      (code.removingSince !== null || isPoolCode(code)) &&
      code.failures < FAILURES_TILL_ERROR,
  );
}

/** What the lock's own answer says about the code; `null` where it is about the schedule only, which is a warning. */
function refusalError(
  code: AccessCode,
  refused: { readonly reason: RefusalReason; readonly message: string },
  state: LockState,
): Found<ErrorCode> | null {
  switch (refused.reason) {
    case 'duplicate_pin':
      return duplicateOf(code.pin === null ? undefined : holderOf(state, code.pin, code.slot));
    case 'no_space':
      return {
        code: 'no_space_for_access_code_on_device',
        message: 'The lock says that it has no room left.',
      };
    case 'pin_format':
    case 'slot_out_of_range':
    case 'refused':
      return {
        code: 'code_constraints_violated',
        message: `The lock does not take this PIN: ${refused.message}`,
      };
    case 'unsupported':
      return null;
  }
}

/** While it is put back, the slot passes through other contents, so what was seen first is what was done to it. */
function externalModification(code: AccessCode, row: Slot | null): Found<ErrorCode> {
  const shown = code.errors.find((error) => error.code === 'code_modified_external_to_seam');
  const seen = row === null ? 'removed' : changeTypeOf(row.content);
  return {
    code: 'code_modified_external_to_seam',
    message: 'Somebody changed or removed this code at the lock; it is being put back.',
    details: { changeType: shown?.details?.changeType ?? seen },
  };
}

/** A write was sent, and nobody could read afterwards what the lock did with it. */
function isUnconfirmed(row: Slot | null, state: LockState): boolean {
  if (row === null || row.content.kind !== 'unknown' || row.writtenAt === null) return false;
  return state.lock.failures >= FAILURES_TILL_UNCONFIRMED;
}

function warningsOf(
  code: AccessCode,
  state: LockState,
  row: Slot | null,
  policy: Policy,
  now: TimeReading,
): readonly Found<WarningCode>[] {
  const overdue = now.earliest >= overdueAt(code, state.lock, policy, now);
  if (code.removingSince !== null) return removalWarnings(overdue);
  if (code.offline !== null) return issueWarnings(code, state.lock.capabilities, overdue);
  const found: Found<WarningCode>[] = [];
  if (code.externallyModified && code.allowExternalModification) {
    const message = 'Somebody changed this code at the lock, which this code allows.';
    found.push({ code: 'code_modified_external_to_seam', message });
  }
  if (code.refused?.reason === 'unsupported') {
    const message = 'The lock did not take the schedule, so the code goes on and off just in time.';
    found.push({ code: 'native_scheduling_refused', message });
  }
  const target = targetOf(code, state.lock, policy, now);
  if (overdue && code.status === 'setting' && target.kind === 'present' && !isSatisfied(target, code, row)) {
    const message = 'The code should be on the lock and is not yet.';
    found.push({ code: 'delay_in_setting_on_device', message });
  }
  const isHeldUp = code.failures > 0 || !state.lock.online;
  if (stillThere(target, row) && isHeldUp && now.earliest >= leavesOverdueAt(code)) {
    const message = 'The lock still holds this code, although its time has not come or is over.';
    found.push({ code: 'delay_in_removing_from_device', message });
  }
  // A code that was armed in time is disabled until the moment it is wanted, and for the seconds that enabling takes.
  if (isDisabled(row) && isDue(code, state.lock, policy, now) && (overdue || code.externallyModified)) {
    const message = 'The code is on the lock but disabled, so it does not open.';
    found.push({ code: 'access_code_inactive', message });
  }
  if (code.pulledBackupId !== null) {
    const message = `Backup code ${code.pulledBackupId} was given out in place of this one.`;
    found.push({ code: 'using_backup_access_code', message });
  }
  return found;
}

function removalWarnings(overdue: boolean): readonly Found<WarningCode>[] {
  const deleted = { code: 'being_deleted', message: 'The code is being taken off the lock.' } as const;
  if (!overdue) return [deleted];
  return [deleted, { code: 'delay_in_removing_from_device', message: 'The lock still holds this code.' }];
}

function isDisabled(row: Slot | null): boolean {
  return (
    row !== null && (row.content.kind === 'pin' || row.content.kind === 'masked') && !row.content.enabled
  );
}

/** Keeps what was already raised, with its first date. */
function merge<Code extends string>(
  old: readonly Problem<Code>[],
  found: readonly Found<Code>[],
  at: Instant,
): readonly Problem<Code>[] {
  const next = found.map(
    (one) =>
      old.find((raised) => isSame(raised, one)) ?? {
        ...one,
        createdAt: old.find(({ code }) => code === one.code)?.createdAt ?? at,
      },
  );
  const same = next.length === old.length && next.every((problem, index) => problem === old[index]);
  return same ? old : next;
}

function isSame<Code extends string>(raised: Problem<Code>, one: Found<Code>): boolean {
  return (
    raised.code === one.code && raised.message === one.message && sameDetails(raised.details, one.details)
  );
}

function sameDetails(a: ProblemDetails | undefined, b: ProblemDetails | undefined): boolean {
  return (
    a?.managedAccessCodeId === b?.managedAccessCodeId &&
    a?.unmanagedAccessCodeId === b?.unmanagedAccessCodeId &&
    a?.changeType === b?.changeType
  );
}
