import type { DomainEvent, EventType, Step } from '../event.ts';
import type { LockEvent } from '../lock-event.ts';
import type { LockState } from '../lock.ts';
import { withLock } from '../with.ts';

/** Takes in that an alarm holds or is over; told when that is news, so that each has one beginning and one end. */
export function alarm(
  state: LockState,
  event: LockEvent,
  field: 'jammed' | 'tampered',
  value: boolean,
  [begins, ends]: readonly [EventType, EventType],
): Step<LockState> {
  if (state.lock[field] === value) return { state, events: [] };
  return { state: withLock(state, { [field]: value }), events: [told(event, value ? begins : ends)] };
}

/** An event as it happened at the lock, whenever it was heard. */
export function told(
  event: LockEvent,
  type: EventType,
  details?: Readonly<Record<string, unknown>>,
): DomainEvent {
  return {
    event_type: type,
    occurredAt: event.at,
    device_id: event.deviceId,
    ...(details === undefined ? {} : { details }),
  };
}
