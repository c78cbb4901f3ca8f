import {
  isPoolCode,
  newCode,
  plainRequest,
  type AccessCode,
  type AccessCodeRequest,
  type Origin,
} from '../access-code.ts';
import { ownerOf, slotOf } from '../plan/assign.ts';
import type { DomainEvent, Step } from '../event.ts';
import type { LockState } from '../lock.ts';
import type { Pin } from '../pin.ts';
import { tellOfForeign } from '../observe/recognise.ts';
import { holdsPin } from '../plan/slot-steps.ts';
import type { Slot } from '../slot.ts';
import type { Instant, TimeReading } from '../time.ts';
import { withSlot } from '../with.ts';

/** An access code that the hub found on the lock and did not put there (spec section a, unmanaged). */
export interface UnmanagedAccessCode {
  readonly accessCodeId: string;
  readonly slot: number;
  /** `null` where the lock shows no digits. */
  readonly pin: Pin | null;
  /** `unset`: it is on the lock and disabled there. */
  readonly status: 'set' | 'unset';
  readonly since: Instant;
  /** Its PIN can't be read, so the hub could never put it back. */
  readonly cannotBeManaged: boolean;
  /** Since when it is being deleted; `null`: it is not. */
  readonly removingSince: Instant | null;
}

/** The codes on the lock that are not ours, by slot. */
export function unmanagedCodes(state: LockState): readonly UnmanagedAccessCode[] {
  return state.slots.flatMap((row) => {
    if (row.unmanaged === null) return [];
    const { content } = row;
    const removal = ownerOf(state, row);
    const pin = content.kind === 'pin' ? content.pin : (removal?.pin ?? null);
    const disabled = (content.kind === 'pin' || content.kind === 'masked') && !content.enabled;
    return [
      {
        ...row.unmanaged,
        slot: row.slot,
        pin,
        status: disabled ? 'unset' : 'set',
        cannotBeManaged: pin === null,
        removingSince: removal?.removingSince ?? null,
      } as const,
    ];
  });
}

/** The codes that are listed: neither the waiting ones of the backup pool nor unmanaged ones that are being deleted. */
export function listedCodes(state: LockState): readonly AccessCode[] {
  const foreign = new Set(state.slots.map((row) => row.unmanaged?.accessCodeId));
  return state.codes.filter((code) => !isPoolCode(code) && !foreign.has(code.accessCodeId));
}

/**
 * Has a foreign code taken off the lock, by a removal that is planned, retried and kept over a crash like that of any
 * code. It ends with `access_code.unmanaged.removed`. If somebody puts another PIN into the slot before that, the
 * removal is dropped: nobody asked to delete that one. An unknown id changes nothing.
 */
export function deleteUnmanaged(
  state: LockState,
  accessCodeId: string,
  origin: Origin,
  now: TimeReading,
): Step<LockState> {
  const row = rowOf(state, accessCodeId);
  if (row?.unmanaged == null || row.owner !== null) return { state, events: [] };
  const removal: AccessCode = {
    ...newCode(plainRequest(accessCodeId), origin, row.unmanaged.since),
    pin: row.content.kind === 'pin' ? row.content.pin : null,
    slot: row.slot,
    removingSince: now.earliest,
    status: 'removing',
    statusSince: now.earliest,
  };
  const kept = withSlot(state, { ...row, owner: accessCodeId });
  return { state: withOnly(kept, removal), events: [] };
}

/** Takes the removal of a foreign code back. One whose operation is under way is done with it, and that is told then. */
export function withoutRemoval(state: LockState, accessCodeId: string): LockState {
  const row = rowOf(state, accessCodeId);
  if (row === undefined || row.owner === null) return state;
  const codes = state.codes.filter((code) => code.accessCodeId !== row.owner);
  return withSlot({ ...state, codes }, { ...row, owner: null });
}

/** The code in the place of what stands for an adoption that was refused before, else last: as the store orders them. */
function withOnly(state: LockState, code: AccessCode): LockState {
  const index = state.codes.findIndex(({ accessCodeId }) => accessCodeId === code.accessCodeId);
  return { ...state, codes: index === -1 ? [...state.codes, code] : state.codes.with(index, code) };
}

/** What came of adopting a foreign code. The step of a refusal tells that it failed. */
export type Adoption =
  | { readonly kind: 'adopted'; readonly code: AccessCode; readonly step: Step<LockState> }
  | {
      readonly kind: 'refused';
      readonly reason: 'access_code_not_found' | 'cannot_be_managed';
      readonly message: string;
      readonly step: Step<LockState>;
    };

/**
 * Takes a foreign code over as an ongoing code of ours, under its id and in its slot, with the proof there is of it:
 * the lock hears nothing of it. One that is disabled on the lock is enabled afterwards, like any ongoing code. What
 * is asked for beside that is judged and done by the caller.
 */
export function adopt(
  state: LockState,
  accessCodeId: string,
  request: Pick<AccessCodeRequest, 'name' | 'allowExternalModification'>,
  origin: Origin,
  now: TimeReading,
): Adoption {
  const row = rowOf(state, accessCodeId);
  if (row?.unmanaged == null) {
    const message = 'No code with this id was found on the lock.';
    return { kind: 'refused', reason: 'access_code_not_found', message, step: { state, events: [] } };
  }
  const { content } = row;
  const obstacle = obstacleTo(row);
  if (content.kind !== 'pin' || obstacle !== null) {
    const reason = 'cannot_be_managed';
    const message = obstacle ?? 'The lock does not show the PIN of this code.';
    const events = [notAdopted(state, accessCodeId, { code: reason, message }, now)];
    return { kind: 'refused', reason, message, step: { state, events } };
  }
  const { name, allowExternalModification } = request;
  const asked = { ...plainRequest(accessCodeId), name, allowExternalModification, pin: content.pin };
  const code: AccessCode = {
    ...newCode(asked, origin, row.unmanaged.since),
    slot: row.slot,
    status: content.enabled ? 'set' : 'setting',
    statusSince: now.earliest,
    everOnDevice: true,
  };
  const ours = withSlot(state, { ...row, owner: accessCodeId, unmanaged: null });
  const events = [tellOfForeign(state, 'access_code.unmanaged.converted_to_managed', accessCodeId, now)];
  return { kind: 'adopted', code, step: { state: withOnly(ours, code), events } };
}

/** The event of an adoption that was refused. */
export function notAdopted(
  state: LockState,
  accessCodeId: string,
  why: { readonly code: string; readonly message: string },
  now: TimeReading,
): DomainEvent {
  const type = 'access_code.unmanaged.failed_to_convert_to_managed';
  const details = { access_code_errors: [{ error_code: why.code, message: why.message }] };
  return { ...tellOfForeign(state, type, accessCodeId, now), details };
}

function obstacleTo({ owner, recheck, schedule }: Slot): string | null {
  if (owner !== null) return 'This code is being deleted.';
  if (recheck !== 'no') {
    return 'Somebody may have changed this code at the lock, and nobody has looked since.';
  }
  if (schedule.kind === 'known' && schedule.window !== null) {
    return 'The lock keeps this code within a schedule, and an ongoing code has none: it would open at any time.';
  }
  return null;
}

/** What came of giving a code of ours up. */
export type HandBack =
  | { readonly kind: 'handed_back'; readonly step: Step<LockState> }
  | {
      readonly kind: 'refused';
      readonly reason: 'access_code_not_found' | 'access_code_not_on_device';
      readonly message: string;
    };

/**
 * Gives a code up (`is_managed: false`): it stays on the lock as it is there, under its id, and the hub does nothing
 * about it any more, not even at its end. Only a code that is on the lock can be given up, and none of the pool.
 */
export function handBack(state: LockState, accessCodeId: string, now: TimeReading): HandBack {
  const code = state.codes.find((other) => other.accessCodeId === accessCodeId);
  if (code === undefined || code.isBackup || code.removingSince !== null) {
    const message = 'The lock has no managed code with this id.';
    return { kind: 'refused', reason: 'access_code_not_found', message };
  }
  const row = code.slot === null ? undefined : slotOf(state, code.slot);
  if (row === undefined || row.pending !== null || !holdsPin(code, row)) {
    const message = 'The code is not on the lock, so there is nothing to hand back.';
    return { kind: 'refused', reason: 'access_code_not_on_device', message };
  }
  const unmanaged = { accessCodeId, since: now.earliest };
  const given = withSlot(state, { ...row, owner: null, unmanaged });
  const details = { changed_properties: [{ property: 'is_managed', from: true, to: false }] };
  const events: DomainEvent[] = [
    { ...tellOfForeign(state, 'access_code.changed', accessCodeId, now), details },
    tellOfForeign(state, 'access_code.unmanaged.created', accessCodeId, now),
  ];
  const codes = given.codes.filter((other) => other !== code);
  return { kind: 'handed_back', step: { state: { ...given, codes }, events } };
}

function rowOf(state: LockState, accessCodeId: string): Slot | undefined {
  return state.slots.find((row) => row.unmanaged?.accessCodeId === accessCodeId);
}
