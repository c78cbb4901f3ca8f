import type { Logger } from 'pino';
import type { Clock } from '../../src/clock.ts';
import type { DriverHost, RadioStorage } from '../../src/lock-driver.ts';
import { BoltPlace } from './bolt-place.ts';
import { Ear } from './listen/ear.ts';
import type { ZigbeeLock } from './lock.ts';
import { presenceOf, type Presence } from './presence.ts';

/** A lock and what is only known while it is met. */
export interface Met {
  readonly lock: ZigbeeLock;
  readonly presence: Presence;
  readonly ear: Ear;
}

interface MetOptions {
  readonly host: DriverHost;
  readonly storage: RadioStorage;
  readonly log: Logger;
  readonly clock: Clock;
}

/**
 * A lock that is met, perhaps again: then what was heard of it before goes on.
 *
 * @param locked where its bolt was found to be just now, if it was asked
 */
export function metOf(
  lock: ZigbeeLock,
  locked: boolean | null,
  kept: Met | undefined,
  options: MetOptions,
): Met {
  const { host, clock } = options;
  const ear = kept?.ear ?? earOf(lock, options);
  ear.learn(locked);
  return { lock, ear, presence: kept?.presence ?? presenceOf(lock, host, clock) };
}

function earOf(lock: ZigbeeLock, { host, storage, log }: MetOptions): Ear {
  const { deviceId, device } = lock;
  return new Ear(lock, new BoltPlace(device.ieeeAddr, storage), (body) => {
    log.debug({ ieee: device.ieeeAddr, heard: body }, 'a lock tells');
    host.onEvent(deviceId, body);
  });
}
