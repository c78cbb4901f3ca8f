import { randomBytes, randomUUID } from 'node:crypto';
import { SECOND_MS } from '../core/time.ts';
import { sealedSecret } from '../reference-cloud/sealing.ts';
import type { Backend } from './backend.ts';
import { until } from './check.ts';
import { commanded } from './commanded.ts';
import type { HouseControl } from './house.ts';
import type { DemoLock } from './locks.ts';

/** What hangs in the house of the demo beside its locks: a Z-Wave keypad that asks the hub (Entry Control). */
export const KEYPAD = { id: 'front-keypad', address: 6 } as const;
/** The lock that hangs in the same door. */
const BESIDE = 'front-door';

/** Keys that make an offline code of the hub's own. */
const CODE_DIGITS = 10;
const READY_WITHIN_MS = 30 * SECOND_MS;
const ANSWER_WITHIN_MS = 10 * SECOND_MS;
const SECRET_BYTES = 32;

/** A door that opens to offline codes: a lock, and the keypad beside it. */
export interface DemoDoor {
  readonly lock: DemoLock;
  /** The keypad's name at the control interface, and the hub's `device_id` of it. */
  readonly keypadId: string;
  readonly keypadDeviceId: string;
}

/**
 * The door of the house. At the first start the hub is told, as by its cloud, which lock the keypad opens; at a later
 * one it is what somebody made of it since. Throws `NotHeld` when the keypad is not met, or not set up by the hub.
 */
export async function openDoor(
  house: HouseControl,
  backend: Backend,
  locks: readonly DemoLock[],
): Promise<DemoDoor> {
  const reportOfKeypad = () =>
    [...backend.reported.values()].find(({ device }) => device.address === KEYPAD.address);
  await until('the keypad, set up by the hub for codes of ten digits', READY_WITHIN_MS, async () => {
    const { key_cache: cache } = await house.keypad(KEYPAD.id);
    return {
      held: reportOfKeypad()?.device.capabilities != null && cache.size >= CODE_DIGITS,
      seen: `a keypad that sends ${cache.size} keys`,
    };
  });
  const keypadDeviceId = reportOfKeypad()?.device_id ?? '';
  const paired = [...backend.reported.values()].find(
    ({ device }) => device.door?.keypad_device_id === keypadDeviceId,
  )?.device_id;
  const lock = locks.find(({ deviceId, id }) => (paired === undefined ? id === BESIDE : deviceId === paired));
  if (lock === undefined) throw new Error('The demo needs a lock beside its keypad.');
  const names = { device_id: lock.deviceId, keypad_device_id: keypadDeviceId };
  if (paired === undefined) await commanded(backend, 'set_keypad', names, ANSWER_WITHIN_MS);
  return { lock, keypadId: KEYPAD.id, keypadDeviceId };
}

/** Gives the hub a secret of offline codes where it has none, so that it can make codes of its own. */
export async function shareFirstSecret(hubId: string, backend: Backend): Promise<void> {
  if ((backend.hello?.offline_secrets ?? []).length === 0) await shareSecret(hubId, backend);
}

/** Gives the hub a new secret of offline codes, sealed to its key, and answers it: 32 bytes. */
export async function shareSecret(hubId: string, backend: Backend): Promise<Uint8Array> {
  const { hello } = backend;
  if (hello === undefined)
    throw new Error('The hub has not said hello, so that nothing can be sealed to it.');
  const secret = randomBytes(SECRET_BYTES);
  const shared = { secretId: randomUUID(), secret: secret.toString('base64url') };
  const sealed = await sealedSecret(shared, hubId, hello.sealing_key);
  const params = { secret_id: shared.secretId, sealed_secret: sealed };
  await commanded(backend, 'set_offline_secret', params, ANSWER_WITHIN_MS);
  return secret;
}
