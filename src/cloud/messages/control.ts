import { z } from 'zod';
import { idSchema } from './topics.ts';

/** `down/ack`: the cloud has all events up to and including `seq` of the database `epoch`. Cumulative. */
export const ackSchema = z.object({
  epoch: z.guid(),
  seq: z.int().nonnegative(),
});

/** `down/sync`: the answer to `up/hello`. Documents follow as messages of their own. */
export const syncSchema = z.object({
  cloud_time: z.iso.datetime({ offset: true }).optional(),
  devices: z
    .array(z.object({ device_id: idSchema, verdict: z.enum(['same', 'document_follows', 'forget']) }))
    .optional(),
});
