import { z } from 'zod';
import { userSlotCount, type CodeConstraint } from '../core/capability.ts';
import { supportedPinLengths } from '../core/request/constraints.ts';
import { poolSize } from '../core/request/pool.ts';
import { SECOND_MS } from '../core/time.ts';
import { time } from './access-code.ts';
import { instantText, notedText } from './instant-text.ts';
import { offlinePropertiesOf, offlinePropertiesSchema } from './offline-properties.ts';
import type { View } from './view.ts';

/** Of the device object's `properties`: what codes the lock takes, and how the hub looks after it. */
export const lockPropertiesSchema = z.object({
  supported_code_lengths: z.array(z.int()).describe('In digits.'),
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
  ...offlinePropertiesSchema.shape,
  // Extensions, from here on.
  backup_access_code_pool: z.object({
    enabled: z.boolean(),
    size: z.int(),
    ready: z.int().describe('These can be pulled.'),
    pulled: z.int().describe('These were, and are in use.'),
  }),
  clock: z
    .object({ checked_at: time, ahead_seconds: z.number() })
    .nullable()
    .describe("The last look at the lock's clock; `null` before the first."),
  audit: z
    .object({ done_at: time.nullable() })
    .describe('The last comparison of the whole slot table with the lock.'),
});

type LockProperties = z.infer<typeof lockPropertiesSchema>;

export function lockPropertiesOf({ state: { lock }, policy, pool }: View): LockProperties {
  const { capabilities, clockRead, audit } = lock;
  return {
    supported_code_lengths: [...supportedPinLengths(lock)],
    max_active_codes_supported: capabilities && userSlotCount(capabilities),
    code_constraints: (capabilities?.constraints ?? []).map(constraintOf),
    supports_backup_access_code_pool: poolSize(lock, policy) > 0,
    // Locks on a radio tell of every entry by themselves, most of them with the slot.
    has_native_entry_events: capabilities !== null && lock.radio !== 'offline',
    ...offlinePropertiesOf(capabilities?.offline ?? null),
    backup_access_code_pool: {
      enabled: pool.enabled,
      size: pool.size,
      ready: pool.ready,
      pulled: pool.activePulled,
    },
    clock: clockRead && {
      checked_at: notedText(clockRead.at),
      ahead_seconds: Math.round(clockRead.aheadMs / SECOND_MS),
    },
    audit: { done_at: instantText(audit.doneAt) },
  };
}

function constraintOf(constraint: CodeConstraint): LockProperties['code_constraints'][number] {
  if (constraint.type !== 'name_length') return { constraint_type: constraint.type };
  const { type, min, max } = constraint;
  return {
    constraint_type: type,
    ...(min === null ? {} : { min_length: min }),
    ...(max === null ? {} : { max_length: max }),
  };
}
