import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { Backend } from './backend.ts';
import { NotHeld, until } from './check.ts';
import type { HouseControl, HouseLock } from './house.ts';

/** Opening the stick; a new network takes it some seconds, because the library waits for the stick to settle. */
const RADIOS_TIMEOUT_MS = MINUTE_MS;
/** A lock of the house asks all the time, so it is in as soon as the network is open. */
const OPEN_MS = MINUTE_MS;

/**
 * Has the hub let in the Zigbee locks of the house that are in no network, as a technician would: no hub knows a
 * Zigbee lock that it did not let in itself. Throws `NotHeld` when one stays outside.
 */
export async function admitLocks(
  house: HouseControl,
  backend: Backend,
  areRadiosReady: () => Promise<boolean>,
): Promise<void> {
  const outside = await locksOutside(house);
  if (outside.length === 0) return;
  await until('the hub and its radios to be ready', RADIOS_TIMEOUT_MS, async () => ({
    held: backend.isGreeted && (await areRadiosReady()),
    seen: 'they are not yet',
  }));
  // A pairing ends with the first lock that is met, and others may have come in with it.
  for (const { id } of outside) {
    if ((await locksOutside(house)).some((lock) => lock.id === id)) await openOnce(backend);
  }
  const left = await locksOutside(house);
  if (left.length > 0) throw new NotHeld('all Zigbee locks in the network', `${left.length} outside`);
}

async function locksOutside(house: HouseControl): Promise<readonly HouseLock[]> {
  return (await house.locks()).filter(({ radio, joined }) => radio === 'zigbee' && !joined);
}

/** Opens the Zigbee network until a lock is in. */
async function openOnce(backend: Backend): Promise<void> {
  const id = await backend.command('start_pairing', {
    radio: 'zigbee',
    duration_seconds: OPEN_MS / SECOND_MS,
  });
  await until('a pairing that ends well', 2 * OPEN_MS, () => {
    const result = backend.results.get(id);
    return { held: result?.state === 'succeeded', seen: JSON.stringify(result) ?? 'no answer' };
  });
}
