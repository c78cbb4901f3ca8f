import type { AccessCode } from './access-code.ts';
import type { Lock, LockState } from './lock.ts';
import type { Slot } from './slot.ts';

// Changed copies of a lock state. What does not change keeps its identity, which is how the store knows what to write.

export function withLock(state: LockState, change: Partial<Lock>): LockState {
  const lock = { ...state.lock, ...change };
  const same = Object.keys(change).every((key) =>
    Object.is(lock[key as keyof Lock], state.lock[key as keyof Lock]),
  );
  return same ? state : { ...state, lock };
}

/** Replaces one code; `null` or an unknown id changes nothing, and neither does a change that gives the same code. */
export function withCode(
  state: LockState,
  accessCodeId: string | null,
  change: (code: AccessCode) => AccessCode,
): LockState {
  const index = state.codes.findIndex((code) => code.accessCodeId === accessCodeId);
  const code = state.codes[index];
  if (code === undefined) return state;
  const changed = change(code);
  return changed === code ? state : { ...state, codes: state.codes.with(index, changed) };
}

/** Replaces or adds one row of the slot table, kept in ascending order. */
export function withSlot(state: LockState, row: Slot): LockState {
  const index = state.slots.findIndex((other) => other.slot >= row.slot);
  const at = index === -1 ? state.slots.length : index;
  const replaced = state.slots[at]?.slot === row.slot ? 1 : 0;
  return { ...state, slots: state.slots.toSpliced(at, replaced, row) };
}
