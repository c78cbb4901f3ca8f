import type { AccessCode } from './access-code.ts';
import { isUserSlot, type Capabilities } from './capability.ts';
import type { LockState } from './lock.ts';
import type { Pin } from './pin.ts';
import type { Slot } from './slot.ts';
import { MINUTE_MS, type TimeReading } from './time.ts';

/** Where a new code may go. */
export type Vacancy =
  | { readonly kind: 'free'; readonly slot: number }
  /** No slot is proven free; this one may be, once it is read. */
  | { readonly kind: 'unread'; readonly slot: number }
  | { readonly kind: 'full' };

/** A row for a slot nobody has looked at. */
function unseenSlot(slot: number): Slot {
  return {
    slot,
    owner: null,
    content: { kind: 'unknown' },
    recheck: 'no',
    pending: null,
    schedule: { kind: 'unknown' },
    proof: null,
    provenAt: null,
    writtenAt: null,
    tried: [],
    unmanaged: null,
  };
}

/** The row of a slot, made up when the table has none. */
export function slotOf(state: LockState, slot: number): Slot {
  let low = 0;
  let high = state.slots.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((state.slots[middle]?.slot ?? slot) < slot) low = middle + 1;
    else high = middle;
  }
  const row = state.slots[low];
  return row?.slot === slot ? row : unseenSlot(slot);
}

/** An empty slot is looked at again before it is used: somebody may have programmed it while the lock was away. */
const EMPTY_FOR_MS = MINUTE_MS;

/**
 * The lowest slot proven just now to be empty and nobody's, else the lowest that has to be read first.
 * A slot whose content is unknown or foreign is never offered for writing (decision 8).
 */
export function vacancy(
  state: LockState,
  capabilities: Capabilities,
  taken: ReadonlySet<number>,
  now: TimeReading,
): Vacancy {
  const rows = new Map(state.slots.map((row) => [row.slot, row]));
  const failed = failedSlot(state);
  let unread: number | null = null;
  for (let slot = capabilities.firstSlot; slot <= capabilities.lastSlot; slot += 1) {
    if (!isUserSlot(capabilities, slot) || taken.has(slot)) continue;
    // A slot that gives no answer keeps no code off the others.
    if (failed === slot) continue;
    const row = rows.get(slot);
    if (row === undefined) unread ??= slot;
    else if (row.owner !== null || row.pending !== null) continue;
    else if (isFresh(row, now)) return { kind: 'free', slot };
    else if (row.content.kind === 'unknown' || row.content.kind === 'empty') unread ??= slot;
  }
  unread ??= failed;
  return unread === null ? { kind: 'full' } : { kind: 'unread', slot: unread };
}

/** A free slot whose reading failed last, if one did. */
function failedSlot({ lock, slots }: LockState): number | null {
  const [, digits] = /^read_slot (\d+)$/.exec(lock.failedLook ?? '') ?? [];
  if (digits === undefined) return null;
  const slot = Number(digits);
  const row = slots.find((other) => other.slot === slot);
  const isOpen = row === undefined || (row.owner === null && row.pending === null);
  return isOpen && (row === undefined || row.content.kind === 'unknown' || row.content.kind === 'empty')
    ? slot
    : null;
}

export function isFresh(row: Slot, now: TimeReading): boolean {
  if (row.content.kind !== 'empty' || row.recheck !== 'no' || row.provenAt === null) return false;
  const ageMs = now.earliest - row.provenAt;
  return ageMs >= 0 && ageMs < EMPTY_FOR_MS;
}

/** Another slot of the lock that holds, or may be about to hold, the same PIN. */
export function holderOf(state: LockState, pin: Pin, exceptSlot: number | null): Slot | undefined {
  return state.slots.find(
    (row) =>
      row.slot !== exceptSlot &&
      ((row.content.kind === 'pin' && row.content.pin.equals(pin)) || row.pending?.pin.equals(pin) === true),
  );
}

/** The code a slot is kept for. */
export function ownerOf(state: LockState, row: Slot | undefined): AccessCode | undefined {
  return row?.owner == null ? undefined : state.codes.find((code) => code.accessCodeId === row.owner);
}
