import { failed, type CommandOutcome, type CommandRequest } from '../core/command.ts';
import type { LockState } from '../core/lock.ts';
import { withBurnt, withKeypad } from '../core/offline/door.ts';
import { HUB_CODE_DIGITS } from '../core/offline/hub-code.ts';
import type { OfflineSecret } from '../core/offline/judge.ts';
import { withIssuesDue } from '../core/offline/settle-issue.ts';
import type { Pin } from '../core/pin.ts';
import type { TimeReading } from '../core/time.ts';
import { keepBurnt, takeBurnt } from './burnt-codes.ts';
import { offlineSecrets, setOfflineSecret } from './offline-secrets.ts';
import type { Store } from './store.ts';

type Doors = Pick<Store, 'deviceIds' | 'lockState' | 'commit' | 'secrets'>;

/** The lock that a keypad opens. */
export function lockOfKeypad(store: Doors, keypadId: string): LockState | undefined {
  return locks(store).find(({ lock }) => lock.door.keypadId === keypadId);
}

/**
 * Has a keypad open a lock, and no other lock any more; `null`: nothing does. The lock keeps what was burnt and guessed
 * at it. Call inside a transaction.
 */
export function setKeypad(
  store: Doors,
  { deviceId, keypadId }: Extract<CommandRequest, { readonly type: 'set_keypad' }>,
): CommandOutcome {
  const lock = store.lockState(deviceId);
  if (lock?.lock.capabilities == null) return NO_LOCK;
  if (lock.lock.capabilities.isKeypad) return NOT_A_LOCK;
  if (keypadId !== null) {
    const keypad = store.lockState(keypadId);
    if (keypad === undefined) return NO_KEYPAD;
    if (keypad.lock.capabilities?.isKeypad !== true) return NOT_A_KEYPAD;
    if (keypad.lock.capabilities.pinLength.max < HUB_CODE_DIGITS) return TOO_SHORT;
    const former = lockOfKeypad(store, keypadId);
    if (former !== undefined && former.lock.deviceId !== deviceId) {
      store.commit(former, withKeypad(former, null), []);
    }
  }
  // It may be a lock that was forgotten meanwhile.
  const remembered = withBurnt(lock, takeBurnt(store.secrets, deviceId));
  store.commit(lock, withKeypad(remembered, keypadId), []);
  return { state: 'succeeded', result: { device_id: deviceId, keypad_device_id: keypadId } };
}

/**
 * Takes a new secret of offline codes, and has those of the hub's own that wait for one asked for at once. Answers the
 * locks that they are for; `null`: another secret has that id. Call inside a transaction.
 */
export function takeSecret(
  store: Doors,
  next: Parameters<typeof setOfflineSecret>[1],
  now: TimeReading,
): readonly string[] | null {
  if (!setOfflineSecret(store.secrets, next, now)) return null;
  const doors = locks(store).filter(({ lock }) => lock.capabilities?.offline?.vendor === 'lockhub');
  for (const door of doors) store.commit(door, withIssuesDue(door, now), []);
  return doors.map(({ lock }) => lock.deviceId);
}

/**
 * Drops a lock with all that it has, but not the codes that were used at its door: should it come again under its id,
 * they open nothing either. Call inside a transaction.
 */
export function forgetLock(store: Doors & Pick<Store, 'forget'>, deviceId: string, now: TimeReading): void {
  const burnt = store.lockState(deviceId)?.lock.door.memory.burnt ?? [];
  if (burnt.length > 0) keepBurnt(store.secrets, deviceId, burnt, now);
  store.forget(deviceId);
}

/** What it takes to issue codes of the hub's own: the newest secret, if there is one, and the PINs of a lock's codes. */
export function issuingDoors(store: Pick<Store, 'secrets' | 'lockState'>): {
  readonly secret: () => OfflineSecret | undefined;
  readonly pins: (deviceId: string) => readonly Pin[];
} {
  return {
    secret: () => offlineSecrets(store.secrets)[0],
    pins: (deviceId) => store.lockState(deviceId)?.codes.flatMap(({ pin }) => pin ?? []) ?? [],
  };
}

function locks(store: Doors): readonly LockState[] {
  return store.deviceIds().flatMap((deviceId) => store.lockState(deviceId) ?? []);
}

const NO_LOCK = failed('unknown_device', 'params.device_id: the hub has met no such lock.');
const NOT_A_LOCK = failed('unsupported', 'params.device_id: that is a keypad, which has no bolt.');
const NO_KEYPAD = failed('unknown_device', 'params.keypad_device_id: the hub has met no such keypad.');
const NOT_A_KEYPAD = failed('unsupported', 'params.keypad_device_id: that is no keypad that asks the hub.');
const TOO_SHORT = failed(
  'unsupported',
  `params.keypad_device_id: that keypad sends fewer than the ${HUB_CODE_DIGITS} digits of a code.`,
);
