import type { Instant } from './time.ts';

/**
 * Something that happened, for the outbox. Field names are those of the wire. Never holds a PIN: the `code` that
 * some events carry in the HTTP API is left out.
 */
export interface DomainEvent {
  readonly event_type: EventType;
  readonly occurredAt: Instant;
  readonly device_id?: string;
  readonly access_code_id?: string;
  /** Further fields of this event type, JSON values only. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The end of what was tried once (spec section e). */
export type AttemptEventType = `action_attempt.${
  | 'lock_door'
  | 'unlock_door'
  | 'simulate_keypad_code_entry'
  | 'simulate_manual_lock_via_keypad'}.${'succeeded' | 'failed'}`;

export type EventType =
  | AttemptEventType
  | 'access_code.created'
  | 'access_code.changed'
  | 'access_code.mutations_requested'
  | 'access_code.name_changed'
  | 'access_code.code_changed'
  | 'access_code.time_frame_changed'
  | 'access_code.scheduled_on_device'
  | 'access_code.set_on_device'
  | 'access_code.removed_from_device'
  | 'access_code.deleted'
  | 'access_code.delay_in_setting_on_device'
  | 'access_code.failed_to_set_on_device'
  | 'access_code.delay_in_removing_from_device'
  | 'access_code.failed_to_remove_from_device'
  | 'access_code.modified_external_to_seam'
  | 'access_code.deleted_external_to_seam'
  | 'access_code.backup_access_code_pulled'
  | 'access_code.unmanaged.created'
  | 'access_code.unmanaged.removed'
  | 'access_code.unmanaged.converted_to_managed'
  | 'access_code.unmanaged.failed_to_convert_to_managed'
  | 'lock.locked'
  | 'lock.unlocked'
  | 'lock.access_denied'
  | 'lock.jammed'
  | 'lock.jam_cleared'
  | 'device.added'
  | 'device.removed'
  | 'device.deleted'
  | 'device.name_changed'
  | 'device.connected'
  | 'device.disconnected'
  | 'device.low_battery'
  | 'device.battery_status_changed'
  | 'device.tampered'
  | 'device.tamper_cleared'
  | 'device.clock_wrong'
  | 'device.clock_corrected'
  | 'device.write_budget_exhausted'
  | 'hub.message_rejected'
  | 'hub.local_override'
  | 'hub.code_shown'
  | 'hub.events_lost'
  | 'hub.webhook_failed'
  | 'hub.claimed'
  | 'hub.disk_short'
  | 'hub.disk_recovered'
  | 'hub.backup_made'
  | 'hub.backup_failed'
  | 'hub.database_repaired'
  | 'hub.clock_stepped'
  | 'hub.clock_uncertain'
  | 'hub.clock_certain'
  | 'hub.updated'
  | 'hub.update_failed'
  | 'hub.started';

/** What a pure step answers: the state after it and the events it caused, to be committed together. */
export interface Step<State> {
  readonly state: State;
  readonly events: readonly DomainEvent[];
}
