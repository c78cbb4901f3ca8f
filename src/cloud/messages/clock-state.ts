import { z } from 'zod';
import { time } from '../../wire/access-code.ts';

const source = z.enum(['build', 'floor', 'locks', 'cloud', 'system']);

/** The clock of the hub, in `up/hello` and `up/health`. */
export const clockStateSchema = z
  .object({
    earliest: time,
    latest: time.nullable(),
    trusted: z
      .boolean()
      .describe(
        'The two are at most 30 s apart: doors are opened by command, and clocks and schedules of locks are set.',
      )
      .optional(),
    from: source
      .describe(
        'Who says that it is at least so late. `build`: the program is not older. `floor`: an earlier run of the hub. `locks`: clocks of locks that the hub has set. `cloud`: `cloud_time`. `system`: the clock of the machine, synchronised.',
      )
      .optional(),
    till: source.nullable().describe('Who says that it is no later; `null`: nobody.').optional(),
    disputed: z
      .boolean()
      .describe('Sources contradict each other and nobody can say who is wrong: nothing is switched on.')
      .optional(),
  })
  .describe('The time is between these two; `latest` is `null` while nobody can say.');

export type ClockState = z.infer<typeof clockStateSchema>;
