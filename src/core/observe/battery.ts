import type { DomainEvent, Step } from '../event.ts';
import type { LockEvent, LockEventBody } from '../lock-event.ts';
import type { LockState } from '../lock.ts';
import { withLock } from '../with.ts';

export type BatteryStatus = 'critical' | 'low' | 'good' | 'full';

/** Bucket of a level from 0 to 1. No source gives the thresholds; these leave weeks to change the cells. */
export function batteryStatus(level: number): BatteryStatus {
  if (level <= 0.1) return 'critical';
  if (level <= 0.25) return 'low';
  return level < 0.9 ? 'good' : 'full';
}

/** Takes in a battery report: a change of bucket is told, and the first time that the battery is low. */
export function battery(
  state: LockState,
  report: Extract<LockEventBody, { kind: 'battery' }>,
  event: LockEvent,
): Step<LockState> {
  const { lock } = state;
  const level = report.level ?? lock.batteryLevel;
  const before = lock.batteryLevel === null ? null : batteryStatus(lock.batteryLevel);
  const after = level === null ? null : batteryStatus(level);
  // A warning without a level holds until a level says that it is over.
  const batteryLow =
    report.low || (report.level === null ? lock.batteryLow : after === 'low' || after === 'critical');
  const base = { occurredAt: event.at, device_id: event.deviceId };
  const events: DomainEvent[] = [];
  if (after !== null && before !== null && after !== before) {
    const details = { battery_level: level, battery_status: after };
    events.push({ event_type: 'device.battery_status_changed', ...base, details });
  }
  if (batteryLow && !lock.batteryLow) {
    events.push({ event_type: 'device.low_battery', ...base, details: { battery_level: level } });
  }
  return { state: withLock(state, { batteryLevel: level, batteryLow }), events };
}
