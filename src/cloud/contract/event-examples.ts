import type { EventType } from '../../core/event.ts';
import { SECOND_MS } from '../../core/time.ts';
import {
  BACKUP,
  BOOT,
  COMMAND,
  EPOCH,
  FOUND,
  GUEST,
  LOCK,
  PROGRAM,
  WEBHOOK,
  type Example,
} from './example.ts';

type Fields = Example['payload'];

const FIRST_SEQ = 20;
const FIRST_AT = Date.parse('2026-11-22T14:03:00.000Z');
const noPin = { access_code_errors: [], access_code_warnings: [], device_errors: [], device_warnings: [] };
const lock = { device_id: LOCK };
const code = { ...lock, access_code_id: GUEST };
const found = { ...lock, access_code_id: FOUND };
const attempt = { ...lock, action_attempt_id: COMMAND };
const refused = {
  error_code: 'failed_to_set_on_device',
  message: 'The lock did not take the code.',
};
const late = { warning_code: 'delay_in_setting_on_device', message: 'The code is late on the lock.' };

/** What an event of each type tells. */
const FIELDS: Readonly<Record<EventType, Fields>> = {
  'access_code.created': code,
  'access_code.changed': { ...code, changed_properties: [{ property: 'name' }, { property: 'code' }] },
  'access_code.mutations_requested': {
    ...code,
    requested_mutations: [
      { mutation_code: 'updating_name', from: { name: 'Anna' }, to: { name: 'Anna Berg' } },
      { mutation_code: 'updating_code' },
    ],
  },
  'access_code.name_changed': {
    ...code,
    description: 'The name of the code was changed.',
    from: { name: 'Anna' },
    to: { name: 'Anna Berg' },
  },
  'access_code.code_changed': { ...code, description: 'The PIN of the code was changed on the lock.' },
  'access_code.time_frame_changed': {
    ...code,
    description: 'The time frame of the code was changed on the lock.',
    from: { starts_at: '2026-11-22T15:00:00.000Z', ends_at: '2026-11-23T10:00:00.000Z' },
    to: { starts_at: '2026-11-22T15:00:00.000Z', ends_at: '2026-11-24T10:00:00.000Z' },
  },
  'access_code.scheduled_on_device': code,
  'access_code.set_on_device': code,
  'access_code.removed_from_device': code,
  'access_code.deleted': code,
  'access_code.delay_in_setting_on_device': { ...code, ...noPin, access_code_warnings: [late] },
  'access_code.failed_to_set_on_device': { ...code, ...noPin, access_code_errors: [refused] },
  'access_code.delay_in_removing_from_device': { ...code, ...noPin },
  'access_code.failed_to_remove_from_device': { ...code, ...noPin },
  'access_code.modified_external_to_seam': { ...code, change_type: 'modified' },
  'access_code.deleted_external_to_seam': { ...code, change_type: 'removed' },
  'access_code.backup_access_code_pulled': { ...code, backup_access_code_id: BACKUP },
  'access_code.unmanaged.created': found,
  'access_code.unmanaged.removed': found,
  'access_code.unmanaged.converted_to_managed': found,
  'access_code.unmanaged.failed_to_convert_to_managed': { ...found, access_code_errors: [refused] },
  'lock.locked': { ...lock, method: 'automatic' },
  'lock.unlocked': { ...code, method: 'keycode', slot: 3, access_code_is_managed: true },
  'lock.access_denied': lock,
  'lock.jammed': lock,
  'lock.jam_cleared': lock,
  'device.added': lock,
  'device.removed': lock,
  'device.deleted': lock,
  'device.name_changed': { ...lock, from: { name: null }, to: { name: 'Front door' } },
  'device.connected': lock,
  'device.disconnected': {
    ...lock,
    error_code: 'device_disconnected',
    device_errors: [{ error_code: 'device_offline', message: 'The lock does not answer.' }],
    device_warnings: [],
  },
  'device.low_battery': { ...lock, battery_level: 0.2 },
  'device.battery_status_changed': { ...lock, battery_level: 0.2, battery_status: 'low' },
  'device.tampered': lock,
  'device.tamper_cleared': lock,
  'device.clock_wrong': { ...lock, ahead_seconds: -412 },
  'device.clock_corrected': { ...lock, ahead_seconds: 0 },
  'device.write_budget_exhausted': lock,
  'action_attempt.lock_door.succeeded': { ...attempt, action_type: 'LOCK_DOOR', status: 'success' },
  'action_attempt.lock_door.failed': { ...attempt, action_type: 'LOCK_DOOR', status: 'error' },
  'action_attempt.unlock_door.succeeded': { ...attempt, action_type: 'UNLOCK_DOOR', status: 'success' },
  'action_attempt.unlock_door.failed': { ...attempt, action_type: 'UNLOCK_DOOR', status: 'error' },
  'action_attempt.simulate_keypad_code_entry.succeeded': {
    ...attempt,
    action_type: 'SIMULATE_KEYPAD_CODE_ENTRY',
    status: 'success',
  },
  'action_attempt.simulate_keypad_code_entry.failed': {
    ...attempt,
    action_type: 'SIMULATE_KEYPAD_CODE_ENTRY',
    status: 'error',
  },
  'action_attempt.simulate_manual_lock_via_keypad.succeeded': {
    ...attempt,
    action_type: 'SIMULATE_MANUAL_LOCK_VIA_KEYPAD',
    status: 'success',
  },
  'action_attempt.simulate_manual_lock_via_keypad.failed': {
    ...attempt,
    action_type: 'SIMULATE_MANUAL_LOCK_VIA_KEYPAD',
    status: 'error',
  },
  'hub.message_rejected': {
    reason: 'not_json',
    count: 3,
    topic: `lockhub/v1/hub-0042/down/desired/${LOCK}`,
  },
  'hub.local_override': { ...code, change: 'updated' },
  'hub.code_shown': { ...code, by: 'page' },
  'hub.events_lost': { count: 12, first_seq: 4, last_seq: 17 },
  'hub.webhook_failed': { webhook_id: WEBHOOK, lost_seq: 17 },
  'hub.database_repaired': {
    damage: 'damaged',
    restored_from: '2026-11-22T02:17:00.000Z',
    is_emptied: false,
    lost: ['measurements'],
  },
  'hub.claimed': { owner: 'Hotel Adler' },
  'hub.disk_short': { room: 'short', free_bytes: 52_428_800 },
  'hub.disk_recovered': { room: 'ample', free_bytes: 402_653_184 },
  'hub.backup_made': {
    name: 'hub-7-20261122T031700Z.lockhub-backup',
    reason: 'nightly',
    size_bytes: 214_016,
  },
  'hub.backup_failed': { reason: 'nightly', message: 'The system refused to write a file (ENOSPC).' },
  'hub.clock_stepped': { by_seconds: -3600 },
  'hub.clock_uncertain': { from: 'floor', till: null, disputed: false },
  'hub.clock_certain': { from: 'system', till: 'system', disputed: false },
  'hub.updated': { update_id: COMMAND, from: PROGRAM, version: '0.2.0' },
  'hub.update_failed': {
    update_id: COMMAND,
    from: PROGRAM,
    version: '0.2.0',
    reason: 'It did not get ready within 240 s.',
    database_restored: false,
  },
  'hub.started': { boot_id: BOOT, version: PROGRAM },
};

const all = (Object.keys(FIELDS) as EventType[]).map((event_type, index) => ({
  event_type,
  occurred_at: new Date(FIRST_AT + index * SECOND_MS).toISOString(),
  ...FIELDS[event_type],
  // As the hub makes them: a UUID that follows from epoch and seq.
  event_id: `e0000000-0000-8000-8000-${String(FIRST_SEQ + index).padStart(12, '0')}`,
  seq: FIRST_SEQ + index,
}));

export const EVENT_EXAMPLES: readonly Example[] = [
  {
    name: 'event',
    summary: 'A code reached the lock and opened it. The broker may have had this batch before.',
    payload: {
      v: 1,
      epoch: EPOCH,
      may_repeat: true,
      events: all.filter(({ event_type }) =>
        ['access_code.set_on_device', 'lock.unlocked'].includes(event_type),
      ),
    },
  },
  {
    name: 'event-every-type',
    summary: 'One event of each type.',
    payload: { v: 1, epoch: EPOCH, events: all },
  },
  {
    name: 'event-of-a-newer-hub',
    summary: 'A type that this contract does not know: store and acknowledge it like the others.',
    payload: {
      v: 1,
      epoch: EPOCH,
      events: [
        {
          event_type: 'lock.doorbell',
          occurred_at: '2026-11-22T14:04:00.000Z',
          device_id: LOCK,
          pressed: 2,
          event_id: 'e0000000-0000-8000-8000-000000000019',
          seq: 19,
        },
      ],
    },
  },
];
