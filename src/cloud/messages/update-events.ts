import { z } from 'zod';

const updateId = z.string().describe('The `command_id`, where the cloud asked for it.');

/** What the hub tells of other versions of itself. */
export const UPDATE_EVENTS = {
  'hub.updated': {
    when: 'A new version of the hub has proved itself.',
    fields: {
      update_id: updateId,
      from: z.string(),
      version: z.string(),
      reason: z
        .string()
        .describe('It has not, and stays because the one before could not be given its database: why.')
        .optional(),
    },
  },
  'hub.update_failed': {
    when: 'An update was not taken, or the new version did not work and the old one is back.',
    fields: {
      update_id: updateId,
      from: z.string().describe('The version of the hub.'),
      version: z.string().describe('The one that did not work; absent: it was never started.').optional(),
      reason: z.string().describe('For people; its words may change.'),
      database_restored: z
        .boolean()
        .describe(
          'The new version had changed the database, so that of before the update is there again, with another epoch.',
        ),
    },
  },
} as const;
