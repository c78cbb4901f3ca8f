import type { AccessCode } from '../access-code.ts';
import type { Slot } from '../slot.ts';
import type { Instant } from '../time.ts';

/** Whose code a slot holds. */
export interface Tenant {
  readonly accessCodeId: string;
  /** False for a code that the hub found on the lock and did not put there. */
  readonly isManaged: boolean;
}

/** From `at` on, a slot has this tenant, or none. */
export interface TenureChange {
  readonly at: Instant;
  readonly tenant: Tenant | null;
}

/** One slot as it was and as it is; a row that is not there is `undefined`. */
export interface SlotChange {
  readonly before: Slot | undefined;
  readonly after: Slot | undefined;
  /** The code that the slot is kept for now. */
  readonly owner: AccessCode | undefined;
}

/**
 * Whose code a slot holds as far as its row alone tells: a code found there, or that of its owner if the PIN is the
 * owner's or is being written. `null` where it is empty, masked, unknown or has another PIN.
 */
export function tenantOf(row: Slot, owner: AccessCode | undefined): Tenant | null {
  const { content, pending, unmanaged } = row;
  if (unmanaged !== null) return { accessCodeId: unmanaged.accessCodeId, isManaged: false };
  if (owner === undefined) return null;
  const holdsOwn = content.kind === 'pin' && owner.pin?.equals(content.pin) === true;
  return pending !== null || holdsOwn ? { accessCodeId: owner.accessCodeId, isManaged: true } : null;
}

/**
 * Whether a slot has changed hands, and when; `null`: `tenant` still has it. A code of ours has its slot from the
 * write on, since the lock may open for it before it answers; everything else is as old as the reading that showed it.
 */
export function tenureChange(tenant: Tenant | null, change: SlotChange): TenureChange | null {
  const { after, owner } = change;
  const known = after === undefined ? null : tenantOf(after, owner);
  const next = known ?? (staysIn(tenant, change) ? tenant : null);
  if (tenant?.accessCodeId === next?.accessCodeId && tenant?.isManaged === next?.isManaged) return null;
  return { at: changedAt(tenant, next, change), tenant: next };
}

/**
 * A code stays in its slot until that is proven empty or somebody edited it: the slot may mask, hold the PIN of
 * before the code’s last change, or be in doubt after a removal.
 */
function staysIn(tenant: Tenant | null, { before, after, owner }: SlotChange): boolean {
  if (tenant === null || tenant.accessCodeId !== owner?.accessCodeId || owner.externallyModified)
    return false;
  return after !== undefined && after.content.kind !== 'empty' && !isEdited(before, after);
}

/** What was proven and is something else now, without a write of ours in between, is what somebody put there. */
function isEdited(before: Slot | undefined, after: Slot): boolean {
  if (before?.content.kind !== 'pin' || before.pending !== null) return false;
  if (after.content.kind === 'pin') return !after.content.pin.equals(before.content.pin);
  return after.content.kind === 'masked';
}

function changedAt(
  tenant: Tenant | null,
  next: Tenant | null,
  { before, after, owner }: SlotChange,
): Instant {
  if (next !== null && after?.unmanaged) return after.unmanaged.since;
  // A code that was adopted is ours from then on: who used it before used a code that was not.
  const isAdopted = next?.isManaged === true && tenant?.accessCodeId === next.accessCodeId;
  if (isAdopted && owner !== undefined) return owner.statusSince;
  const writtenAt = after?.writtenAt ?? null;
  if (writtenAt !== null && writtenAt !== before?.writtenAt) return writtenAt;
  const row = after ?? before;
  // A row that tells no time at all has been so for as long as anybody knows.
  return row?.provenAt ?? row?.writtenAt ?? 0;
}
