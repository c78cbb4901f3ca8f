import type { DomainEvent } from '../core/event.ts';
import type { LockState } from '../core/lock.ts';
import type { Instant } from '../core/time.ts';
import type { CodeTable } from './code-table.ts';
import type { LockTable } from './lock-table.ts';
import type { SlotTable } from './slot-table.ts';

interface StateTables {
  readonly locks: LockTable;
  readonly codes: CodeTable;
  readonly slots: SlotTable;
}

/** Writes what of a lock's state is another object than before. Answers whether anything is. */
export function writeState(
  tables: StateTables,
  before: LockState | undefined,
  after: LockState,
  events: readonly DomainEvent[],
): boolean {
  const lock = writeLock(tables, before, after);
  const codes = writeCodes(tables, before, after, events);
  const slots = writeSlots(tables, before, after);
  return lock || codes || slots;
}

function writeLock({ locks }: StateTables, before: LockState | undefined, after: LockState): boolean {
  if (before === undefined) locks.insert(after.lock);
  else if (before.lock !== after.lock) locks.update(after.lock);
  else return false;
  return true;
}

function writeCodes(
  { codes }: StateTables,
  before: LockState | undefined,
  after: LockState,
  events: readonly DomainEvent[],
): boolean {
  const { deviceId } = after.lock;
  const gone = new Map(before?.codes.map((code) => [code.accessCodeId, code]));
  const changed = after.codes.filter((code) => gone.get(code.accessCodeId) !== code);
  for (const { accessCodeId } of after.codes) gone.delete(accessCodeId);
  for (const code of changed) codes.put(deviceId, code);
  for (const accessCodeId of gone.keys()) {
    codes.bury(deviceId, accessCodeId, deletionTime(events, accessCodeId));
  }
  return changed.length > 0 || gone.size > 0;
}

function writeSlots({ slots }: StateTables, before: LockState | undefined, after: LockState): boolean {
  const { deviceId } = after.lock;
  const gone = new Map(before?.slots.map((row) => [row.slot, row]));
  const changed = after.slots.filter((row) => gone.get(row.slot) !== row);
  for (const { slot } of after.slots) gone.delete(slot);
  for (const row of changed) slots.put(deviceId, row);
  for (const slot of gone.keys()) slots.delete(deviceId, slot);
  return changed.length > 0 || gone.size > 0;
}

/** The store has no clock: a code went when its event says so; `null` when no event of this commit does. */
function deletionTime(events: readonly DomainEvent[], accessCodeId: string): Instant | null {
  const deletion = events.find(
    (event) => event.event_type === 'access_code.deleted' && event.access_code_id === accessCodeId,
  );
  return deletion?.occurredAt ?? null;
}
