import { identifierOf } from '../core/identifier.ts';
import { typed } from '../core/offline/door.ts';
import type { Pin } from '../core/pin.ts';
import { MINUTE_MS, type TimeReading } from '../core/time.ts';
import { lockOfKeypad } from '../store/doors.ts';
import { offlineSecrets } from '../store/offline-secrets.ts';
import type { Store } from '../store/store.ts';

/** Somebody waits in front of the door: what has not begun by then is not to happen any more. */
const OPENS_WITHIN_MS = MINUTE_MS;

/** What came of digits that were typed. */
interface Entry {
  readonly deviceId: string;
  readonly opens: boolean;
}

/**
 * Judges digits that were typed at a keypad, and orders its lock to open. What the door remembers and the order are one
 * commit: a hub that dies afterwards finds the order when it starts again, and one that dies before has burnt nothing.
 * `null`: the keypad opens no lock. Call inside a transaction.
 */
export function enter(store: Store, keypadId: string, digits: Pin, now: TimeReading): Entry | null {
  const before = lockOfKeypad(store, keypadId);
  if (before === undefined) return null;
  const { deviceId } = before.lock;
  const { state, events, order } = typed(before, { digits, keypadId }, offlineSecrets(store.secrets), now);
  store.commit(before, state, events);
  if (order === null) return { deviceId, opens: false };
  const at = now.earliest;
  store.commands.add({
    commandId: identifierOf(`${keypadId}/${deviceId}/${store.outbox.epoch}/${store.outbox.head()}/${at}`),
    type: 'unlock_door',
    request: { type: 'unlock_door', deviceId, entry: order },
    receivedAt: at,
    expiresAt: at + OPENS_WITHIN_MS,
    outcome: { state: 'accepted' },
    outcomeAt: at,
  });
  return { deviceId, opens: true };
}
