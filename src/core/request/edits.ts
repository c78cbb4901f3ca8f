import type { AccessCode, PendingEdits } from '../access-code.ts';
import { slotOf } from '../plan/assign.ts';
import type { LockState } from '../lock.ts';
import type { Instant } from '../time.ts';

/**
 * What the lock holds differently once a code has changed from `previous` to `next`. Only a code that is or may be
 * on the lock has edits; going back to what the lock holds takes an edit back.
 */
export function editsAfter(
  previous: AccessCode,
  next: AccessCode,
  state: LockState,
  now: Instant,
): PendingEdits {
  if (!previous.everOnDevice && previous.slot === null) return {};
  const { edits } = previous;
  const name = edits.name ?? { from: previous.name, since: now };
  const timeFrame = edits.timeFrame ?? {
    startsAt: previous.startsAt,
    endsAt: previous.endsAt,
    since: now,
  };
  const isSameFrame = timeFrame.startsAt === next.startsAt && timeFrame.endsAt === next.endsAt;
  return {
    ...(name.from === next.name ? {} : { name }),
    ...(isOwnPinThere(previous, next, state) ? {} : { code: edits.code ?? { since: now } }),
    ...(isSameFrame ? {} : { timeFrame }),
  };
}

/** The PIN is the one that the lock holds, or that it was asked to hold before and there is nothing newer. */
function isOwnPinThere(previous: AccessCode, next: AccessCode, state: LockState): boolean {
  const isSame = next.pin !== null && previous.pin?.equals(next.pin) === true;
  if (isSame) return previous.edits.code === undefined;
  const row = previous.slot === null ? null : slotOf(state, previous.slot);
  if (next.pin === null || row?.content.kind !== 'pin' || row.pending !== null) return false;
  return row.content.pin.equals(next.pin);
}
