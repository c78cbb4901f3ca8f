import { z } from 'zod';
import { idSchema } from './topics.ts';

/**
 * Any message may say when the cloud sent it. To the hub it is a bound: it can't be earlier. It may have waited at the
 * broker for years, so alone it says nothing more.
 */
const sentAt = z.iso.datetime({ offset: true });
export const cloudTimeSchema = z.object({ cloud_time: sentAt });

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
  cloud_time: sentAt.describe('The time of the cloud when it sent this, ISO 8601.').optional(),
  answers: z
    .object({ boot_id: z.string(), hello_seq: z.int().nonnegative() })
    .describe(
      'Of the hello that this answers. With it `cloud_time` also tells a hub without a clock battery that it is no later than that plus the time that the answer took: without it, it may have waited anywhere.',
    )
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
