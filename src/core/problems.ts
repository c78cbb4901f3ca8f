import type { AccessCode } from './access-code.ts';
import { slotOf } from './assign.ts';
import { overdueAt } from './delay.ts';
import type { DomainEvent, EventType } from './event.ts';
import type { LockState, Policy } from './lock.ts';
import type { Blocked } from './plan.ts';
import type { CodeError, CodeWarning, ErrorCode, Problem, WarningCode } from './problem.ts';
import { FAILURES_TILL_ERROR } from './retry.ts';
import { isSatisfied } from './slot-steps.ts';
import { targetOf } from './strategy.ts';
import type { Instant, TimeReading } from './time.ts';

type Found<Code> = readonly (readonly [code: Code, message: string])[];

/** Errors and warnings that hold now; the old arrays, to the identity, when nothing changed. */
export function problemsOf(
  code: AccessCode,
  state: LockState,
  blocked: Blocked | undefined,
  policy: Policy,
  now: TimeReading,
): { readonly errors: readonly CodeError[]; readonly warnings: readonly CodeWarning[] } {
  return {
    errors: merge(code.errors, errorsOf(code, state, blocked), now.earliest),
    warnings: merge(code.warnings, warningsOf(code, state, policy, now), now.earliest),
  };
}

function errorsOf(code: AccessCode, state: LockState, blocked: Blocked | undefined): Found<ErrorCode> {
  const found: [ErrorCode, string][] = [];
  if (code.rejected !== null) found.push([code.rejected.code, code.rejected.message]);
  if (code.refused?.reason === 'duplicate_pin') {
    found.push([
      'duplicate_code_on_device',
      'The lock refuses this PIN because another of its slots has it.',
    ]);
  } else if (code.refused !== null && code.refused.reason !== 'unsupported') {
    found.push(['code_constraints_violated', `The lock does not take this PIN: ${code.refused.message}`]);
  }
  if (blocked?.because === 'no_space') {
    found.push(['no_space_for_access_code_on_device', 'Every slot of the lock is taken.']);
  }
  if (blocked?.because === 'duplicate_on_lock' && isForeign(state, blocked.slot)) {
    found.push([
      'duplicate_code_on_device',
      `Slot ${blocked.slot} of the lock has this PIN and is not ours.`,
    ]);
  }
  if (code.externallyModified && !code.allowExternalModification) {
    const message = 'Somebody changed this code at the lock; it is being put back.';
    found.push(['code_modified_external_to_seam', message]);
  }
  if (code.failures >= FAILURES_TILL_ERROR) {
    found.push(
      code.removingSince === null
        ? ['failed_to_set_on_device', 'Programming the lock failed; it is tried again.']
        : ['failed_to_remove_from_device', 'Removing the code from the lock failed; it is tried again.'],
    );
  }
  return found;
}

function isForeign(state: LockState, slot: number | null): boolean {
  return slot !== null && slotOf(state, slot).owner === null;
}

function warningsOf(
  code: AccessCode,
  state: LockState,
  policy: Policy,
  now: TimeReading,
): Found<WarningCode> {
  const found: [WarningCode, string][] = [];
  const overdue = now.earliest >= overdueAt(code, state.lock, policy);
  if (code.removingSince !== null) {
    found.push(['being_deleted', 'The code is being taken off the lock.']);
    if (overdue) found.push(['delay_in_removing_from_device', 'The lock still holds this code.']);
    return found;
  }
  if (code.externallyModified && code.allowExternalModification) {
    const message = 'Somebody changed this code at the lock, which this code allows.';
    found.push(['code_modified_external_to_seam', message]);
  }
  if (code.refused?.reason === 'unsupported') {
    const message = 'The lock did not take the schedule, so the code goes on and off just in time.';
    found.push(['native_scheduling_refused', message]);
  }
  const target = targetOf(code, state.lock, policy, now);
  const row = code.slot === null ? null : slotOf(state, code.slot);
  if (overdue && target.kind === 'present' && !isSatisfied(target, code, row)) {
    found.push(['delay_in_setting_on_device', 'The code should be on the lock and is not yet.']);
  }
  return found;
}

/** Keeps what was already raised, with its first date. */
function merge<Code extends string>(
  old: readonly Problem<Code>[],
  found: Found<Code>,
  at: Instant,
): readonly Problem<Code>[] {
  const next = found.map(
    ([code, message]) =>
      old.find((problem) => problem.code === code && problem.message === message) ?? {
        code,
        message,
        createdAt: old.find((problem) => problem.code === code)?.createdAt ?? at,
      },
  );
  const same = next.length === old.length && next.every((problem, index) => problem === old[index]);
  return same ? old : next;
}

const EVENT_OF: Readonly<Partial<Record<ErrorCode | WarningCode, EventType>>> = {
  failed_to_set_on_device: 'access_code.failed_to_set_on_device',
  failed_to_remove_from_device: 'access_code.failed_to_remove_from_device',
  duplicate_code_on_device: 'access_code.failed_to_set_on_device',
  no_space_for_access_code_on_device: 'access_code.failed_to_set_on_device',
  code_constraints_violated: 'access_code.failed_to_set_on_device',
  delay_in_setting_on_device: 'access_code.delay_in_setting_on_device',
  delay_in_removing_from_device: 'access_code.delay_in_removing_from_device',
};

/** One event for each kind of problem that was raised just now. */
export function problemEvents(
  before: AccessCode,
  after: { readonly errors: readonly CodeError[]; readonly warnings: readonly CodeWarning[] },
  deviceId: string,
  now: TimeReading,
): readonly DomainEvent[] {
  const known = new Set([...before.errors, ...before.warnings].map((problem) => problem.code));
  const raised = [...after.errors, ...after.warnings].filter((problem) => !known.has(problem.code));
  const types = new Set(raised.map((problem) => EVENT_OF[problem.code]));
  return [...types].flatMap((event_type) =>
    event_type === undefined
      ? []
      : [
          {
            event_type,
            occurredAt: now.earliest,
            device_id: deviceId,
            access_code_id: before.accessCodeId,
            details: {
              access_code_errors: after.errors.map((error) => ({
                error_code: error.code,
                message: error.message,
              })),
              access_code_warnings: after.warnings.map((warning) => ({
                warning_code: warning.code,
                message: warning.message,
              })),
            },
          },
        ],
  );
}
