import { z } from 'zod';
import { time } from '../../wire/access-code.ts';
import { clockStateSchema } from './clock-state.ts';
import { MAJOR_VERSION } from './payload.ts';
import { sealingKeySchema } from './sealed.ts';

const count = z.int().nonnegative();

/** `up/health`, every 15 minutes and on each connect. */
export const healthSchema = z.object({
  v: z.literal(MAJOR_VERSION),
  at: time,
  boot_id: z.string(),
  connection_seq: count,
  version: z.string(),
  uptime_seconds: count,
  clock: clockStateSchema,
  radios: z.array(
    z.object({
      radio: z.string(),
      state: z.enum(['starting', 'ready', 'down']),
      message: z.string(),
      fault: z
        .enum(['port_missing', 'port_forbidden', 'port_taken'])
        .optional()
        .describe('Why the stick cannot be opened: `port_taken` is another program that uses it.'),
    }),
  ),
  devices: z.object({ known: count, online: count }),
  codes: z.object({ managed: count, with_errors: count, unmanaged: count }),
  queues: z
    .object({ events: count, commands: count, operations_open: count })
    .describe('Events not yet acknowledged, commands not yet settled, radio operations under way.'),
  events: z
    .object({ head: count, acked: count, oldest_at: time.nullable() })
    .describe('Newest event, newest acknowledged one, and when the oldest that is kept happened.'),
  disk: z.object({
    free_bytes: count,
    total_bytes: count,
    database_bytes: count,
    room: z
      .enum(['ample', 'short', 'none'])
      .describe('`short`: telemetry is not kept any more; `none`: nothing can be stored.'),
  }),
  database_repair: z
    .object({
      at: time.describe('By the clock of the hub at its start.'),
      damage: z.string(),
      restored_from: time.nullable().describe('When the backup was made; null: there was none that opens.'),
      is_emptied: z.boolean(),
    })
    .optional()
    .describe('The database was damaged and was replaced; what was damaged is still kept on the hub.'),
  memory_bytes: count.describe('Resident memory of the hub.'),
  rejected: z
    .record(z.string(), count)
    .describe('Messages that were not taken since the start of the hub, by reason.'),
  sealing_key: sealingKeySchema,
});

export type Health = z.infer<typeof healthSchema>;
