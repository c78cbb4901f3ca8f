import type { DomainEvent, EventType, Step } from '../event.ts';
import type { LockEvent, LockEventBody } from '../lock-event.ts';
import type { LockState } from '../lock.ts';
import { DAY_MS, type TimeReading } from '../time.ts';
import { withLock } from '../with.ts';

/** How long a tampering counts after its last alarm where nobody tells its end: a technician has a day to see it. */
const UNTOLD_TAMPER_MS = DAY_MS;

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

/** Takes in that somebody tampers with a lock, or that it is whole again. */
export function tampering(
  state: LockState,
  event: LockEvent,
  body: Extract<LockEventBody, { readonly kind: 'tampered' | 'tamper_cleared' }>,
): Step<LockState> {
  const isTampered = body.kind === 'tampered';
  const step = alarm(state, event, 'tampered', isTampered, ['device.tampered', 'device.tamper_cleared']);
  const tamperEndsAt = isTampered && body.endsUntold === true ? event.at + UNTOLD_TAMPER_MS : null;
  if (state.lock.tamperEndsAt === tamperEndsAt) return step;
  return { ...step, state: withLock(step.state, { tamperEndsAt }) };
}

/** Ends a tampering that has certainly lasted long enough, of a lock that never says that it is over. */
export function endUntoldTampering(state: LockState, now: TimeReading): Step<LockState> {
  const { deviceId, tamperEndsAt } = state.lock;
  if (tamperEndsAt === null || now.earliest < tamperEndsAt) return { state, events: [] };
  const over = withLock(state, { tampered: false, tamperEndsAt: null });
  const event_type = 'device.tamper_cleared';
  return { state: over, events: [{ event_type, occurredAt: now.earliest, device_id: deviceId }] };
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
