import type { AccessCode } from '../access-code.ts';
import { deviceProblemsOf } from './device-problems.ts';
import type { DomainEvent, EventType } from '../event.ts';
import type { LockState, Policy } from '../lock.ts';
import { detailFields, type ErrorCode, type Problem, type WarningCode } from '../problem.ts';
import type { CodeProblems } from './problems.ts';
import { wasAccepted } from '../request/request.ts';
import type { TimeReading } from '../time.ts';

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
  after: CodeProblems,
  state: LockState,
  policy: Policy,
  now: TimeReading,
): readonly DomainEvent[] {
  // Nobody was told of a request that was refused from the start; its reason is in the report.
  if (!wasAccepted(before)) return [];
  const known = new Set([...before.errors, ...before.warnings].map((problem) => problem.code));
  const raised = [...after.errors, ...after.warnings].filter((problem) => !known.has(problem.code));
  const types = new Set(raised.flatMap(({ code }) => EVENT_OF[code] ?? []));
  if (types.size === 0) return [];
  const details = {
    access_code_errors: after.errors.map(errorShape),
    access_code_warnings: after.warnings.map(warningShape),
    ...deviceFields(state, policy, now),
  };
  return [...types].map((event_type) => ({
    event_type,
    occurredAt: now.earliest,
    device_id: state.lock.deviceId,
    access_code_id: before.accessCodeId,
    details,
  }));
}

/** The event of a lock that is lost tells what else is wrong with the lock (spec section e). */
export function withDeviceProblems(
  event: DomainEvent,
  state: LockState,
  policy: Policy,
  now: TimeReading,
): DomainEvent {
  if (event.event_type !== 'device.disconnected') return event;
  return { ...event, details: { ...event.details, ...deviceFields(state, policy, now) } };
}

function deviceFields(state: LockState, policy: Policy, now: TimeReading) {
  const device = deviceProblemsOf(state, policy, now);
  return {
    device_errors: device.errors.map(errorShape),
    device_warnings: device.warnings.map(warningShape),
  };
}

type Told = Pick<Problem<string>, 'code' | 'message' | 'details'>;

function errorShape({ code, message, details }: Told): Readonly<Record<string, unknown>> {
  return { error_code: code, message, ...detailFields(details) };
}

function warningShape({ code, message, details }: Told): Readonly<Record<string, unknown>> {
  return { warning_code: code, message, ...detailFields(details) };
}
