import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Store } from '../store/store.ts';
import { COMMAND_EXPIRY_SECONDS, PAYLOADS } from './discovery.ts';

/** Commands that may wait at one lock; more are refused. */
const OPEN_MAX = 4;

/**
 * Stores the wish to move a bolt as a command like any other, so that it is tried once, ends in time and is done only
 * where a command of the cloud would be. Answers why it was not taken, or `null`.
 */
export function takeCommand(
  deviceId: string,
  payload: string,
  store: Pick<Store, 'lockState' | 'commands' | 'transaction'>,
  clock: Clock,
): string | null {
  const type = payload === PAYLOADS.lock ? 'lock_door' : payload === PAYLOADS.unlock ? 'unlock_door' : null;
  if (type === null) return 'unknown command';
  if (store.lockState(deviceId) === undefined) return 'unknown lock';
  const { earliest: now } = clock.now();
  return store.transaction(() => {
    if (store.commands.open(deviceId, OPEN_MAX).length === OPEN_MAX) return 'too many commands wait';
    store.commands.add({
      // The cloud hears of its end like of any other's, and can tell by this that it was not its own.
      commandId: `home-assistant-${randomUUID()}`,
      type,
      request: { type, deviceId },
      receivedAt: now,
      expiresAt: now + COMMAND_EXPIRY_SECONDS * SECOND_MS,
      outcome: { state: 'accepted' },
      outcomeAt: now,
    });
    return null;
  });
}
