import type { AccessCode } from '../access-code.ts';
import { ownerOf } from '../plan/assign.ts';
import type { LockState, Policy } from '../lock.ts';
import type { ErrorCode, Problem } from '../problem.ts';
import { isSatisfied } from '../plan/slot-steps.ts';
import type { Slot } from '../slot.ts';
import { targetOf } from '../timing/strategy.ts';
import type { TimeReading } from '../time.ts';

/**
 * The PIN in this slot is somebody's whom the hub leaves alone: it is kept for no code of ours, or it was put over one
 * that allows that.
 */
export function isOthersPin(row: Slot, owner: AccessCode | undefined): boolean {
  if (row.content.kind !== 'pin') return false;
  if (owner === undefined) return row.owner === null;
  const isHonoured = owner.externallyModified && owner.allowExternalModification;
  return isHonoured && owner.removingSince === null && owner.pin?.equals(row.content.pin) !== true;
}

/**
 * The slot goes on holding the PIN of a code that waits for it. Of our own codes that is an exception: most of those
 * that are in the way are about to leave or to change.
 */
export function staysInTheWay(
  holder: Slot,
  waiting: AccessCode,
  state: LockState,
  policy: Policy,
  now: TimeReading,
): boolean {
  const owner = ownerOf(state, holder);
  if (owner === undefined) return holder.owner === null;
  const target = targetOf(owner, state.lock, policy, now);
  if (target.kind !== 'present' || owner.pin === null) return false;
  return waiting.pin?.equals(owner.pin) === true || isSatisfied(target, owner, holder);
}

/** The error of a code whose PIN another slot has. `undefined`: the lock does not say which of them. */
export function duplicateOf(holder: Slot | undefined): Omit<Problem<ErrorCode>, 'createdAt'> {
  const code = 'duplicate_code_on_device';
  if (holder === undefined) {
    const message = 'The lock refuses this PIN because another of its slots has it. Choose another PIN.';
    return { code, message };
  }
  const message = `Slot ${holder.slot} of the lock has the same PIN. Choose another PIN, or remove the code there.`;
  if (holder.owner !== null) return { code, message, details: { managedAccessCodeId: holder.owner } };
  if (holder.unmanaged === null) return { code, message };
  return { code, message, details: { unmanagedAccessCodeId: holder.unmanaged.accessCodeId } };
}
