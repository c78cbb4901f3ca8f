import { z } from 'zod';
import {
  errorSchema,
  publicAccessCodeSchema,
  publicUnmanagedCodeSchema,
  time,
  warningSchema,
} from '../../wire/access-code.ts';
import { MAJOR_VERSION } from './payload.ts';
import { sealingKeySchema } from './sealed.ts';

/** What the hub publishes. Senders build these types; tests and other programs check messages by the schemas. */

const version = z.literal(MAJOR_VERSION);
const seq = z.int().nonnegative();

/** `up/status`, retained, also the last will. `at` is the hub's own time. */
export const statusSchema = z.object({
  v: version,
  state: z.enum(['online', 'offline']),
  boot_id: z.string(),
  /** Counts the connections of this boot, so that a late will can be told from the newest hello. */
  connection_seq: seq,
  version: z.string(),
  at: time,
});

const versions = {
  device_id: z.guid(),
  generation: seq,
  version_received: seq,
  version_applied: seq,
  digest: z.string(),
};

/** `up/hello`, on every connect. */
export const helloSchema = z.object({
  v: version,
  hub_id: z.string(),
  boot_id: z.string(),
  connection_seq: seq,
  version: z.string(),
  at: time,
  clock: z.object({ earliest: time, latest: time.nullable() }),
  outbox: z.object({ epoch: z.guid(), head: seq, published: seq, acked: seq, depth: seq }),
  sealing_key: sealingKeySchema,
  devices: z.array(z.object(versions)),
});

/** Of the wanted PIN, and of the one in the slot, where the lock shows it: they differ while a change is on its way. */
const fingerprint = z.string().nullable();
const slot = z.int();

const reportedCodeSchema = publicAccessCodeSchema.extend({
  on_lock: z.enum(['none', 'disabled', 'scheduled', 'active', 'unknown']),
  slot: slot.nullable(),
  strategy: z.enum(['native', 'just_in_time']),
  proof: z.enum(['read_back', 'checksum', 'event', 'supervision']).nullable(),
  pin_fingerprint: fingerprint,
  on_lock_pin_fingerprint: fingerprint,
  /** What the hub waits for or does next about it, and when; `null` where there is nothing to do. */
  explanation: z.object({ reason: z.string(), message: z.string(), at: time.nullable() }).nullable(),
});

/** A code that the hub did not put on the lock. A desired document that names its id adopts it, a tombstone deletes it. */
const reportedUnmanagedSchema = publicUnmanagedCodeSchema.extend({ slot, pin_fingerprint: fingerprint });

const capabilitiesSchema = z.object({
  first_slot: z.int(),
  last_slot: z.int(),
  admin_slots: z.array(z.int()),
  pin_length: z.object({ min: z.int(), max: z.int() }),
  native_scheduling: z.object({ kind: z.literal('year_day'), granule_seconds: z.number() }).nullable(),
  week_day_schedules: z.int(),
  disabled_codes: z.boolean(),
  checksum: z.boolean(),
});

/** In the words of the device object's `properties`. */
const propertiesSchema = z.object({
  supported_code_lengths: z.array(z.int()),
  max_active_codes_supported: z.int().nullable(),
  code_constraints: z.array(
    z.object({
      constraint_type: z.string(),
      min_length: z.int().optional(),
      max_length: z.int().optional(),
    }),
  ),
  supports_backup_access_code_pool: z.boolean(),
  has_native_entry_events: z.boolean(),
  /** Extensions, from here on. `ready` ones can be pulled, `pulled` ones were. */
  backup_access_code_pool: z.object({
    enabled: z.boolean(),
    size: z.int(),
    ready: z.int(),
    pulled: z.int(),
  }),
  /** The last look at the lock's clock; `null` before the first. */
  clock: z.object({ checked_at: time, ahead_seconds: z.number() }).nullable(),
  /** The last comparison of the whole slot table with the lock. */
  audit: z.object({ done_at: time.nullable() }),
});

/**
 * `up/reported/{device_id}`: what is true of one lock. A document too large for one message is sent in several
 * with the same `digest`: `codes` and `unmanaged_codes` are cut, and `part` counts from 1 to `parts`.
 */
export const reportedSchema = z.object({
  v: version,
  ...versions,
  device: z.object({
    radio: z.enum(['zwave', 'zigbee']).nullable(),
    address: z.union([z.int(), z.string()]).nullable(),
    model: z.string().nullable(),
    online: z.boolean(),
    battery_level: z.number().nullable(),
    locked: z.boolean().nullable(),
    jammed: z.boolean(),
    tampered: z.boolean(),
    capabilities: capabilitiesSchema.nullable(),
    properties: propertiesSchema,
    errors: z.array(errorSchema),
    warnings: z.array(warningSchema),
  }),
  codes: z.array(reportedCodeSchema),
  unmanaged_codes: z.array(reportedUnmanagedSchema),
  part: z.int().positive().optional(),
  parts: z.int().positive().optional(),
});

/** `up/event`: a batch in order of `seq`. `may_repeat`: the broker may have had these before. */
export const eventBatchSchema = z.object({
  v: version,
  epoch: z.guid(),
  may_repeat: z.literal(true).optional(),
  events: z.array(
    z.looseObject({
      seq: z.int().positive(),
      event_id: z.string(),
      event_type: z.string(),
      occurred_at: time,
    }),
  ),
});

export type Status = z.infer<typeof statusSchema>;
export type Hello = z.infer<typeof helloSchema>;
export type Reported = z.infer<typeof reportedSchema>;
export type ReportedCode = z.infer<typeof reportedCodeSchema>;
export type EventBatch = z.infer<typeof eventBatchSchema>;
