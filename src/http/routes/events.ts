import { z } from 'zod';
import type { EventCursor, EventFilter } from '../../store/store.ts';
import { eventObjectOf, eventSchema } from '../events.ts';
import { paginationSchema } from '../paging.ts';
import { ApiProblem, invalidInput, notFound } from '../problem.ts';
import { route, type Route } from '../route.ts';

/** Values in one list of a filter. */
const VALUES_MAX = 1000;
const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1000;
const TEXT_CHARS_MAX = 200;

const text = z.string().max(TEXT_CHARS_MAX);
const texts = z.array(text).max(VALUES_MAX).optional();
const instant = z.iso.datetime({ offset: true });

const getParameters = z.object({
  event_id: text.optional(),
  device_id: text.describe('Without `event_id`: the newest event of this lock.').optional(),
  event_type: text.describe('Without `event_id`: the newest event of this type.').optional(),
});

const listParameters = z.object({
  since: instant.describe('Events that the hub wrote down then or later.').optional(),
  between: z
    .array(instant)
    .length(2)
    .describe('Instead of `since`: from the first instant on, and before the second.')
    .optional(),
  device_id: text.optional(),
  device_ids: texts,
  access_code_id: text.optional(),
  access_code_ids: texts,
  event_type: text.optional(),
  event_types: texts,
  limit: z.int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
  page_cursor: text
    .nullish()
    .describe('`next_page_cursor` of the page before; the other parameters have to be the same.'),
});

type ListParameters = z.output<typeof listParameters>;

/** `/events/*`. */
export const events: readonly Route[] = [
  route({
    path: '/events/get',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'One event.',
    params: getParameters,
    answer: z.object({ event: eventSchema }),
    act: ({ store, hubId }, { event_id, device_id, event_type }) => {
      if (event_id === undefined && device_id === undefined && event_type === undefined) {
        return invalidInput('One of event_id, device_id and event_type is needed.');
      }
      const filter = {
        deviceIds: device_id === undefined ? undefined : [device_id],
        eventTypes: event_type === undefined ? undefined : [event_type],
      };
      const found = event_id === undefined ? store.events.newest(filter, 1)[0] : store.events.get(event_id);
      return found === undefined ? notFound('event') : { event: eventObjectOf(found, hubId) };
    },
  }),
  route({
    path: '/events/list',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'Events in the order in which the hub wrote them down: the newest 100,000 are kept.',
    params: listParameters,
    answer: z.object({ events: z.array(eventSchema), pagination: paginationSchema }),
    act: ({ store, hubId }, params) => {
      const filter = filterOf(params);
      if (filter instanceof ApiProblem) return filter;
      const cursor = params.page_cursor == null ? null : cursorOf(params.page_cursor);
      if (cursor === undefined) return invalidInput('page_cursor: no list gave this one.', 'page_cursor');
      const found = store.events.list(filter, cursor, params.limit + 1);
      const page = found.slice(0, params.limit);
      const last = found.length > page.length ? page.at(-1) : undefined;
      const next_page_cursor = last === undefined ? null : `${last.createdAt}_${last.seq}`;
      return {
        events: page.map((event) => eventObjectOf(event, hubId)),
        pagination: { has_next_page: last !== undefined, next_page_cursor, next_page_url: null },
      };
    },
  }),
];

function filterOf(params: ListParameters): EventFilter | ApiProblem {
  const { since, between } = params;
  if ((since === undefined) === (between === undefined)) {
    return invalidInput('Either since or between is needed.');
  }
  const [from, to] = between ?? [since];
  return {
    since: from === undefined ? undefined : Date.parse(from),
    before: to === undefined ? undefined : Date.parse(to),
    deviceIds: params.device_ids ?? listOf(params.device_id),
    accessCodeIds: params.access_code_ids ?? listOf(params.access_code_id),
    eventTypes: params.event_types ?? listOf(params.event_type),
  };
}

function listOf(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value];
}

/** When and as which number the last event of a page was written down; `undefined`: this is none of ours. */
function cursorOf(cursor: string): EventCursor | undefined {
  const [, createdAt, seq] = /^(-?\d+(?:\.\d+)?)_(\d{1,15})$/.exec(cursor) ?? [];
  if (createdAt === undefined || seq === undefined) return undefined;
  return { createdAt: Number(createdAt), seq: Number(seq) };
}
