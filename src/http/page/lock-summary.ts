import { isUserSlot } from '../../core/capability.ts';
import type { Lock, LockState } from '../../core/lock.ts';
import { batteryStatus } from '../../core/observe/battery.ts';
import { explainNext } from '../../core/plan/explain.ts';
import type { LinkView } from '../../core/radio-view.ts';
import { listedCodes } from '../../core/request/unmanaged.ts';
import { lockPropertiesOf } from '../../wire/lock-properties.ts';
import { viewOf, type View } from '../../wire/view.ts';
import type { ApiParts } from '../route.ts';
import { offlineLockedUntil, pageOfflineOf } from './offline-object.ts';
import { signalOf } from './radio.ts';
import type { LockSummary } from './types.ts';

/** What a lock is called where nobody has met it yet. */
const NOT_MET = 'A lock that was not met yet';

/** All locks that the hub knows of, each with what is worked out once for it. */
export function lockViews(parts: ApiParts): readonly View[] {
  return parts.store.deviceIds().flatMap((deviceId) => lockView(parts, deviceId) ?? []);
}

/** One lock; `undefined`: there is none. */
export function lockView({ store, policy, clock, isRadioUp }: ApiParts, deviceId: string): View | undefined {
  const state = store.lockState(deviceId);
  if (state === undefined) return undefined;
  const { radio } = state.lock;
  return viewOf(state, { policy, now: clock.now(), isRadioUp: radio === null || isRadioUp(radio) });
}

/** What people call it, or what it is. */
function nameOf({ nickname, model }: Lock): string {
  return nickname ?? model ?? NOT_MET;
}

/** What a list of locks to choose from shows. */
export function lockFaceOf(
  view: View,
): Pick<LockSummary, 'device_id' | 'name' | 'online' | 'is_keypad' | 'offline' | 'slots'> {
  const { state, isRadioUp } = view;
  const { lock } = state;
  return {
    device_id: lock.deviceId,
    name: nameOf(lock),
    online: lock.online && isRadioUp,
    is_keypad: lock.capabilities?.isKeypad === true,
    offline: lock.capabilities?.offline ? pageOfflineOf(lock.capabilities.offline) : null,
    slots: { used: usedSlots(state), total: lockPropertiesOf(view).max_active_codes_supported },
  };
}

/** `link`: what its radio knows of the way to it, if anything. */
export function lockSummaryOf(view: View, link: LinkView | undefined): LockSummary {
  const { state, policy, now } = view;
  const { lock } = state;
  return {
    ...lockFaceOf(view),
    model: lock.model,
    radio: lock.radio,
    address: lock.address,
    secure: lock.secure,
    locked: lock.locked,
    jammed: lock.jammed,
    tampered: lock.tampered,
    battery_level: lock.batteryLevel,
    battery_status: lock.batteryLevel === null ? null : batteryStatus(lock.batteryLevel),
    signal: signalOf(link),
    codes: codeCounts(state),
    offline_locked_until: offlineLockedUntil(view),
    pending: explainNext(state, policy, now)?.message ?? null,
    errors: view.errors,
    warnings: view.warnings,
  };
}

/** Slots for access codes that hold one, or are being written. */
function usedSlots({ lock: { capabilities }, slots }: LockState): number {
  if (capabilities === null) return 0;
  return slots.filter(({ slot, content, pending }) => {
    const isTaken = content.kind === 'pin' || content.kind === 'masked' || pending !== null;
    return isTaken && isUserSlot(capabilities, slot);
  }).length;
}

function codeCounts(state: LockState): LockSummary['codes'] {
  const codes = listedCodes(state);
  return {
    total: codes.length,
    pending: codes.filter(({ status }) => status === 'setting' || status === 'removing').length,
    with_errors: codes.filter(({ errors, rejected }) => errors.length > 0 || rejected !== null).length,
  };
}
