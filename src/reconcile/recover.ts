import { forget } from '../core/settle/begin.ts';
import type { TimeReading } from '../core/time.ts';
import type { Store } from '../store/store.ts';

/**
 * Settles operations of one lock that were begun and never ended, because the hub died or could not write: nobody
 * knows what the lock did, so their slots are read before anything else is done with them.
 */
export function recover(store: Store, now: TimeReading, deviceId: string): void {
  for (const open of store.openOperations()) {
    if (open.deviceId !== deviceId) continue;
    const before = store.lockState(open.deviceId);
    if (before !== undefined) store.commit(before, forget(before, open.kind, open.slot), []);
    store.settled(open.operationId, 'lost', now.earliest);
  }
}
