import type { AccessCode } from '../access-code.ts';
import { sameSchedule } from '../schedule.ts';
import type { Lock } from '../lock.ts';
import type { Operation } from '../operation.ts';
import type { Schedule, Slot } from '../slot.ts';
import type { Target } from '../timing/strategy.ts';

type PresentTarget = Extract<Target, { readonly kind: 'present' }>;

/** The slot holds the code's own PIN, enabled or (where that is asked) disabled, with proof. */
export function holdsPin(code: AccessCode, row: Slot, enabled = true): boolean {
  const { content } = row;
  return (
    code.pin !== null && content.kind === 'pin' && content.enabled === enabled && content.pin.equals(code.pin)
  );
}

/** The slot's schedule is known to be this one. A lock without schedules has none. */
function hasSchedule(row: Slot, window: Schedule | null): boolean {
  return row.schedule.kind === 'known' && sameSchedule(row.schedule.window, window);
}

/** The lock is believed to hold for this code exactly what it should. */
export function isSatisfied(target: Target, code: AccessCode, row: Slot | null): boolean {
  switch (target.kind) {
    case 'as_is':
      return true;
    case 'absent':
      return row === null;
    case 'present':
      if (row === null) return false;
      if (mayStayEdited(code, target, row)) return true;
      return holdsPin(code, row, target.enabled) && hasSchedule(row, target.schedule);
  }
}

/** People may edit this code at the lock, but not open it before its time: our own PIN, enabled, has to wait for that. */
function mayStayEdited(code: AccessCode, target: PresentTarget, row: Slot): boolean {
  if (!code.externallyModified || !code.allowExternalModification) return false;
  return target.enabled || !holdsPin(code, row);
}

/**
 * The next operation that brings one slot nearer to its target; `null` when nothing is to be done by radio.
 * Unknown content is read before it is written. A schedule is on the lock before its PIN, because a PIN without
 * one opens at any time (field note). Masking locks are cleared before they are written: a rejected write over an
 * occupied masked slot reads like a success (field note).
 */
export function nextForSlot(target: Target, code: AccessCode, row: Slot, lock: Lock): Operation | null {
  const { slot, content } = row;
  const scheduling = lock.capabilities?.nativeScheduling != null;
  if (target.kind === 'as_is') return null;
  if (content.kind === 'unknown' || row.recheck === 'restored') return { kind: 'read_slot', slot };
  if (target.kind === 'absent') return content.kind === 'empty' ? null : { kind: 'clear_slot', slot };
  if (code.pin === null) return null;
  if (row.recheck !== 'no' || (scheduling && row.schedule.kind === 'unknown')) {
    return { kind: 'read_slot', slot };
  }
  const isOurs = holdsPin(code, row, true) || holdsPin(code, row, false);
  const foreign = content.kind !== 'empty' && !isOurs;
  // This lock does not enable a code in place.
  if (target.enabled && lock.armRefused && holdsPin(code, row, false)) return { kind: 'clear_slot', slot };
  if (foreign && (content.kind === 'masked' || lock.masksPins)) return { kind: 'clear_slot', slot };
  // What must not open is disabled before its schedule goes: a PIN without one opens at any time.
  if (!target.enabled && content.kind === 'pin' && content.enabled) {
    return { kind: 'set_pin', slot, pin: code.pin, enabled: false };
  }
  if (!hasSchedule(row, target.schedule)) {
    return target.schedule === null
      ? { kind: 'clear_schedule', slot }
      : { kind: 'set_schedule', slot, window: target.schedule };
  }
  const { enabled } = target;
  return holdsPin(code, row, enabled) ? null : { kind: 'set_pin', slot, pin: code.pin, enabled };
}
