import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { zigbeeLabelOf } from '../../../drivers/sim/zigbee/label.ts';
import { zigbeeModelOf } from '../../../drivers/sim/zigbee/model.ts';
import type { LockDriver, PairingEnd, PairingRequest } from '../../../src/lock-driver.ts';
import { eventually } from '../zwave-rig.ts';

const DURATION_MS = 60_000;

/** What somebody who reads the label of a lock asks for. */
export function requestFor({ membership, model, serial, ieee }: SimLock): PairingRequest {
  const needsCode = zigbeeModelOf(model)?.zigbee.needsInstallCode === true && ieee !== null;
  const qr = needsCode ? zigbeeLabelOf(serial, ieee).qr : null;
  return { durationMs: DURATION_MS, qr, pin: membership.label?.pin ?? null, asksForPin: false };
}

/** Somebody opens the network for a lock, then tells the lock to join, unless that was done before. */
export async function comeIn(driver: LockDriver, lock: SimLock): Promise<PairingEnd> {
  const pairing = driver.pairing.start(requestFor(lock));
  if (lock.membership.asks === 'join') return pairing;
  const isOpen = (): boolean => driver.pairing.progress()?.stage === 'waiting_for_lock';
  await eventually(isOpen, 'the network is open');
  lock.membership.askToJoin();
  return pairing;
}
