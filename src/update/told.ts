import type { DomainEvent } from '../core/event.ts';
import type { Instant } from '../core/time.ts';
import type { Store } from '../store/store.ts';
import type { LastUpdate } from './trial.ts';

/** What the cloud is told of the end of an update. */
export function eventOf(
  { id, from, to, outcome, reason, database_restored }: LastUpdate,
  occurredAt: Instant,
): DomainEvent {
  const details = { update_id: id, from, ...(outcome !== 'refused' && { version: to }) };
  if (outcome === 'done') {
    return {
      event_type: 'hub.updated',
      occurredAt,
      details: { ...details, ...(reason !== null && { reason }) },
    };
  }
  const failure = { ...details, reason: reason ?? '', database_restored };
  return { event_type: 'hub.update_failed', occurredAt, details: failure };
}

/** The hub may have ended between the event and the end of the offer. */
export function isTold(store: Store, id: string): boolean {
  const [newest] = store.events.newest({ eventTypes: ['hub.updated', 'hub.update_failed'] }, 1);
  return newest?.event['update_id'] === id;
}
