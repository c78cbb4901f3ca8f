import { z } from 'zod';
import { changedMetadata, noteOnLock } from '../../core/request/lock-notes.ts';
import { NAME_LENGTH_MAX } from '../../wire/request.ts';
import { ApiProblem, invalidInput, notFound } from '../problem.ts';
import type { ApiContext } from '../route.ts';

/** As the published API bounds them: pairs of one lock, and characters of a key and of a value. */
const METADATA_PAIRS_MAX = 50;
const METADATA_KEY_CHARS_MAX = 40;
const METADATA_VALUE_CHARS_MAX = 500;

const metadataKey = z
  .string()
  .regex(/^[^.]+$/, 'a key must not have a period in it')
  .max(METADATA_KEY_CHARS_MAX)
  .refine((key) => key !== '__proto__', 'a key must not have this name');

export const updateDeviceParameters = z.object({
  device_id: z.string(),
  name: z
    .string()
    .trim()
    .min(1)
    .max(NAME_LENGTH_MAX)
    .nullish()
    .describe('What people call the lock. `null`: it goes by its model again.'),
  custom_metadata: z
    .record(metadataKey, z.union([z.string().max(METADATA_VALUE_CHARS_MAX), z.boolean(), z.null()]))
    .optional()
    .describe('Notes, up to 50 of them. `null` or an empty text takes one away; the others stay.'),
  is_managed: z.boolean().optional().describe('Only `true`: a hub manages every lock that it has met.'),
  backup_access_code_pool_enabled: z
    .boolean()
    .optional()
    .describe('`false`: backup codes that nobody has pulled are taken off the lock.'),
});

/** `/devices/update`: what the hub knows of the lock; the lock itself is told nothing. */
export function updateDevice(
  context: ApiContext,
  given: z.output<typeof updateDeviceParameters>,
): Record<string, never> | ApiProblem {
  const { store, clock, wake } = context;
  const { device_id: deviceId, name, custom_metadata: metadata } = given;
  if (given.is_managed === false) return ALWAYS_MANAGED;
  const refusal = store.transaction(() => {
    const before = store.lockState(deviceId);
    if (before === undefined || before.lock.model === null) return notFound('device');
    const all = changedMetadata(before.lock.customMetadata, metadata ?? {});
    if (Object.keys(all).length > METADATA_PAIRS_MAX) return TOO_MANY_PAIRS;
    const poolEnabled = given.backup_access_code_pool_enabled;
    const notes = { nickname: name, customMetadata: metadata, poolEnabled };
    const { state, events } = noteOnLock(before, notes, clock.now());
    store.commit(before, state, events);
    return null;
  });
  if (refusal !== null) return refusal;
  // A pool is filled or emptied by the loop of its lock.
  if (given.backup_access_code_pool_enabled !== undefined) wake(deviceId);
  return {};
}

const ALWAYS_MANAGED = invalidInput(
  'is_managed: a hub manages every lock that it has met. To give one up, use /devices/delete.',
  'is_managed',
);
const TOO_MANY_PAIRS = invalidInput(
  `custom_metadata: a lock has at most ${METADATA_PAIRS_MAX} notes.`,
  'custom_metadata',
);
