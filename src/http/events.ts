import { z } from 'zod';
import type { LoggedEvent } from '../store/store.ts';
import { time } from '../wire/access-code.ts';
import { notedText } from '../wire/instant-text.ts';
import { accountIdOf, workspaceIdOf } from './identity.ts';

/** An event, as it is listed and as webhooks send it. There is no PIN in it. */
export const eventSchema = z
  .looseObject({
    event_id: z.string(),
    event_type: z.string(),
    workspace_id: z.string().describe('The same for all that this hub tells.'),
    created_at: time.describe('When the hub wrote it down.'),
    occurred_at: time.describe('When it happened: earlier, if a lock told it late.'),
    seq: z.int().describe('Numbers the events of this hub, without gaps.'),
    connected_account_id: z.string().describe('Of locks and codes: the account of the lock.').optional(),
    device_id: z.string().optional(),
    access_code_id: z.string().optional(),
  })
  .meta({ id: 'Event', description: 'Further fields depend on the type.' });

export type EventObject = z.infer<typeof eventSchema>;

const ownFields = z.looseObject({ event_id: z.string(), event_type: z.string(), occurred_at: z.string() });

/** The object of one event; the same text each time, so that what a webhook repeats is what it sent. */
export function eventObjectOf({ seq, createdAt, event }: LoggedEvent, hubId: string): EventObject {
  const { event_id, event_type, occurred_at, ...details } = ownFields.parse(event);
  const account = 'device_id' in details ? { connected_account_id: accountIdOf(hubId) } : {};
  return {
    event_id,
    event_type,
    workspace_id: workspaceIdOf(hubId),
    created_at: notedText(createdAt),
    occurred_at,
    seq,
    ...account,
    ...details,
  };
}
