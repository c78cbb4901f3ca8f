import { isPoolCode, type AccessCode } from '../access-code.ts';
import { ownerOf, slotOf } from '../plan/assign.ts';
import type { DomainEvent, Step } from '../event.ts';
import type { LockState } from '../lock.ts';
import { isReplaced, withoutForeign } from '../observe/recognise.ts';
import { isInDoubt, type Proof, type Slot, type SlotBelief, type SlotReading } from '../slot.ts';
import type { Instant, TimeReading } from '../time.ts';
import { mayBeStale } from '../timing/stale.ts';
import { withCode, withLock, withSlot } from '../with.ts';

/**
 * Takes in what a lock showed of one slot. Where the lock masks its digits, our own journal decides: a slot that
 * was empty before our write can only hold that write, and a mask over a PIN we proved is no difference.
 * A content that differs from what we proved was changed by somebody else. `provenAt` is `null` for a reading of
 * unknown age.
 */
export function resolveReading(
  state: LockState,
  reading: SlotReading,
  proof: Proof,
  provenAt: Instant | null,
  now: TimeReading,
): Step<LockState> {
  const row = slotOf(state, reading.slot);
  if (isOlderThanOurs(row, reading, now)) {
    return { state: withSlot(state, { ...row, recheck: 'later' }), events: [] };
  }
  const content = believed(row, reading);
  const next: Slot = {
    ...row,
    content,
    recheck: 'no',
    pending: null,
    schedule: scheduleAfter(state, row, reading),
    proof,
    provenAt,
  };
  let after = withSlot(state, next);
  if (reading.content.kind === 'masked') after = withLock(after, { masksPins: true });
  if (!sameContent(row.content, content)) after = retryRefused(after);
  if (content.kind === 'pin' && row.pending?.pin.equals(content.pin)) after = withOwnPin(after, row.owner);
  if (isReplaced(state, row, content)) return withoutForeign(after, next, now);
  if (isTaken(state, row, content)) {
    const elsewhere = withCode(after, row.owner, (code) => ({ ...code, slot: null }));
    return { state: withSlot(elsewhere, { ...next, owner: null, tried: [] }), events: [] };
  }
  return editedByOthers(after, row, content, now);
}

/** The lock confirmed our PIN a moment ago and shows the slot as empty: it is asked again when it had time. */
function isOlderThanOurs(row: Slot, { content }: SlotReading, now: TimeReading): boolean {
  const isOurs = row.owner !== null && row.content.kind === 'pin' && row.pending === null;
  return isOurs && content.kind === 'empty' && mayBeStale(row, now);
}

/**
 * Somebody programmed a slot that was kept for a code which never was on the lock, or after the backup that our table is
 * of: it goes to another slot.
 */
function isTaken(state: LockState, before: Slot, content: SlotBelief): boolean {
  const code = ownerOf(state, before);
  if (code === undefined) return false;
  if (before.recheck === 'restored') {
    const isOther = content.kind === 'pin' && !isKnownPin(code, before, content);
    return isOther || (content.kind === 'masked' && before.content.kind === 'empty');
  }
  if (code.everOnDevice || code.removingSince !== null) return false;
  if (before.content.kind !== 'empty' || before.pending !== null) return false;
  // Ours may be there disabled: a lock can have taken what it did not show at once.
  return content.kind === 'masked' || (content.kind === 'pin' && code.pin?.equals(content.pin) !== true);
}

/** The code's own digits, or those that it had when the backup was made. */
function isKnownPin(code: AccessCode, before: Slot, { pin }: Extract<SlotBelief, { kind: 'pin' }>): boolean {
  const known = [code.pin, before.pending?.pin, before.content.kind === 'pin' ? before.content.pin : null];
  return known.some((own) => own?.equals(pin) === true);
}

function believed(row: Slot, reading: SlotReading): SlotBelief {
  if (reading.content.kind !== 'masked') return reading.content;
  const { enabled } = reading.content;
  if (row.pending?.overEmpty === true) return { kind: 'pin', pin: row.pending.pin, enabled };
  if (row.content.kind === 'pin' && row.pending === null && !isInDoubt(row)) {
    return { ...row.content, enabled };
  }
  return reading.content;
}

function scheduleAfter(state: LockState, row: Slot, reading: SlotReading): Slot['schedule'] {
  if (reading.schedule !== undefined) return { kind: 'known', window: reading.schedule };
  // A lock without schedules has none; one with them that was not asked keeps what we knew.
  return state.lock.capabilities?.nativeScheduling ? row.schedule : { kind: 'known', window: null };
}

function sameContent(a: SlotBelief, b: SlotBelief): boolean {
  if (a.kind === 'pin' && b.kind === 'pin') return a.pin.equals(b.pin) && a.enabled === b.enabled;
  return a.kind === b.kind;
}

/** What somebody did to a code at the lock (`change_type` of the wire), by what is in its slot now. */
export function changeTypeOf(content: SlotBelief): 'modified' | 'removed' {
  return content.kind === 'empty' ? 'removed' : 'modified';
}

/**
 * Somebody changed, disabled or emptied a slot that held a code of ours with proof: noted on the code, told once. The
 * note stays until the lock holds our PIN again or something else is asked for.
 */
function editedByOthers(
  state: LockState,
  before: Slot,
  content: SlotBelief,
  now: TimeReading,
): Step<LockState> {
  const code = ownerOf(state, before);
  if (code === undefined || code.removingSince !== null || !isEdit(code, before, content)) {
    return { state, events: [] };
  }
  const after = withCode(state, code.accessCodeId, (edited) => ({ ...edited, externallyModified: true }));
  if (isPoolCode(code)) return { state: after, events: [] };
  const changeType = changeTypeOf(content);
  const event: DomainEvent = {
    event_type:
      changeType === 'removed'
        ? 'access_code.deleted_external_to_seam'
        : 'access_code.modified_external_to_seam',
    occurredAt: now.earliest,
    device_id: state.lock.deviceId,
    access_code_id: code.accessCodeId,
    details: { change_type: changeType },
  };
  return { state: after, events: [event] };
}

/** The lock took a PIN that we wrote, be it one that nobody wants any more: what somebody did to the code there is over. */
export function withOwnPin(state: LockState, owner: string | null): LockState {
  return withCode(state, owner, (code) =>
    code.externallyModified ? { ...code, externallyModified: false } : code,
  );
}

function isEdit(code: AccessCode, before: Slot, content: SlotBelief): boolean {
  if (before.pending !== null || sameContent(before.content, content)) return false;
  if (before.recheck === 'restored') return false;
  // A mask that may be over our own PIN is written over, and no reason to tell anybody.
  if (before.recheck === 'doubtful' && content.kind === 'masked') return false;
  // What an edit left behind is edited again when it changes, unless somebody put our PIN back.
  if (code.externallyModified) return before.content.kind !== 'unknown' && !isOwn(code, content);
  return before.content.kind === 'pin';
}

function isOwn(code: AccessCode, content: SlotBelief): boolean {
  return content.kind === 'pin' && content.enabled && code.pin?.equals(content.pin) === true;
}

/** Something in the lock changed, so what it refused as a duplicate may be taken now. */
export function retryRefused(state: LockState): LockState {
  if (!state.codes.some((code) => code.refused?.reason === 'duplicate_pin')) return state;
  return {
    ...state,
    codes: state.codes.map((code) =>
      code.refused?.reason === 'duplicate_pin' ? { ...code, refused: null } : code,
    ),
  };
}
