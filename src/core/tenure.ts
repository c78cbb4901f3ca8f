import type { AccessCode } from './access-code.ts';
import type { LockState } from './lock.ts';
import type { Slot } from './slot.ts';
import type { Instant } from './time.ts';

/** Whose code a slot holds. */
export interface Tenant {
  readonly accessCodeId: string;
  /** False for a code that the hub found on the lock and did not put there. */
  readonly isManaged: boolean;
}

/** From `at` on, a slot has this tenant, or none. */
export interface TenureChange {
  readonly slot: number;
  readonly at: Instant;
  readonly tenant: Tenant | null;
}

/**
 * Whose code a slot holds, or may hold because nobody knows what became of a write or a removal. `owner` is the code
 * the slot is kept for. It is not the tenant while the slot is empty, nor after somebody put another PIN there.
 */
export function tenantOf(row: Slot, owner: AccessCode | undefined): Tenant | null {
  if (owner !== undefined && mayHold(row, owner)) {
    return { accessCodeId: owner.accessCodeId, isManaged: true };
  }
  return row.unmanaged && { accessCodeId: row.unmanaged.accessCodeId, isManaged: false };
}

function mayHold(row: Slot, code: AccessCode): boolean {
  if (row.pending !== null) return true;
  switch (row.content.kind) {
    case 'empty':
      return false;
    case 'pin':
      return !code.externallyModified || code.pin?.equals(row.content.pin) === true;
    case 'masked':
    case 'unknown':
      return !code.externallyModified;
  }
}

/**
 * Which slots changed hands between two states of one lock, and when. A change of our own code begins with the write,
 * since the lock may open for it before it answers; everything else is as old as the reading that showed it.
 */
export function tenureChanges(before: LockState | undefined, after: LockState): readonly TenureChange[] {
  if (before?.slots === after.slots && before.codes === after.codes) return [];
  const gone = new Map(before?.slots.map((row) => [row.slot, row]));
  const ownerBefore = ownersOf(before?.codes ?? []);
  const ownerAfter = ownersOf(after.codes);
  const changes: TenureChange[] = [];
  for (const row of after.slots) {
    const rowBefore = gone.get(row.slot);
    gone.delete(row.slot);
    const tenant = tenantOf(row, ownerAfter(row));
    if (isSame(rowBefore === undefined ? null : tenantOf(rowBefore, ownerBefore(rowBefore)), tenant))
      continue;
    changes.push({ slot: row.slot, at: changedAt(tenant, row, rowBefore), tenant });
  }
  for (const row of gone.values()) {
    if (tenantOf(row, ownerBefore(row)) === null) continue;
    changes.push({ slot: row.slot, at: lookedAt(row), tenant: null });
  }
  return changes;
}

function ownersOf(codes: readonly AccessCode[]): (row: Slot) => AccessCode | undefined {
  const byId = new Map(codes.map((code) => [code.accessCodeId, code]));
  return (row) => (row.owner === null ? undefined : byId.get(row.owner));
}

function isSame(one: Tenant | null, other: Tenant | null): boolean {
  return one?.accessCodeId === other?.accessCodeId && one?.isManaged === other?.isManaged;
}

function changedAt(tenant: Tenant | null, row: Slot, before: Slot | undefined): Instant {
  if (tenant === null) return lookedAt(row);
  if (!tenant.isManaged && row.unmanaged !== null) return row.unmanaged.since;
  const isJustWritten = row.writtenAt !== null && row.writtenAt !== before?.writtenAt;
  return isJustWritten ? row.writtenAt : lookedAt(row);
}

/** A row that tells no time at all has been so for as long as anybody knows. */
function lookedAt(row: Slot): Instant {
  return row.provenAt ?? row.writtenAt ?? 0;
}
