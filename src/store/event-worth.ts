import type { EventType } from '../core/event.ts';

/** How long an event is kept when the outbox is full: lowest goes first. */
export const WORTH = {
  /** Told again by the next report anyway. */
  telemetry: 0,
  other: 1,
  /** Who could open which door and who did: never given up. */
  security: 2,
  /** The record of a loss: at most one, replaced by the next. */
  loss: 3,
} as const;

export type Worth = (typeof WORTH)[keyof typeof WORTH];

/** Complete by type, so that a new kind of event can't be forgotten here. */
const WORTH_OF: Readonly<Record<EventType, Worth>> = {
  'access_code.created': WORTH.security,
  'access_code.changed': WORTH.security,
  'access_code.mutations_requested': WORTH.security,
  'access_code.name_changed': WORTH.security,
  'access_code.code_changed': WORTH.security,
  'access_code.time_frame_changed': WORTH.security,
  'access_code.scheduled_on_device': WORTH.security,
  'access_code.set_on_device': WORTH.security,
  'access_code.removed_from_device': WORTH.security,
  'access_code.deleted': WORTH.security,
  'access_code.delay_in_setting_on_device': WORTH.security,
  'access_code.failed_to_set_on_device': WORTH.security,
  'access_code.delay_in_removing_from_device': WORTH.security,
  'access_code.failed_to_remove_from_device': WORTH.security,
  'access_code.modified_external_to_seam': WORTH.security,
  'access_code.deleted_external_to_seam': WORTH.security,
  'access_code.backup_access_code_pulled': WORTH.security,
  'access_code.unmanaged.created': WORTH.security,
  'access_code.unmanaged.removed': WORTH.security,
  'access_code.unmanaged.converted_to_managed': WORTH.security,
  'access_code.unmanaged.failed_to_convert_to_managed': WORTH.security,
  'lock.locked': WORTH.security,
  'lock.unlocked': WORTH.security,
  'lock.access_denied': WORTH.security,
  'lock.jammed': WORTH.security,
  'lock.jam_cleared': WORTH.security,
  'device.added': WORTH.other,
  'device.removed': WORTH.other,
  'device.deleted': WORTH.other,
  'device.name_changed': WORTH.other,
  'device.connected': WORTH.telemetry,
  'device.disconnected': WORTH.telemetry,
  'device.low_battery': WORTH.telemetry,
  'device.battery_status_changed': WORTH.telemetry,
  'device.tampered': WORTH.security,
  'device.tamper_cleared': WORTH.security,
  'device.clock_wrong': WORTH.other,
  'device.clock_corrected': WORTH.other,
  'device.write_budget_exhausted': WORTH.other,
  'action_attempt.lock_door.succeeded': WORTH.other,
  'action_attempt.lock_door.failed': WORTH.other,
  'action_attempt.unlock_door.succeeded': WORTH.other,
  'action_attempt.unlock_door.failed': WORTH.other,
  'action_attempt.simulate_keypad_code_entry.succeeded': WORTH.other,
  'action_attempt.simulate_keypad_code_entry.failed': WORTH.other,
  'action_attempt.simulate_manual_lock_via_keypad.succeeded': WORTH.other,
  'action_attempt.simulate_manual_lock_via_keypad.failed': WORTH.other,
  'hub.message_rejected': WORTH.other,
  'hub.local_override': WORTH.security,
  'hub.code_shown': WORTH.security,
  'hub.events_lost': WORTH.loss,
  'hub.webhook_failed': WORTH.other,
  'hub.claimed': WORTH.security,
  'hub.disk_short': WORTH.other,
  'hub.disk_recovered': WORTH.other,
  'hub.backup_made': WORTH.other,
  'hub.backup_failed': WORTH.other,
  'hub.database_repaired': WORTH.security,
  'hub.clock_stepped': WORTH.other,
  'hub.clock_uncertain': WORTH.other,
  'hub.clock_certain': WORTH.other,
  'hub.updated': WORTH.other,
  'hub.update_failed': WORTH.other,
  'hub.started': WORTH.other,
};

export function worthOf(type: EventType): Worth {
  return WORTH_OF[type];
}
