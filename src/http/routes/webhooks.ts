import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Webhook } from '../../store/store.ts';
import { ApiProblem, invalidInput, notFound } from '../problem.ts';
import { route, type Route } from '../route.ts';

/** Each of them may wait for its receiver at the same time as all others. */
const WEBHOOKS_MAX = 20;
const URL_CHARS_MAX = 2000;
const TYPES_MAX = 200;
const TYPE_CHARS_MAX = 100;
const ID_CHARS_MAX = 100;
/** As long as the digest of the signature. */
const SECRET_BYTES = 32;
const ALL_TYPES = '*';

const webhookSchema = z
  .object({
    webhook_id: z.string(),
    url: z.string(),
    event_types: z.array(z.string()).describe('`*`: all.'),
    secret: z.string().describe('What the receiver checks signatures with.'),
  })
  .meta({ id: 'Webhook' });

const url = z
  .string()
  .max(URL_CHARS_MAX)
  .refine(isReceiver, { error: 'must be an http or https URL without a login in it.' })
  .describe('Where events are sent to. Redirects are not followed.');

const eventTypes = z
  .array(z.string().min(1).max(TYPE_CHARS_MAX))
  .min(1)
  .max(TYPES_MAX)
  .describe('Types of the events to be sent; `*`: all.');

const id = z.object({ webhook_id: z.string().max(ID_CHARS_MAX) });

/** `/webhooks/*`. Whoever has the secret of a webhook can forge what it sends, so reading one takes `write` too. */
export const webhooks: readonly Route[] = [
  route({
    path: '/webhooks/create',
    verbs: ['POST'],
    scope: 'write',
    summary: 'Sends events to a receiver on the local network from now on.',
    params: z.object({ url, event_types: eventTypes.default([ALL_TYPES]) }),
    answer: z.object({ webhook: webhookSchema }),
    act: ({ store, clock }, params) =>
      store.transaction(() => {
        if (store.webhooks.ids().length >= WEBHOOKS_MAX) return TOO_MANY;
        const webhook = {
          webhookId: randomUUID(),
          url: params.url,
          eventTypes: typesOf(params.event_types),
          secret: `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`,
          createdAt: clock.now().earliest,
        };
        store.webhooks.add(webhook);
        return { webhook: webhookOf(webhook) };
      }),
  }),
  route({
    path: '/webhooks/get',
    verbs: ['GET', 'POST'],
    scope: 'write',
    summary: 'One webhook.',
    params: id,
    answer: z.object({ webhook: webhookSchema }),
    act: ({ store }, { webhook_id }) => {
      const webhook = store.webhooks.get(webhook_id);
      return webhook === undefined ? notFound('webhook') : { webhook: webhookOf(webhook) };
    },
  }),
  route({
    path: '/webhooks/list',
    verbs: ['GET', 'POST'],
    scope: 'write',
    summary: 'All webhooks, the oldest first.',
    params: z.object({}),
    answer: z.object({ webhooks: z.array(webhookSchema) }),
    act: ({ store }) => ({ webhooks: store.webhooks.list().map(webhookOf) }),
  }),
  route({
    path: '/webhooks/update',
    verbs: ['PUT', 'PATCH', 'POST'],
    scope: 'write',
    summary: 'Sends other events than before, or to another receiver. What waits is tried at once.',
    params: id.extend({ url: url.optional(), event_types: eventTypes.optional() }),
    answer: z.object({}),
    act: ({ store }, params) => {
      if (params.url === undefined && params.event_types === undefined) {
        return invalidInput('One of event_types and url is needed.');
      }
      const to = {
        ...(params.url !== undefined && { url: params.url }),
        ...(params.event_types !== undefined && { eventTypes: typesOf(params.event_types) }),
      };
      const isThere = store.transaction(() => store.webhooks.change(params.webhook_id, to));
      return isThere ? {} : notFound('webhook');
    },
  }),
  route({
    path: '/webhooks/delete',
    verbs: ['DELETE', 'POST'],
    scope: 'write',
    summary: 'Sends nothing more to a receiver, also not what it has missed.',
    params: id,
    answer: z.object({}),
    act: ({ store }, { webhook_id }) => {
      const wasThere = store.transaction(() => store.webhooks.delete(webhook_id));
      return wasThere ? {} : notFound('webhook');
    },
  }),
];

const TOO_MANY = new ApiProblem(409, 'too_many_webhooks', `A hub has at most ${WEBHOOKS_MAX} webhooks.`);

/** What `fetch` takes: it refuses a login in the URL. */
function isReceiver(text: string): boolean {
  const parsed = URL.parse(text);
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return false;
  return parsed.protocol === 'http:' || parsed.protocol === 'https:';
}

function typesOf(types: readonly string[]): readonly string[] | null {
  return types.includes(ALL_TYPES) ? null : types;
}

function webhookOf({ webhookId, url: to, eventTypes: types, secret }: WebhookShown) {
  return { webhook_id: webhookId, url: to, event_types: [...(types ?? [ALL_TYPES])], secret };
}

type WebhookShown = Pick<Webhook, 'webhookId' | 'url' | 'eventTypes' | 'secret'>;
