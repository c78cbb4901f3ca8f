import { StoreError } from './errors.ts';
import type { Store } from './store.ts';

/** Reads what a hub can't work without. Throws `StoreError` where a row of it makes no sense. */
export function prove(store: Store): void {
  for (const deviceId of store.deviceIds()) store.lockState(deviceId);
  store.secrets.prove();
  store.webhooks.list();
  store.apiKeys.list();
  const head = store.outbox.head();
  if (store.outbox.after(head, 1).length > 0 || store.events.next(head, null) !== undefined) {
    throw new StoreError('damaged', 'The log of events has numbers that were never given.');
  }
}
