import type { AccessCode } from '../access-code.ts';
import { isUserSlot, type Capabilities } from '../capability.ts';
import type { LockState } from '../lock.ts';
import type { Pin } from '../pin.ts';
import { lookOf } from './planned.ts';
import type { Slot } from '../slot.ts';
import { MINUTE_MS, type TimeReading } from '../time.ts';

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
  const unread: number[] = [];
  for (let slot = capabilities.firstSlot; slot <= capabilities.lastSlot; slot += 1) {
    if (!isUserSlot(capabilities, slot) || taken.has(slot)) continue;
    const row = rows.get(slot);
    if (row === undefined) unread.push(slot);
    else if (row.owner !== null || row.pending !== null) continue;
    else if (isFresh(row, now)) return { kind: 'free', slot };
    else if (row.content.kind === 'unknown' || row.content.kind === 'empty') unread.push(slot);
  }
  const slot = firstToRead(unread, state.lock.failedLooks);
  return slot === null ? { kind: 'full' } : { kind: 'unread', slot };
}

/** A slot that gives no answer keeps no code off the others; where none answers, it is the one asked longest ago. */
function firstToRead(slots: readonly number[], failedLooks: readonly string[]): number | null {
  if (failedLooks.length === 0) return slots[0] ?? null;
  const failure = (slot: number): number => failedLooks.indexOf(lookOf({ kind: 'read_slot', slot }) ?? '');
  return slots.toSorted((a, b) => failure(a) - failure(b))[0] ?? null;
}

/** Found empty so lately that it may be written without another look. */
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
