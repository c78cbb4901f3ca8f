import { isUserSlot } from '../capability.ts';
import type { LockState } from '../lock.ts';
import { slotOf } from '../plan/assign.ts';
import type { Slot } from '../slot.ts';
import type { Instant } from '../time.ts';
import { withLock, withSlot } from '../with.ts';

/**
 * A lock whose state comes from a backup that was made at `madeAt`: it was served on after that. What the table says of its slots is where to look
 * and no more, and it is tried at once, however long it did not answer when the backup was made.
 */
export function restored(state: LockState, madeAt: Instant): LockState {
  const slots = state.slots.map((row): Slot => (isOfSomebody(row) ? { ...row, recheck: 'restored' } : row));
  const codes = state.codes.map((code) =>
    code.retryAt === null && code.failures === 0 ? code : { ...code, failures: 0, retryAt: null },
  );
  return withLock(
    { ...state, slots: withALook(slots, state), codes },
    { failures: 0, retryAt: null, fromBackupAt: madeAt },
  );
}

/** Of a lock that has nothing to be compared one slot is read all the same: that it answers is to be seen. */
function withALook(slots: readonly Slot[], state: LockState): readonly Slot[] {
  const { capabilities } = state.lock;
  if (capabilities === null || slots.some(({ recheck }) => recheck === 'restored')) return slots;
  for (let slot = capabilities.firstSlot; slot <= capabilities.lastSlot; slot += 1) {
    if (!isUserSlot(capabilities, slot)) continue;
    const looked = withSlot({ ...state, slots }, { ...slotOf(state, slot), recheck: 'restored' });
    return looked.slots;
  }
  return slots;
}

/** An empty slot that is nobody's is looked at in any case before it is used. */
function isOfSomebody({ owner, unmanaged, content }: Slot): boolean {
  return content.kind !== 'unknown' && (owner !== null || unmanaged !== null);
}
