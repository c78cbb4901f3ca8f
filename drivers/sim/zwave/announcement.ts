import { dskFromString, nwiHomeIdFromDSK } from '@zwave-js/core';
import { ApplicationUpdateRequestSmartStartHomeIDReceived } from '@zwave-js/serial/serialapi';
import { Bytes } from '@zwave-js/shared';
import type { Device } from './node.ts';

/** How often a lock announces itself for SmartStart. Real ones take their time. */
const ANNOUNCE_EVERY_MS = 500;
/** A routing end node. */
const BASIC_DEVICE_CLASS = 0x04;

/** Whose turn it is to announce itself. */
export class Announcements {
  #count = 0;
  #lastAtMs = 0;

  /** `undefined`: nobody would, or it is too early. */
  next(devices: readonly Device[]): Device | undefined {
    const device = devices[this.#count % devices.length];
    if (device === undefined || performance.now() - this.#lastAtMs < ANNOUNCE_EVERY_MS) return undefined;
    this.#count += 1;
    this.#lastAtMs = performance.now();
    return device;
  }
}

/** A device's home id, made of its DSK, is all that it shows of itself. `undefined`: without S2 it knows no SmartStart. */
export function announcementOf({
  membership: { label },
  model: { product },
}: Device): ApplicationUpdateRequestSmartStartHomeIDReceived | undefined {
  if (label === null) return undefined;
  const { genericDeviceClass, specificDeviceClass } = product;
  const nwiHomeId = nwiHomeIdFromDSK(dskFromString(label.dsk));
  const announcement = new ApplicationUpdateRequestSmartStartHomeIDReceived({
    remoteNodeId: 0,
    nwiHomeId,
    basicDeviceClass: BASIC_DEVICE_CLASS,
    genericDeviceClass,
    specificDeviceClass,
    supportedCCs: [],
  });
  // The library can only parse this message, so its bytes are written here: node, reception, home id, no classes.
  const classes = [0, BASIC_DEVICE_CLASS, genericDeviceClass, specificDeviceClass];
  announcement.payload = Bytes.from([0, 0, ...nwiHomeId, ...classes]);
  return announcement;
}
