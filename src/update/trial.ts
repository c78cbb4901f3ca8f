import { z } from 'zod';
import { readJson } from './durable.ts';
import { inboxOf, placesOf } from './places.ts';

const id = z.string().min(1).max(200);
const version = z.string().min(1).max(100);

/** What has to be there again before a new version has proved itself: what was there under the old one. */
const expectsSchema = z.object({ radios: z.array(z.enum(['zwave', 'zigbee'])), cloud: z.boolean() });
export type Expects = z.infer<typeof expectsSchema>;

/** What the hub asks root for: to unpack what lies beside, and then, when the time is right, to change over to it. */
export const requestSchema = z.object({
  id,
  step: z.enum(['unpack', 'change']),
  signature: z.string(),
  allow_downgrade: z.boolean(),
  expects: expectsSchema,
});
export type UpdateRequest = z.infer<typeof requestSchema>;

const trialSchema = z.object({
  id,
  from: version,
  to: version,
  /** `back`: it is decided that the old version goes on, and that may be done again after a power cut. */
  phase: z.enum(['trial', 'back']),
  reason: z.string().nullable(),
  /** How often the new version was started without having proved itself. */
  starts: z.int().nonnegative(),
  expects: expectsSchema,
  hub_id: z.string(),
  data_dir: z.string(),
  key_file: z.string(),
});
export type Trial = z.infer<typeof trialSchema>;

const lastSchema = z.object({
  id,
  from: version,
  to: version,
  /** `done`: the new version has proved itself. `back`: it has not. `refused`: nothing was changed. */
  outcome: z.enum(['done', 'back', 'refused']),
  /** Why, unless all went well: also why a version that has not proved itself stays all the same. */
  reason: z.string().nullable(),
  /** The database is again what it was before the update; what happened since is known to nobody but locks and cloud. */
  database_restored: z.boolean(),
});
/** How the last update ended. */
export type LastUpdate = z.infer<typeof lastSchema>;

/** The trial that is under way; `null`: none. */
export function readTrial(root: string): Trial | null {
  return readJson(placesOf(root).trial, trialSchema);
}

export function readLast(root: string): LastUpdate | null {
  return readJson(placesOf(root).last, lastSchema);
}

const readySchema = z.object({ id, to: version });

/** The version that is unpacked and waits for the right time; `null`: none. */
export function readReady(root: string): z.infer<typeof readySchema> | null {
  return readJson(placesOf(root).ready, readySchema);
}

const proofSchema = z.object({ id });

/** Whether the new version has said that it works. */
export function isProven({ id: trialId, data_dir: dataDir }: Trial): boolean {
  return readJson(inboxOf(dataDir).proof, proofSchema)?.id === trialId;
}
