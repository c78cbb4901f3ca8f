import { z } from 'zod';
import { WEEK_DAYS } from '../core/slot.ts';

// The access code object, one schema for MQTT and HTTP. Names, order and nullability are those of the four pages that
// this hub follows: what a kind of code can't have is `null` and not left out.

export const time = z.iso.datetime();

const details = {
  /** Of `duplicate_code_on_device`: the code that has the same PIN. */
  managed_access_code_id: z.string().optional(),
  unmanaged_access_code_id: z.string().optional(),
  /** Of `code_modified_external_to_seam`. */
  change_type: z.enum(['modified', 'removed']).optional(),
  /** Of `max_access_codes_reached`. */
  active_access_code_count: z.int().optional(),
  max_active_access_code_count: z.int().optional(),
};

/** `created_at` is missing only where the hub does not know since when: of its own radio. */
const problem = { message: z.string(), created_at: time.optional(), ...details };

/** Programs have to put up with codes that they don't know. */
export const errorSchema = z.object({
  error_code: z.string(),
  ...problem,
  is_access_code_error: z.literal(true).optional(),
  /** Copied from the lock to its codes. */
  is_device_error: z.literal(true).optional(),
});

export const warningSchema = z.object({ warning_code: z.string(), ...problem });

/** Extension: a window of every week in the site's wall time; one that ends at or before its start ends the next day. */
const weeklyWindowSchema = z.object({
  days: z.array(z.enum(WEEK_DAYS)),
  start: z.string(),
  end: z.string(),
});

const timeFrame = z.object({ starts_at: time.nullable(), ends_at: time.nullable() });
const mutation = { created_at: time, message: z.string() };
const otherMutations = [
  z.object({ mutation_code: z.literal('creating'), ...mutation }),
  z.object({ mutation_code: z.literal('deferring_creation'), ...mutation, scheduled_at: time }),
  z.object({ mutation_code: z.literal('deleting'), ...mutation }),
  z.object({
    mutation_code: z.literal('updating_name'),
    ...mutation,
    from: z.object({ name: z.string().nullable() }),
    to: z.object({ name: z.string().nullable() }),
  }),
  z.object({
    mutation_code: z.literal('updating_time_frame'),
    ...mutation,
    from: timeFrame,
    to: timeFrame,
  }),
] as const;

const updatingCode = z.object({ mutation_code: z.literal('updating_code'), ...mutation });
const pin = z.object({ code: z.string().nullable() });

const status = z.enum(['unset', 'setting', 'set', 'removing', 'unknown']);

/** Every field of a managed access code that shows no PIN: what may leave the building. */
export const publicAccessCodeSchema = z.object({
  access_code_id: z.string(),
  device_id: z.string(),
  type: z.enum(['ongoing', 'time_bound']),
  created_at: time,
  errors: z.array(errorSchema),
  warnings: z.array(warningSchema),
  starts_at: time.nullable(),
  ends_at: time.nullable(),
  name: z.string().nullable(),
  status,
  /** A label for people; its words may change. */
  display_status: z.string(),
  common_code_key: z.string().nullable(),
  is_managed: z.literal(true),
  /** `null` for every code whose PIN is known from the start. */
  is_waiting_for_code_assignment: z.boolean().nullable(),
  /** `null` for ongoing codes and codes of the backup pool. */
  is_scheduled_on_device: z.boolean().nullable(),
  pulled_backup_access_code_id: z.string().nullable(),
  is_backup_access_code_available: z.boolean(),
  /** `null` for ordinary codes. */
  is_backup: z.literal(true).nullable(),
  /** The name as the lock itself keeps it; `null` where the lock keeps none. */
  appearance: z
    .object({ name: z.string(), first_name: z.string().optional(), last_name: z.string().optional() })
    .nullable(),
  is_external_modification_allowed: z.boolean(),
  is_offline_access_code: z.boolean(),
  is_one_time_use: z.boolean(),
  pending_mutations: z.array(z.discriminatedUnion('mutation_code', [...otherMutations, updatingCode])),
  /** Extensions, from here on. */
  origin: z.enum(['cloud', 'local']),
  strict_start: z.boolean(),
  weekly_windows: z.array(weeklyWindowSchema).nullable(),
  max_uses: z.int().nullable(),
  uses: z.int(),
});

/** A managed access code with its PIN, for the local API only. */
export const accessCodeSchema = publicAccessCodeSchema.extend({
  /** `null` until it is known: of an offline code, or of a request that was refused. */
  code: z.string().nullable(),
  pending_mutations: z.array(
    z.discriminatedUnion('mutation_code', [...otherMutations, updatingCode.extend({ from: pin, to: pin })]),
  ),
});

/** A code that the hub found on the lock and did not put there, without its PIN. */
export const publicUnmanagedCodeSchema = z.object({
  access_code_id: z.string(),
  device_id: z.string(),
  type: z.literal('ongoing'),
  created_at: time,
  errors: z.array(errorSchema),
  warnings: z.array(warningSchema),
  starts_at: z.null(),
  ends_at: z.null(),
  name: z.string().nullable(),
  /** `unset`: it is on the lock and disabled there. */
  status: z.enum(['set', 'unset']),
  display_status: z.string(),
  is_managed: z.literal(false),
  /** The lock does not show its PIN, so the hub could not put it back. */
  cannot_be_managed: z.literal(true).optional(),
});

/** The same with its PIN, `null` where the lock does not show it; for the local API only. */
export const unmanagedCodeSchema = publicUnmanagedCodeSchema.extend({ code: z.string().nullable() });

export type PublicAccessCode = z.infer<typeof publicAccessCodeSchema>;
export type AccessCodeObject = z.infer<typeof accessCodeSchema>;
export type PublicUnmanagedCode = z.infer<typeof publicUnmanagedCodeSchema>;
export type UnmanagedCodeObject = z.infer<typeof unmanagedCodeSchema>;
export type ErrorObject = z.infer<typeof errorSchema>;
export type WarningObject = z.infer<typeof warningSchema>;
