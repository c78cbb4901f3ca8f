import type { LockIdentity, RadioStorage } from '../../src/lock-driver.ts';
import type { ZigbeeNetworkKeys } from './keys.ts';

/** Devices whose place was taken by one that has not been met yet, by IEEE address. */
const PLACES = 'zigbee.places';

/** Who a lock is: its IEEE address is its own for ever, whatever its short address and its stick. */
export function identityOf(ieee: string, keys: ZigbeeNetworkKeys, storage: RadioStorage): LockIdentity {
  const inPlaceOf = placeOf(ieee, storage);
  return {
    radio: 'zigbee',
    network: keys.extendedPanId,
    address: ieee,
    serial: ieee,
    ...(inPlaceOf === undefined ? {} : { inPlaceOf }),
  };
}

/** The `device_id` whose place a lock that was not met yet has taken. */
export function placeOf(ieee: string, storage: RadioStorage): string | undefined {
  return storage.entries(PLACES).find(([key]) => key === ieee)?.[1];
}

/** Whoever has this address is that device, however late it is met. */
export function keepPlace(ieee: string, deviceId: string, storage: RadioStorage): void {
  storage.set(PLACES, ieee, deviceId);
  storage.flush();
}

/** The new lock was met. */
export function endPlace(ieee: string, storage: RadioStorage): void {
  storage.delete(PLACES, ieee);
}
