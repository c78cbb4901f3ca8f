import { slotOf } from '../plan/assign.ts';
import type { LockState } from '../lock.ts';
import { awaitNoEcho } from '../observe/echo.ts';
import type { Operation, Outcome } from '../operation.ts';
import { CODE_BACKOFF_MAX_MS, retryAt } from '../timing/retry.ts';
import type { TimeReading } from '../time.ts';
import { withCode, withLock, withSlot } from '../with.ts';

/** It cannot be looked at or written, so it counts as somebody else's; that somebody has a code there nobody has seen. */
const NOT_OURS = { content: { kind: 'masked', enabled: true }, recheck: 'no', proof: null } as const;

/** The state after the lock said no, so that it holds what it held. */
export function refused(
  state: LockState,
  operation: Operation,
  accessCodeId: string | null,
  outcome: Extract<Outcome, { kind: 'refused' }>,
  now: TimeReading,
): LockState {
  const { reason, message } = outcome;
  const next = undone(state, operation);
  switch (operation.kind) {
    case 'set_clock':
      return withLock(next, { nativeRefused: true });
    case 'read_clock':
      return withLock(next, { clockUnreadable: true });
    case 'compare_checksum':
      return withLock(next, { audit: { ...next.lock.audit, isReading: true } });
    case 'set_schedule':
      return withCode(next, accessCodeId, (code) => ({
        ...code,
        refused: { reason: 'unsupported', message },
      }));
    case 'read_slot':
      return unreadable(next, operation.slot, now);
    case 'set_pin':
      if (reason === 'unsupported' && !operation.enabled) return withLock(next, { armRefused: true });
      if (reason === 'slot_out_of_range') {
        // The next plan finds another slot.
        const without = released(next, operation.slot);
        return withSlot(without, { ...slotOf(without, operation.slot), ...NOT_OURS });
      }
      if (reason === 'duplicate_pin' || reason === 'pin_format') {
        // The document may have another PIN for it by now, which the lock has not been asked about.
        const told = withCode(next, accessCodeId, (code) =>
          code.pin?.equals(operation.pin) ? { ...code, refused: { reason, message } } : code,
        );
        return released(told, operation.slot);
      }
      if (operation.enabled && isArmed(next, operation.slot)) return withLock(next, { armRefused: true });
      return countFailure(next, accessCodeId, now);
    case 'clear_slot':
    case 'clear_schedule':
      return countFailure(next, accessCodeId, now);
  }
}

function isArmed(state: LockState, slot: number): boolean {
  const { content } = slotOf(state, slot);
  return content.kind === 'pin' && !content.enabled && !state.lock.armRefused;
}

/** A slot that is not ours counts as somebody else's; of one that is, we go on believing what we know. */
function unreadable(state: LockState, slot: number, now: TimeReading): LockState {
  const row = slotOf(state, slot);
  if (row.owner === null) return withSlot(state, { ...row, ...NOT_OURS });
  return countFailure(withSlot(state, { ...row, recheck: 'no' }), row.owner, now);
}

/** Takes back what `begin` noted, for a write that certainly did not happen. */
export function undone(state: LockState, operation: Operation): LockState {
  if (operation.kind !== 'set_pin') return state;
  return awaitNoEcho(withSlot(state, { ...slotOf(state, operation.slot), pending: null }));
}

/** A code that the lock does not take keeps no empty slot from others. */
function released(state: LockState, slot: number): LockState {
  const row = slotOf(state, slot);
  if (row.content.kind !== 'empty') return state;
  return withSlot(
    withCode(state, row.owner, (code) => ({ ...code, slot: null })),
    { ...row, owner: null, tried: [] },
  );
}

function countFailure(state: LockState, accessCodeId: string | null, now: TimeReading): LockState {
  return withCode(state, accessCodeId, (code) => {
    const failures = code.failures + 1;
    return { ...code, failures, retryAt: retryAt(failures, code.accessCodeId, CODE_BACKOFF_MAX_MS, now) };
  });
}
