import type { LockState } from '../lock.ts';
import type { Slot } from '../slot.ts';
import { withLock } from '../with.ts';

/**
 * A lock whose state comes from a backup: it was served on after that. What the table says of its slots is where to look
 * and no more, and it is tried at once, however long it did not answer when the backup was made.
 */
export function restored(state: LockState): LockState {
  const slots = state.slots.map((row): Slot => (isOfSomebody(row) ? { ...row, recheck: 'restored' } : row));
  const codes = state.codes.map((code) =>
    code.retryAt === null && code.failures === 0 ? code : { ...code, failures: 0, retryAt: null },
  );
  return withLock({ ...state, slots, codes }, { failures: 0, retryAt: null });
}

/** An empty slot that is nobody's is looked at in any case before it is used. */
function isOfSomebody({ owner, unmanaged, content }: Slot): boolean {
  return content.kind !== 'unknown' && (owner !== null || unmanaged !== null);
}
