import { z } from 'zod';
import type { EventType } from '../../core/event.ts';
import { time } from '../../wire/access-code.ts';
import { count, kind, ofCode, type EventKind } from './event-kind.ts';
import { deviceIdSchema } from './topics.ts';
import { UPDATE_EVENTS } from './update-events.ts';

const backupReason = z
  .enum(['nightly', 'on_demand', 'before_risk'])
  .describe('`before_risk`: before a lock or a stick is taken out or replaced.');

const clockBasis = {
  from: z.string().describe('Who says that it is at least so late, as `clock` of `up/health` tells it.'),
  till: z.string().nullable().describe('Who says that it is no later; `null`: nobody.'),
  disputed: z.boolean(),
};

/** What happens to the hub itself. */
export const HUB_EVENT_TYPES: Readonly<Record<Extract<EventType, `hub.${string}`>, EventKind>> = {
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
  'hub.database_repaired': kind(
    'The database of the hub was damaged or gone. The hub goes on from a backup and from what could be read; this log has a new epoch, and every document is asked for again.',
    {
      damage: z.string().describe('What was wrong, in a word.'),
      restored_from: time.nullable().describe('When the backup was made; null: there was none that opens.'),
      is_emptied: z
        .boolean()
        .describe('Nothing was left: the hub knows no code and no key of its radios any more.'),
      lost: z.array(z.string()).describe('Tables of which nothing, or only parts, could be read.'),
    },
  ),
  'hub.claimed': kind('Somebody claimed this hub, so it has a certificate of its own.', {
    owner: z.string().describe('In words for people, as the cloud said them.'),
  }),
  'hub.backup_made': kind('The hub wrote a backup of itself.', {
    name: z.string().describe('Of the file on the hub; `make_backup` has one put elsewhere.'),
    reason: backupReason,
    size_bytes: count,
  }),
  'hub.backup_failed': kind('The hub could not make a backup of itself; the one before it is still there.', {
    reason: backupReason,
    message: z.string().describe('A sentence for people.'),
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
