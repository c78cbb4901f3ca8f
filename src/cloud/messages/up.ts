import { z } from 'zod';
import { MAJOR_VERSION } from './payload.ts';

/** What the hub publishes. Senders build these types; tests and other programs check messages by the schemas. */

const version = z.literal(MAJOR_VERSION);
const time = z.iso.datetime();
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
  devices: z.array(z.object(versions)),
});

const problem = { message: z.string(), created_at: time.optional() };
const codeProblems = {
  errors: z.array(z.object({ error_code: z.string(), ...problem })),
  warnings: z.array(z.object({ warning_code: z.string(), ...problem })),
};

const reportedCodeSchema = z.object({
  access_code_id: z.string(),
  origin: z.enum(['cloud', 'local']),
  name: z.string().nullable(),
  type: z.enum(['ongoing', 'time_bound']),
  status: z.enum(['unset', 'setting', 'set', 'removing', 'unknown']),
  is_scheduled_on_device: z.boolean(),
  on_lock: z.enum(['none', 'disabled', 'scheduled', 'active', 'unknown']),
  slot: z.int().nullable(),
  strategy: z.enum(['native', 'just_in_time']),
  proof: z.enum(['read_back', 'checksum', 'event', 'supervision']).nullable(),
  /** Keyed fingerprint of the wanted PIN; `null` for a request that was never taken. */
  pin_fingerprint: z.string().nullable(),
  /** The same of the PIN in the slot, where the lock shows it: differs while a change is on its way. */
  on_lock_pin_fingerprint: z.string().nullable(),
  starts_at: time.nullable(),
  ends_at: time.nullable(),
  ...codeProblems,
});

const capabilitiesSchema = z.object({
  first_slot: z.int(),
  last_slot: z.int(),
  admin_slots: z.array(z.int()),
  pin_length: z.object({ min: z.int(), max: z.int() }),
  native_scheduling: z.object({ kind: z.literal('year_day'), granule_seconds: z.number() }).nullable(),
  checksum: z.boolean(),
});

/**
 * `up/reported/{device_id}`: what is true of one lock. A document too large for one message is sent in several
 * with the same `digest`: `codes` is cut, and `part` counts from 1 to `parts`.
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
    ...codeProblems,
  }),
  codes: z.array(reportedCodeSchema),
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
