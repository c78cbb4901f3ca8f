import { z } from 'zod';
import {
  errorSchema,
  publicAccessCodeSchema,
  publicUnmanagedCodeSchema,
  time,
  warningSchema,
} from '../../wire/access-code.ts';
import { lockPropertiesSchema } from '../../wire/lock-properties.ts';
import { clockStateSchema } from './clock-state.ts';
import { MAJOR_VERSION } from './payload.ts';
import { acceptedSecretsSchema, sealingKeySchema } from './sealed.ts';
import { deviceIdSchema } from './topics.ts';

/** What the hub publishes. Senders build these types; tests and other programs check messages by the schemas. */

const version = z.literal(MAJOR_VERSION).describe('Major version of the contract.');
const seq = z.int().nonnegative();
const epoch = z.guid().describe("Identity of the hub's database. Another epoch is another log, from 1 on.");

/** Which run of which program, and which of its connections. */
const presence = {
  boot_id: z.string().describe('Another one for each start of the hub.'),
  connection_seq: seq.describe('Counts the connections of this boot, from 1 on.'),
  version: z.string().describe('Of the program on the hub.'),
  at: time.describe("The hub's own time, the earliest that it can vouch for."),
};

/** `up/status`, retained, also the last will. */
export const statusSchema = z.object({ v: version, state: z.enum(['online', 'offline']), ...presence });

const versions = {
  device_id: deviceIdSchema,
  generation: seq.describe('Of the newest document that was taken; 0 before the first.'),
  version_received: seq.describe('Of the newest document that was taken; 0 before the first.'),
  version_applied: seq.describe('Of the newest document of which nothing is pending any more.'),
  digest: z
    .string()
    .describe(
      'SHA-256 in hex of the report as JSON with sorted keys and no spaces, without `digest`, `boot_id`, `report_seq`, `part` and `parts`, and with only the `reason` in place of each `explanation`.',
    ),
};

/** `up/hello`, on every connect, and for a cloud that asks for all events. */
export const helloSchema = z.object({
  v: version,
  hub_id: z.string(),
  ...presence,
  hello_seq: seq
    .describe('Counts the hellos of this boot, from 1 on, so that an answer can name its hello.')
    .optional(),
  clock: clockStateSchema,
  outbox: z
    .object({
      epoch,
      head: seq.describe('Newest event; 0 before the first.'),
      published: seq.describe('Newest event that a broker has confirmed.'),
      acked: seq.describe('Newest event that the cloud has acknowledged.'),
      depth: seq.describe('Events that are kept.'),
    })
    .describe('Where the event log stands.'),
  sealing_key: sealingKeySchema,
  offline_secrets: acceptedSecretsSchema.optional(),
  devices: z.array(z.object(versions)),
});

/** They differ while a change is on its way. */
const fingerprint = z
  .string()
  .nullable()
  .describe(
    'HMAC of the PIN with a key of the hub: the same on this hub for the same PIN, and no way back to it.',
  );
const slot = z.int().describe("The lock's own number of the place that holds the code.");

const reportedCodeSchema = publicAccessCodeSchema
  .extend({
    on_lock: z
      .enum(['none', 'disabled', 'scheduled', 'active', 'unknown'])
      .describe('What the lock holds. `scheduled`: under its own schedule, and the window has not begun.'),
    slot: slot.nullable(),
    strategy: z
      .enum(['native', 'just_in_time', 'offline'])
      .describe(
        '`native`: the lock keeps the window by its own clock. `just_in_time`: the hub puts the code on and takes it off. `offline`: nothing of it is ever sent to the lock.',
      ),
    proof: z
      .enum(['read_back', 'checksum', 'event', 'supervision'])
      .nullable()
      .describe('Why the hub believes that the lock holds the code.'),
    pin_fingerprint: fingerprint,
    on_lock_pin_fingerprint: fingerprint,
    explanation: z
      .object({
        reason: z.string(),
        message: z.string().describe('For people; its words may change.'),
        at: time.nullable().describe('When it happens or is tried again.'),
      })
      .nullable()
      .describe('What the hub waits for or does next about it; `null` where there is nothing to do.'),
  })
  .meta({ id: 'ReportedCode' });

const reportedUnmanagedSchema = publicUnmanagedCodeSchema
  .extend({ slot, pin_fingerprint: fingerprint })
  .meta({
    id: 'UnmanagedCode',
    description:
      'A code that the hub did not put on the lock. A desired document that names its id adopts it, a tombstone deletes it.',
  });

const capabilitiesSchema = z.object({
  first_slot: z.int(),
  last_slot: z.int(),
  admin_slots: z.array(z.int()).describe('Slots between first and last that the hub never writes.'),
  pin_length: z.object({ min: z.int(), max: z.int() }).describe('In digits.'),
  native_scheduling: z
    .object({
      kind: z.literal('year_day'),
      granule_seconds: z.number().describe('The finest step of a window, in seconds.'),
    })
    .nullable()
    .describe('The lock keeps windows of time-bound codes itself; `null`: it does not.'),
  week_day_schedules: z.int().describe('Windows of every week that the lock keeps for one code; 0: none.'),
  disabled_codes: z.boolean().describe('It can hold a code that does not open.'),
  checksum: z.boolean().describe('One request compares all its slots.'),
  keypad: z.literal(true).describe('It is no lock but a keypad that asks the hub.').optional(),
});

/**
 * `up/reported/{device_id}`: what is true of one lock. A document too large for one message is sent in several
 * with the same `digest`: `codes` and `unmanaged_codes` are cut, and `part` counts from 1 to `parts`. A broker may
 * deliver an old one after a newer one, so each says by `report_seq` when it was made.
 */
export const reportedSchema = z.object({
  v: version,
  ...versions,
  device: z.object({
    radio: z
      .enum(['zwave', 'zigbee', 'offline'])
      .nullable()
      .describe(
        '`null`: no radio of this hub has met the lock yet. `offline`: it has no link to the hub, and an issuer computes its codes.',
      ),
    address: z
      .union([z.int(), z.string()])
      .nullable()
      .describe("Z-Wave node id, Zigbee IEEE address as `0x…`, or the issuer's own id of the lock."),
    model: z.string().nullable(),
    online: z.boolean(),
    battery_level: z.number().nullable().describe('From 0 to 1.'),
    locked: z.boolean().nullable().describe('The bolt as the lock told it last.'),
    jammed: z.boolean(),
    tampered: z.boolean(),
    capabilities: capabilitiesSchema.nullable(),
    door: z
      .object({
        keypad_device_id: deviceIdSchema,
        locked_until: time
          .nullable()
          .describe('Wrong codes were too many: offline codes are not looked at before.'),
        unread: z
          .int()
          .min(0)
          .describe('Codes typed since then, which were not looked at. The first of them alone is an event.')
          .optional(),
      })
      .describe('Of a lock that a keypad opens which asks the hub.')
      .optional(),
    properties: lockPropertiesSchema,
    errors: z.array(errorSchema),
    warnings: z.array(warningSchema),
  }),
  codes: z.array(reportedCodeSchema),
  unmanaged_codes: z.array(reportedUnmanagedSchema),
  boot_id: z.string(),
  report_seq: z
    .int()
    .positive()
    .describe(
      'Counts the reports of one run of the hub: of two with one `boot_id` the lower one is older, and void, whichever comes last.',
    ),
  part: z.int().positive().describe('From 1 to `parts`, of a report too large for one message.').optional(),
  parts: z.int().positive().describe('All parts of one report have the same `digest`.').optional(),
});

/** What every event has; its other fields depend on the type (`event-types.ts`). */
export const eventSchema = z.looseObject({
  seq: z.int().positive().describe('Place in the log of this epoch: from 1 on, without gaps.'),
  event_id: z.string(),
  event_type: z.string(),
  occurred_at: time.describe("When it happened, by the hub's clock or by the lock's own word."),
});

/** `up/event`: a batch in order of `seq`. */
export const eventBatchSchema = z.object({
  v: version,
  epoch,
  may_repeat: z
    .literal(true)
    .describe('The broker may have had these before: count each (`hub_id`, `epoch`, `seq`) once.')
    .optional(),
  events: z.array(eventSchema),
});

export type Status = z.infer<typeof statusSchema>;
export type Hello = z.infer<typeof helloSchema>;
export type Reported = z.infer<typeof reportedSchema>;
/** What a report says, whenever it was made. */
export type ReportContent = Omit<Reported, 'boot_id' | 'report_seq'>;
export type ReportedCode = z.infer<typeof reportedCodeSchema>;
export type EventBatch = z.infer<typeof eventBatchSchema>;
