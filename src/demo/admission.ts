import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { Backend } from './backend.ts';
import { until } from './check.ts';
import { commanded } from './commanded.ts';
import type { HouseControl, HouseLock } from './house.ts';

/** Opening the stick; a new network takes it some seconds, because the library waits for the stick to settle. */
const RADIOS_TIMEOUT_MS = MINUTE_MS;
/** A lock of the house asks all the time, so it is in as soon as the network is open. */
const OPEN_MS = MINUTE_MS;

/**
 * Has the hub let in the Zigbee locks of the house that it does not have, as a technician would: no hub knows a Zigbee
 * lock that it did not let in itself. Throws `NotHeld` when a radio does not come up or nobody comes in.
 */
export async function admitLocks(
  house: HouseControl,
  backend: Backend,
  areRadiosReady: () => Promise<boolean>,
): Promise<void> {
  await until('the hub to have told of its locks', RADIOS_TIMEOUT_MS, () => ({
    held: backend.isIntroduced,
    seen: 'it has not yet',
  }));
  const strangers = (await house.locks()).filter(
    (lock) => lock.radio === 'zigbee' && !isKnown(lock, backend),
  );
  if (strangers.length === 0) return;
  await until('the radios to be ready', RADIOS_TIMEOUT_MS, async () => ({
    held: await areRadiosReady(),
    seen: 'they are not yet',
  }));
  for (const { id, joined } of strangers) {
    // One whose place was given to another lock while it was out of reach believes to be in the network still.
    if (joined) await house.act(id, 'join');
    // A pairing ends with the first lock that is met, and others may have come in with it.
    if (!(await house.lock(id)).joined) await letOneIn(backend);
  }
}

function isKnown({ joined, address }: HouseLock, { reported }: Backend): boolean {
  return joined && [...reported.values()].some(({ device }) => device.address === address);
}

async function letOneIn(backend: Backend): Promise<void> {
  const asked = { radio: 'zigbee', duration_seconds: OPEN_MS / SECOND_MS };
  await commanded(backend, 'start_pairing', asked, 2 * OPEN_MS);
}
