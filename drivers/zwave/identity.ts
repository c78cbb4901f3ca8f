import { DeviceIdType } from '@zwave-js/cc';
import { CommandClasses, isZWaveError } from '@zwave-js/core';
import type { Driver, ZWaveNode } from 'zwave-js';
import type { LockIdentity, RadioStorage } from '../../src/lock-driver.ts';

/** Our own rows in the radio's storage, beside the library's files. */
const SERIALS_FILE = 'lockhub.serials';

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
  const network = (driver.controller.homeId ?? 0).toString(16).padStart(8, '0');
  const address = String(node.id);
  const key = `${network}/${address}`;
  const known = storage.entries(SERIALS_FILE).find(([name]) => name === key)?.[1];
  const serial = known ?? (await askSerial(node));
  if (known === undefined && serial !== null) storage.set(SERIALS_FILE, key, serial);
  return { radio: 'zwave', network, address, serial };
}

/** A lock that left the network and came back may be another one. */
export function forgetSerial(driver: Driver, nodeId: number, storage: RadioStorage): void {
  const network = (driver.controller.homeId ?? 0).toString(16).padStart(8, '0');
  storage.delete(SERIALS_FILE, `${network}/${nodeId}`);
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
