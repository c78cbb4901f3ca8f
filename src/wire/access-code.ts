import { z } from 'zod';
import { WEEK_DAYS } from '../core/slot.ts';

// The access code object, one schema for MQTT and HTTP. Names, order and nullability are those of the four pages that
// this hub follows: what a kind of code can't have is `null` and not left out.

export const time = z.iso.datetime().meta({
  id: 'Time',
  description: 'ISO 8601 in UTC with `Z`, to the millisecond.',
});

const details = {
  managed_access_code_id: z
    .string()
    .describe('Of `duplicate_code_on_device`: the code that has the same PIN.')
    .optional(),
  unmanaged_access_code_id: z
    .string()
    .describe('The same, where it is a code that the hub did not put there.')
    .optional(),
  change_type: z
    .enum(['modified', 'removed'])
    .describe('Of `code_modified_external_to_seam`: what somebody did at the lock.')
    .optional(),
  active_access_code_count: z.int().describe('Of `max_access_codes_reached`: slots in use.').optional(),
  max_active_access_code_count: z
    .int()
    .describe('Of `max_access_codes_reached`: slots that there are.')
    .optional(),
};

const problem = {
  message: z.string().describe('For people; its words may change.'),
  created_at: time
    .describe('Since when. Missing only where the hub does not know it: of its own radio.')
    .optional(),
  ...details,
};

export const errorSchema = z
  .object({
    error_code: z.string(),
    ...problem,
    is_access_code_error: z.literal(true).optional(),
    is_device_error: z.literal(true).describe('Copied from the lock to its codes.').optional(),
  })
  .meta({ id: 'Error', description: "Programs have to put up with an `error_code` that they don't know." });

export const warningSchema = z.object({ warning_code: z.string(), ...problem }).meta({
  id: 'Warning',
  description: "Programs have to put up with a `warning_code` that they don't know.",
});

const weeklyWindowSchema = z
  .object({
    days: z.array(z.enum(WEEK_DAYS)),
    start: z.string().describe('HH:MM in the wall time of the site.'),
    end: z.string().describe('HH:MM in the wall time of the site.'),
  })
  .describe('A window of every week; one that ends at or before its start ends the next day.');

const timeFrame = z
  .object({ starts_at: time.nullable(), ends_at: time.nullable() })
  .meta({ id: 'TimeFrame' });
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

const status = z
  .enum(['unset', 'setting', 'set', 'removing', 'unknown'])
  .describe(
    '`unset`: not on the lock, or asleep there under its own schedule. `setting`: should be on the lock and is not yet. `set`: on the lock with proof, and valid now. `removing`: on its way off. `unknown`: the radio of the hub does not answer.',
  );

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
  display_status: z.string().describe('A label for people; its words may change.'),
  common_code_key: z.string().nullable(),
  is_managed: z.literal(true),
  is_waiting_for_code_assignment: z
    .boolean()
    .nullable()
    .describe('`null` for every code whose PIN is known from the start.'),
  is_scheduled_on_device: z
    .boolean()
    .nullable()
    .describe(
      'Its window is kept by the lock itself. `null` for ongoing codes and codes of the backup pool.',
    ),
  pulled_backup_access_code_id: z
    .string()
    .nullable()
    .describe('The backup code that stands in for this one.'),
  is_backup_access_code_available: z.boolean().describe('`pull_backup_access_code` would find one.'),
  is_backup: z.literal(true).nullable().describe('`null` for ordinary codes.'),
  appearance: z
    .object({ name: z.string(), first_name: z.string().optional(), last_name: z.string().optional() })
    .nullable()
    .describe('The name as the lock itself keeps it; `null` where the lock keeps none.'),
  is_external_modification_allowed: z.boolean(),
  is_offline_access_code: z.boolean(),
  is_one_time_use: z.boolean(),
  pending_mutations: z
    .array(z.discriminatedUnion('mutation_code', [...otherMutations, updatingCode]))
    .describe('What was asked for and is not true on the lock yet.'),
  // Extensions, from here on.
  origin: z
    .enum(['cloud', 'local'])
    .describe('Who owns it: a document replaces only the codes of the cloud.'),
  strict_start: z.boolean(),
  weekly_windows: z.array(weeklyWindowSchema).nullable(),
  max_uses: z.int().nullable(),
  uses: z.int().describe('Uses that the lock has reported so far.'),
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
  status: z.enum(['set', 'unset']).describe('`unset`: it is on the lock and disabled there.'),
  display_status: z.string().describe('A label for people; its words may change.'),
  is_managed: z.literal(false),
  cannot_be_managed: z
    .literal(true)
    .describe('The lock does not show its PIN, so the hub could not put it back.')
    .optional(),
});

/** The same with its PIN, `null` where the lock does not show it; for the local API only. */
export const unmanagedCodeSchema = publicUnmanagedCodeSchema.extend({ code: z.string().nullable() });

export type PublicAccessCode = z.infer<typeof publicAccessCodeSchema>;
export type AccessCodeObject = z.infer<typeof accessCodeSchema>;
export type PublicUnmanagedCode = z.infer<typeof publicUnmanagedCodeSchema>;
export type UnmanagedCodeObject = z.infer<typeof unmanagedCodeSchema>;
export type ErrorObject = z.infer<typeof errorSchema>;
export type WarningObject = z.infer<typeof warningSchema>;
