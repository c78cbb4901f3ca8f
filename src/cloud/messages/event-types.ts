import { z } from 'zod';
import type { EventType } from '../../core/event.ts';
import { errorSchema, warningSchema } from '../../wire/access-code.ts';
import { deviceIdSchema } from './topics.ts';
import { UPDATE_EVENTS } from './update-events.ts';

/** One type of event: when it is told, and its fields beside those that every event has. */
interface EventKind {
  readonly when: string;
  readonly fields: Readonly<Record<string, z.ZodType>>;
}

const ofLock = { device_id: deviceIdSchema };
const ofCode = { ...ofLock, access_code_id: z.string() };
const count = z.int().nonnegative();
const batteryLevel = z.number().nullable().describe('From 0 to 1.');

const problemsOfLock = { device_errors: z.array(errorSchema), device_warnings: z.array(warningSchema) };
const problems = {
  ...ofCode,
  access_code_errors: z.array(errorSchema),
  access_code_warnings: z.array(warningSchema),
  ...problemsOfLock,
};

/** Values are told of names and times, never of PINs. */
const value = z.unknown().optional();
const edit = { description: z.string().describe('For people; its words may change.') };
const names = z.object({ name: z.string().nullable() });
const timeFrames = z.object({ starts_at: z.string().nullable(), ends_at: z.string().nullable() });

const bolt = {
  ...ofLock,
  method: z
    .enum(['keycode', 'manual', 'automatic', 'remote', 'unknown'])
    .describe('`automatic`: the lock did it by itself.'),
  slot: z.int().describe('Whose code it was, where the lock says so.').optional(),
  access_code_id: z.string().describe('The code of that slot.').optional(),
  access_code_is_managed: z.boolean().optional(),
  action_attempt_id: z
    .string()
    .describe('The `command_id`, where a command of the cloud or of the local API moved it.')
    .optional(),
};

const atKeypad = {
  keypad_device_id: deviceIdSchema
    .describe('The keypad that asks the hub, where the code was typed.')
    .optional(),
  offline_window: z
    .object({ starts_at: z.string(), ends_at: z.string() })
    .describe('What an offline code says, known to the hub or not.')
    .optional(),
};

const clockOff = {
  ...ofLock,
  ahead_seconds: z.int().describe("The lock's clock less the hub's; negative: it is behind."),
};

const clockBasis = {
  from: z.string().describe('Who says that it is at least so late, as `clock` of `up/health` tells it.'),
  till: z.string().nullable().describe('Who says that it is no later; `null`: nobody.'),
  disputed: z.boolean(),
};

const attempt = {
  ...ofLock,
  action_attempt_id: z.string().describe('The `command_id`.'),
  action_type: z.string().describe('The type of the command in capitals.'),
  status: z.enum(['success', 'error']),
};

const kind = (when: string, fields: EventKind['fields']): EventKind => ({ when, fields });

/** Every type of event that this hub tells. None has a PIN in it. */
export const EVENT_TYPES: Readonly<Record<EventType, EventKind>> = {
  'access_code.created': kind('A code was taken for the first time.', ofCode),
  'access_code.changed': kind('Properties of a code are asked for otherwise than before.', {
    ...ofCode,
    changed_properties: z.array(z.object({ property: z.string(), from: value, to: value })),
  }),
  'access_code.mutations_requested': kind('An edit was asked for that the lock is to take.', {
    ...ofCode,
    requested_mutations: z.array(z.object({ mutation_code: z.string(), from: value, to: value })),
  }),
  'access_code.name_changed': kind('The name of a code was changed.', {
    ...ofCode,
    ...edit,
    from: names,
    to: names,
  }),
  'access_code.code_changed': kind('The lock holds the new PIN of a code.', { ...ofCode, ...edit }),
  'access_code.time_frame_changed': kind('The lock keeps the new time frame of a code.', {
    ...ofCode,
    ...edit,
    from: timeFrames,
    to: timeFrames,
  }),
  'access_code.scheduled_on_device': kind('The lock holds a code under its own schedule.', ofCode),
  'access_code.set_on_device': kind('A code is on the lock and opens it now.', ofCode),
  'access_code.removed_from_device': kind('A code that was on the lock is off it.', ofCode),
  'access_code.deleted': kind('A code is gone for good.', ofCode),
  'access_code.delay_in_setting_on_device': kind('A code should be on the lock by now.', problems),
  'access_code.failed_to_set_on_device': kind('A code could not be put on the lock.', problems),
  'access_code.delay_in_removing_from_device': kind('A code should be off the lock by now.', problems),
  'access_code.failed_to_remove_from_device': kind('A code could not be taken off the lock.', problems),
  'access_code.modified_external_to_seam': kind('Somebody changed a code at the lock.', {
    ...ofCode,
    change_type: z.literal('modified'),
  }),
  'access_code.deleted_external_to_seam': kind('Somebody took a code off the lock.', {
    ...ofCode,
    change_type: z.literal('removed'),
  }),
  'access_code.backup_access_code_pulled': kind('A backup code stands in for this one.', {
    ...ofCode,
    backup_access_code_id: z.string(),
  }),
  'access_code.unmanaged.created': kind(
    'The hub found a code on the lock that it did not put there.',
    ofCode,
  ),
  'access_code.unmanaged.removed': kind('Such a code is off the lock.', ofCode),
  'access_code.unmanaged.converted_to_managed': kind('Such a code was adopted by a document.', ofCode),
  'access_code.unmanaged.failed_to_convert_to_managed': kind('Such a code could not be adopted.', {
    ...ofCode,
    access_code_errors: z.array(errorSchema),
  }),
  'lock.locked': kind('The bolt went out.', bolt),
  'lock.unlocked': kind('The bolt went in. `keycode` with `access_code_id`: a use of that code.', {
    ...bolt,
    ...atKeypad,
  }),
  'lock.access_denied': kind('A code was typed that does not open the lock.', {
    ...ofLock,
    ...atKeypad,
    access_code_id: z.string().describe('Of an offline code that the hub knows.').optional(),
    reason: z
      .enum(['not_an_offline_code', 'wrong', 'early', 'ended', 'burnt', 'locked_out', 'clock_uncertain'])
      .describe('Of a code that the hub judged: without it the lock itself refused one.')
      .optional(),
    locked_until: z
      .string()
      .describe('Wrong codes were too many: offline codes are not looked at before.')
      .optional(),
  }),
  'lock.jammed': kind('The bolt is stuck.', ofLock),
  'lock.jam_cleared': kind('The bolt is free again.', ofLock),
  'device.added': kind('The hub met a lock for the first time.', ofLock),
  'device.removed': kind('A lock left the radio network.', ofLock),
  'device.deleted': kind(
    'A lock that had left was forgotten on the hub itself, with its codes. What it held it may still hold.',
    ofLock,
  ),
  'device.name_changed': kind('A lock was given another name on the hub itself.', {
    ...ofLock,
    from: names,
    to: names,
  }),
  'device.connected': kind('A lock that was lost answers again.', ofLock),
  'device.disconnected': kind('A lock does not answer any more.', {
    ...ofLock,
    error_code: z
      .enum(['device_disconnected', 'hub_disconnected'])
      .describe('`hub_disconnected`: it is the radio of the hub that is gone.'),
    ...problemsOfLock,
  }),
  'device.low_battery': kind('The battery is low, by its level or by the word of the lock.', {
    ...ofLock,
    battery_level: batteryLevel,
  }),
  'device.battery_status_changed': kind('The battery is in another class than before.', {
    ...ofLock,
    battery_level: batteryLevel,
    battery_status: z.enum(['critical', 'low', 'good', 'full']),
  }),
  'device.tampered': kind('The lock was opened or torn off.', ofLock),
  'device.tamper_cleared': kind(
    'The lock is whole again, or is one that never tells so and has raised no alarm for a day.',
    ofLock,
  ),
  'device.clock_wrong': kind('The clock of the lock is more than five minutes off.', clockOff),
  'device.clock_corrected': kind('The clock of the lock is right again.', clockOff),
  'device.write_budget_exhausted': kind('The hub holds back from repeating writes for an hour.', ofLock),
  'action_attempt.lock_door.succeeded': kind('A bolt was to be sent out, and that is done.', attempt),
  'action_attempt.lock_door.failed': kind('A bolt was to be sent out, and that failed.', attempt),
  'action_attempt.unlock_door.succeeded': kind('A bolt was to be drawn back, and that is done.', attempt),
  'action_attempt.unlock_door.failed': kind('A bolt was to be drawn back, and that failed.', attempt),
  'action_attempt.simulate_keypad_code_entry.succeeded': kind(
    'A PIN was typed in the simulated house, and that is done.',
    attempt,
  ),
  'action_attempt.simulate_keypad_code_entry.failed': kind(
    'A PIN was typed in the simulated house, and that failed.',
    attempt,
  ),
  'action_attempt.simulate_manual_lock_via_keypad.succeeded': kind(
    'Somebody pressed the lock button in the simulated house, and that is done.',
    attempt,
  ),
  'action_attempt.simulate_manual_lock_via_keypad.failed': kind(
    'Somebody pressed the lock button in the simulated house, and that failed.',
    attempt,
  ),
  'hub.message_rejected': kind('Messages from the cloud, or codes in them, were not taken.', {
    reason: z.string(),
    count: count.describe('Since the last event with this reason.'),
    topic: z.string().describe('Of the first of these messages.').optional(),
    device_id: deviceIdSchema.optional(),
    access_code_id: z.string().optional(),
  }),
  'hub.local_override': kind(
    'A code of the cloud was changed on the hub itself. That holds until the next desired document with a newer version, which says again what the code is.',
    {
      ...ofCode,
      change: z
        .enum(['updated', 'deleted', 'handed_back'])
        .describe('`handed_back`: it is on the lock as an unmanaged code now.'),
    },
  ),
  'hub.code_shown': kind('Somebody was shown the PIN of a code on the page or by the local API.', {
    ...ofCode,
    by: z.string().describe('The name of the API key; `page` for a person who logged in.'),
  }),
  'hub.events_lost': kind('The log was full, so events of little worth were given up.', {
    count,
    first_seq: count,
    last_seq: count.describe('Between the two, missing events do not come any more.'),
  }),
  'hub.webhook_failed': kind(
    'A receiver on the local network did not take an event in a whole day and more, so it will not get it. Told once until it takes one again.',
    { webhook_id: z.string(), lost_seq: count.describe('Of the event that was given up.') },
  ),
  'hub.disk_short': kind(
    'The disk of the hub has little room left (`short`: telemetry is not kept any more) or none (`none`: what can not be stored is not acknowledged; codes that end are taken off all the same).',
    { room: z.enum(['short', 'none']), free_bytes: count },
  ),
  'hub.disk_recovered': kind('The disk of the hub has room again.', {
    room: z.literal('ample'),
    free_bytes: count,
  }),
  'hub.claimed': kind('Somebody claimed this hub, so it has a certificate of its own.', {
    owner: z.string().describe('In words for people, as the cloud said them.'),
  }),
  'hub.clock_stepped': kind('Somebody or something set the clock of the machine that the hub runs on.', {
    by_seconds: z.number().describe('Negative: back.'),
  }),
  'hub.clock_uncertain': kind(
    'For a minute the hub has not known the time to 30 s, so that nothing is switched on which needs it.',
    clockBasis,
  ),
  'hub.clock_certain': kind('The hub knows the time again.', clockBasis),
  ...UPDATE_EVENTS,
  'hub.started': kind('The hub started.', {
    boot_id: z.string(),
    version: z.string(),
    safe_mode: z
      .string()
      .describe('It started in safe mode, in which it only takes off codes that have ended: why.')
      .optional(),
  }),
};
