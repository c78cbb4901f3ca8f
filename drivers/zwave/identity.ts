import { DeviceIdType } from '@zwave-js/cc';
import { CommandClasses, isZWaveError } from '@zwave-js/core';
import type { Driver, ZWaveNode } from 'zwave-js';
import type { LockIdentity, RadioStorage } from '../../src/lock-driver.ts';

/** Our own rows in the radio's storage, beside the library's files. */
const SERIALS_FILE = 'lockhub.serials';

/** Devices whose lock was replaced by one that has not been met yet, by address. */
const PLACES_FILE = 'lockhub.places';

const SERIAL_ATTEMPTS_MAX = 3;

/** From this version on a lock can be asked for its serial number. */
const MANUFACTURER_SPECIFIC_WITH_SERIAL = 2;

/**
 * Who a lock is. Its serial number is asked for once and then remembered, so that a restart costs no frame; a lock
 * that has none, or does not tell it now, is known by its place in the network.
 */
export async function identityOf(
  driver: Driver,
  node: ZWaveNode,
  storage: RadioStorage,
): Promise<LockIdentity> {
  const network = networkOf(driver);
  const address = String(node.id);
  const key = keyOf(driver, node.id);
  const known = storage.entries(SERIALS_FILE).find(([name]) => name === key)?.[1];
  const serial = known ?? (await askSerial(node));
  if (known === undefined && serial !== null) storage.set(SERIALS_FILE, key, serial);
  const inPlaceOf = keptAt(driver, node.id, storage);
  return { radio: 'zwave', network, address, serial, ...(inPlaceOf === undefined ? {} : { inPlaceOf }) };
}

/** A lock that left the network and came back may be another one. */
export function forgetSerial(driver: Driver, nodeId: number, storage: RadioStorage): void {
  storage.delete(SERIALS_FILE, keyOf(driver, nodeId));
  storage.delete(PLACES_FILE, keyOf(driver, nodeId));
}

/** Whoever is met at this address is that device, however late that is. */
export function keepPlace(driver: Driver, nodeId: number, deviceId: string, storage: RadioStorage): void {
  storage.set(PLACES_FILE, keyOf(driver, nodeId), deviceId);
  storage.flush();
}

/** The new lock was met. */
export function endPlace(driver: Driver, nodeId: number, storage: RadioStorage): void {
  storage.delete(PLACES_FILE, keyOf(driver, nodeId));
}

/** The device that is kept for whoever is met at this address. */
export function keptAt(driver: Driver, nodeId: number, storage: RadioStorage): string | undefined {
  return storage.entries(PLACES_FILE).find(([key]) => key === keyOf(driver, nodeId))?.[1];
}

/** The address that a device has whose new lock was not met yet. */
export function placeOf(driver: Driver, deviceId: string, storage: RadioStorage): number | undefined {
  const place = storage
    .entries(PLACES_FILE)
    .find(([key, kept]) => kept === deviceId && key.startsWith(`${networkOf(driver)}/`));
  return place === undefined ? undefined : Number(place[0].split('/')[1]);
}

function keyOf(driver: Driver, nodeId: number): string {
  return `${networkOf(driver)}/${nodeId}`;
}

function networkOf(driver: Driver): string {
  return (driver.controller.homeId ?? 0).toString(16).padStart(8, '0');
}

async function askSerial(node: ZWaveNode): Promise<string | null> {
  const version = node.getCCVersion(CommandClasses['Manufacturer Specific']);
  if (version < MANUFACTURER_SPECIFIC_WITH_SERIAL) return null;
  const api = node.commandClasses['Manufacturer Specific'];
  for (let attempt = 1; attempt <= SERIAL_ATTEMPTS_MAX; attempt += 1) {
    try {
      const serial = await api.deviceSpecificGet(DeviceIdType.SerialNumber);
      if (serial !== undefined) return textOf(serial);
    } catch (error) {
      if (!isZWaveError(error)) throw error;
    }
  }
  return null;
}

/** Some locks answer with bytes instead of text; empty or all zero means that nobody wrote a serial into them. */
function textOf(serial: string | Uint8Array): string | null {
  const text = typeof serial === 'string' ? serial.trim() : Buffer.from(serial).toString('hex');
  return /^(0x)?0*$/.test(text) ? null : text;
}
