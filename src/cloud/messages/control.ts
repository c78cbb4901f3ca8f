import { z } from 'zod';
import { idSchema } from './topics.ts';

/** `down/ack`: the cloud has all events up to and including `seq` of the database `epoch`. Cumulative. */
export const ackSchema = z.object({
  epoch: z
    .guid()
    .describe('As `up/event` and `up/hello` tell it. An acknowledgement of another epoch is dropped.'),
  seq: z
    .int()
    .nonnegative()
    .describe(
      'All events up to and including this one are safe with the cloud. 0: none yet. Never goes back.',
    ),
});

/** `down/sync`: the answer to `up/hello`. Documents follow as messages of their own. */
export const syncSchema = z.object({
  cloud_time: z.iso
    .datetime({ offset: true })
    .describe('The time of the cloud when it sent this, ISO 8601.')
    .optional(),
  devices: z
    .array(
      z.object({
        device_id: idSchema,
        verdict: z
          .enum(['same', 'document_follows', 'forget'])
          .describe(
            '`same`: what the hub has is what the cloud wants. `document_follows`: a desired document is on its way. `forget`: the cloud has no such lock; the hub forgets it, unless it is in the radio network.',
          ),
      }),
    )
    .optional(),
});
