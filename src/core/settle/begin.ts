import { slotOf } from '../plan/assign.ts';
import { spendFrames } from '../plan/audit.ts';
import type { LockState, Policy } from '../lock.ts';
import { awaitEcho, awaitNoEcho } from '../observe/echo.ts';
import { isWrite, type OperationKind } from '../operation.ts';
import type { PlannedOperation } from '../plan/planned.ts';
import type { Slot } from '../slot.ts';
import type { TimeReading } from '../time.ts';
import { withCode, withSlot } from '../with.ts';

/**
 * The state to commit before the radio is touched: the slot belongs to the code, and a PIN that is about to be
 * written is noted, so that a crash never leaves a slot whose owner nobody knows. The frames of an audit are spent, so that
 * a hub that loses its power again and again drains no battery.
 */
export function begin(
  state: LockState,
  planned: PlannedOperation,
  policy: Policy,
  now: TimeReading,
): LockState {
  const { operation, accessCodeId, reason } = planned;
  if (!isWrite(operation)) return reason === 'audit' ? spendFrames(state, operation, policy, now) : state;
  const row = slotOf(state, operation.slot);
  let next = state;
  if (accessCodeId !== null) {
    next = withCode(next, accessCodeId, (code) => ({ ...code, slot: operation.slot }));
    next = withSlot(next, { ...row, owner: accessCodeId });
  }
  if (operation.kind === 'set_pin') {
    const overEmpty = row.content.kind === 'empty';
    next = withSlot(awaitEcho(next, operation.slot, now), {
      ...slotOf(next, operation.slot),
      pending: { pin: operation.pin, overEmpty },
      writtenAt: now.earliest,
    });
  }
  if (operation.kind === 'clear_slot') {
    next = withSlot(next, { ...slotOf(next, operation.slot), writtenAt: now.earliest });
  }
  return next;
}

/** The state after an operation whose result was lost with the power: its slot has to be read. */
export function forget(state: LockState, kind: OperationKind, slot: number | null): LockState {
  if (slot === null) return state;
  const known = kind === 'set_pin' ? awaitNoEcho(state) : state;
  return withSlot(known, unknownAfter(kind, slotOf(state, slot)));
}

function unknownAfter(kind: OperationKind, row: Slot): Slot {
  switch (kind) {
    case 'set_pin':
      return { ...row, content: { kind: 'unknown' } };
    case 'clear_slot':
      return { ...row, content: { kind: 'unknown' }, schedule: { kind: 'unknown' } };
    case 'set_schedule':
    case 'clear_schedule':
      return { ...row, schedule: { kind: 'unknown' } };
    case 'read_slot':
    case 'set_clock':
    case 'read_clock':
    case 'compare_checksum':
      return row;
  }
}
