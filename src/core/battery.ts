import type { DomainEvent } from './event.ts';
import type { LockEvent, LockEventBody } from './lock-event.ts';
import type { Lock } from './lock.ts';

export type BatteryStatus = 'critical' | 'low' | 'good' | 'full';

/** Bucket of a level from 0 to 1. No source gives the thresholds; these leave weeks to change the cells. */
export function batteryStatus(level: number): BatteryStatus {
  if (level <= 0.1) return 'critical';
  if (level <= 0.25) return 'low';
  return level < 0.9 ? 'good' : 'full';
}

/** Events of a battery report: a change of bucket, and the first time it is low. */
export function batteryEvents(
  lock: Lock,
  report: Extract<LockEventBody, { kind: 'battery' }>,
  event: LockEvent,
): readonly DomainEvent[] {
  const before = lock.batteryLevel === null ? null : batteryStatus(lock.batteryLevel);
  const level = report.level ?? lock.batteryLevel;
  const after = level === null ? null : batteryStatus(level);
  const base = { occurredAt: event.at, device_id: event.deviceId };
  const events: DomainEvent[] = [];
  if (after !== null && before !== null && after !== before) {
    const details = { battery_level: level, battery_status: after };
    events.push({ event_type: 'device.battery_status_changed', ...base, details });
  }
  const isLow = report.low || after === 'low' || after === 'critical';
  const wasLow = before === 'low' || before === 'critical';
  if (isLow && !wasLow) {
    events.push({ event_type: 'device.low_battery', ...base, details: { battery_level: level } });
  }
  return events;
}
