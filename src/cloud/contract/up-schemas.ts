import { z } from 'zod';
import type { CommandType } from '../../core/command.ts';
import type { EventType } from '../../core/event.ts';
import { commandResults } from '../messages/command-results.ts';
import { resultSchema } from '../messages/command.ts';
import { EVENT_TYPES } from '../messages/event-types.ts';
import { eventBatchSchema, eventSchema } from '../messages/up.ts';
import { oneOf } from './one-of.ts';

// What the hub sends, in more detail than the schemas that its senders and a tolerant cloud need.

const eventTypes = Object.keys(EVENT_TYPES) as EventType[];
const resultTypes = Object.keys(commandResults) as CommandType[];

function eventOf(type: EventType) {
  const { when, fields } = EVENT_TYPES[type];
  return z
    .object({ ...eventSchema.shape, event_type: z.literal(type), ...fields })
    .meta({ id: type, description: when });
}

/** Keeps an older contract open for what a newer hub tells. */
const otherEvent = eventSchema
  .extend({
    event_type: z
      .string()
      .refine((type) => !Object.hasOwn(EVENT_TYPES, type))
      .meta({ not: { enum: eventTypes } }),
  })
  .meta({ id: 'event.other', description: 'An event of a newer hub: acknowledge it like the others.' });

export const eventMessage = eventBatchSchema.extend({
  events: z.array(z.union([oneOf('event_type', eventTypes.map(eventOf)), otherEvent])),
});

const { v, command_id, type: anyType, at, state, error } = resultSchema.shape;
const head = { v, command_id, at };

const unsettled = z
  .object({ ...head, type: anyType, state: state.extract(['accepted', 'running', 'expired']) })
  .meta({
    id: 'result.without_more',
    description:
      '`accepted`: stored. `running`: begun, so that it is not begun again. `expired`: not begun in time, so it does not happen.',
  });

const failed = z
  .object({ ...head, type: anyType, state: state.extract(['failed']), error: error.unwrap() })
  .meta({
    id: 'result.failed',
    description: 'The end: it did not happen, or nobody knows (`interrupted`, `no_answer`).',
  });

function succeeded(type: CommandType) {
  return z
    .object({
      ...head,
      type: z.literal(type),
      state: state.extract(['succeeded']),
      result: commandResults[type],
    })
    .meta({ id: `result.${type}`, description: `The end: \`${type}\` happened.` });
}

export const resultMessage = z.union([unsettled, failed, oneOf('type', resultTypes.map(succeeded))]);
