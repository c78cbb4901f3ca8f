import { isSettled, type Command, type CommandOutcome } from './command.ts';
import type { AttemptEventType, DomainEvent } from './event.ts';
import { instantText } from './instant-text.ts';
import { SECOND_MS, type Instant } from './time.ts';

/** Commands that clients of the HTTP API wait for by an event (spec section e). */
const TOLD = ['lock_door', 'unlock_door'] as const;

/** What is told when a command comes to its end: of a bolt that was to be moved, whether it was. */
export function attemptEvents(
  { commandId, request }: Pick<Command, 'commandId' | 'request'>,
  outcome: CommandOutcome,
  at: Instant,
): readonly DomainEvent[] {
  const action = TOLD.find((type) => type === request?.type);
  if (action === undefined || request === null || !isSettled(outcome)) return [];
  const deviceId = 'deviceId' in request ? request.deviceId : null;
  return deviceId === null ? [] : [attemptEvent(commandId, action, deviceId, outcome.state, at)];
}

/** The end of one attempt. */
export function attemptEvent(
  attemptId: string,
  action: Action,
  deviceId: string,
  state: CommandOutcome['state'],
  at: Instant,
): DomainEvent {
  const isDone = state === 'succeeded';
  return {
    event_type: `action_attempt.${action}.${isDone ? 'succeeded' : 'failed'}`,
    occurredAt: at,
    device_id: deviceId,
    details: {
      action_attempt_id: attemptId,
      action_type: action.toUpperCase(),
      status: isDone ? 'success' : 'error',
    },
  };
}

/** A lock may say that its bolt moved a moment after it has confirmed the command. */
const REPORTED_WITHIN_MS = 5 * SECOND_MS;

/**
 * Names the attempt in what a lock tells of its bolt, where its newest command moved it.
 *
 * @param newest the newest command for this lock, ended or not
 */
export function withAttempt(
  events: readonly DomainEvent[],
  newest: Command | undefined,
  now: Instant,
): readonly DomainEvent[] {
  if (newest === undefined || !isAtWork(newest, now)) return events;
  const moved = newest.type === 'lock_door' ? 'lock.locked' : 'lock.unlocked';
  return events.map((event) => {
    const isIts = event.event_type === moved && event.details?.['method'] === 'remote';
    return isIts ? attempted(event, newest) : event;
  });
}

/** Who opened with an offline code did it with a code, whatever the lock took it for. */
function attempted(event: DomainEvent, { commandId, request }: Command): DomainEvent {
  const named = { ...event, details: { ...event.details, action_attempt_id: commandId } };
  const entry = request?.type === 'unlock_door' ? request.entry : undefined;
  if (entry === undefined) return named;
  const { keypadId, accessCodeId, startsAt, endsAt } = entry;
  return {
    ...named,
    ...(accessCodeId === null ? {} : { access_code_id: accessCodeId }),
    details: {
      ...named.details,
      method: 'keycode',
      keypad_device_id: keypadId,
      ...(accessCodeId === null ? {} : { access_code_is_managed: true }),
      offline_window: { starts_at: instantText(startsAt), ends_at: instantText(endsAt) },
    },
  };
}

function isAtWork({ request, outcome, outcomeAt }: Command, now: Instant): boolean {
  if (request?.type !== 'lock_door' && request?.type !== 'unlock_door') return false;
  if (outcome.state === 'running') return true;
  return outcome.state === 'succeeded' && now - outcomeAt <= REPORTED_WITHIN_MS;
}

/** What can be attempted and is told. */
type Action = AttemptEventType extends `action_attempt.${infer Name}.${string}` ? Name : never;
