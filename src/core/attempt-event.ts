import { isSettled, type Command, type CommandOutcome } from './command.ts';
import type { AttemptEventType, DomainEvent } from './event.ts';
import type { Instant } from './time.ts';

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

/** What can be attempted and is told. */
type Action = AttemptEventType extends `action_attempt.${infer Name}.${string}` ? Name : never;
