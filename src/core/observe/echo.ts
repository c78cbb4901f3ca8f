import type { Echo, Lock, LockState } from '../lock.ts';
import type { Recheck, Slot } from '../slot.ts';
import { SECOND_MS, type TimeReading } from '../time.ts';
import { withLock } from '../with.ts';

/** A report about a slot this soon after we wrote there may be the echo of our own write. */
const ECHO_WINDOW_MS = 5 * SECOND_MS;

/** A write that was reported by nobody for so long was not reported at all. */
const SILENT_AFTER_MS = 2 * ECHO_WINDOW_MS;

/** So many writes in a row that the lock reported, or did not, tell its habit: a single report gets lost or is an edit. */
const SURE = 2;

/** We wrote to the slot a moment ago. */
export function isSoonAfterWrite({ writtenAt }: Slot, now: TimeReading): boolean {
  if (writtenAt === null) return false;
  const ageMs = now.earliest - writtenAt;
  return ageMs >= 0 && ageMs <= ECHO_WINDOW_MS;
}

/**
 * What a report right after our own write means on a lock that masks, where no look at the slot tells. A lock that
 * reports our writes has reported this one, and on a lock that never does somebody edited the slot. Before its habit
 * is known the code is written once more, which spares the guest a false alarm, and no door a wrong PIN.
 */
export function meaningOfEcho({ echo: { streak } }: Lock): Recheck {
  if (streak >= SURE) return 'perhaps';
  return streak <= -SURE ? 'edited' : 'doubtful';
}

/** The state when a PIN is about to be written; before that, nobody reported the last one if it is still awaited. */
export function awaitEcho(state: LockState, slot: number, now: TimeReading): LockState {
  const { masksPins, echo } = state.lock;
  if (!masksPins) return state;
  const { awaited, streak } = echo;
  const wasSilent = awaited !== null && now.earliest - awaited.at > SILENT_AFTER_MS;
  const next: Echo = {
    streak: wasSilent ? Math.max(-SURE, Math.min(streak, 0) - 1) : streak,
    awaited: { slot, at: now.earliest },
  };
  return withLock(state, { echo: next });
}

/** The state when nobody knows whether the lock took the PIN: no report then tells nothing of its habit. */
export function awaitNoEcho(state: LockState): LockState {
  const { echo } = state.lock;
  return echo.awaited === null ? state : withLock(state, { echo: { ...echo, awaited: null } });
}

/** The state after a report of a slot (`null`: of some), which may be the one that is awaited. */
export function hearEcho(state: LockState, slot: number | null, now: TimeReading): LockState {
  const { awaited, streak } = state.lock.echo;
  if (awaited === null || (slot !== null && slot !== awaited.slot)) return state;
  const ageMs = now.earliest - awaited.at;
  if (ageMs < 0 || ageMs > ECHO_WINDOW_MS) return state;
  return withLock(state, { echo: { streak: Math.min(SURE, Math.max(streak, 0) + 1), awaited: null } });
}
