import type { AccessCode } from '../access-code.ts';
import { ownerOf } from '../plan/assign.ts';
import { isUserSlot } from '../capability.ts';
import type { DomainEvent, EventType, Step } from '../event.ts';
import { identifierOf } from '../identifier.ts';
import type { LockState } from '../lock.ts';
import type { Slot, SlotBelief } from '../slot.ts';
import { MINUTE_MS, type TimeReading } from '../time.ts';
import { withCode, withSlot } from '../with.ts';

/**
 * Makes every row say whether it holds a code that is nobody's of ours, and tells what came and went. Follows from
 * the rows alone, however they came to be so; a second call finds nothing left to do. Only what a reading showed is
 * somebody's code, and master codes are part of the lock.
 */
export function recognise(state: LockState, now: TimeReading): Step<LockState> {
  const { capabilities, deviceId } = state.lock;
  const events: DomainEvent[] = [];
  let next = state;
  for (const row of state.slots) {
    if (row.unmanaged !== null) {
      const ours = mayBeOurs(state, row) ? leftThere(next, row) : undefined;
      if (ours !== undefined) {
        const { accessCodeId } = row.unmanaged;
        next = asOwn(next, row, ours);
        events.push(tellOfForeign(state, 'access_code.unmanaged.converted_to_managed', accessCodeId, now));
      }
      if (row.content.kind !== 'empty') continue;
      const gone = withoutForeign(next, row, now);
      next = gone.state;
      events.push(...gone.events);
    } else if (isOccupied(row) && row.owner === null && row.proof !== null) {
      if (capabilities !== null && !isUserSlot(capabilities, row.slot)) continue;
      const wasWritten = row.writtenAt !== null || state.lock.fromBackupAt !== null;
      const left = wasWritten ? leftThere(next, row) : undefined;
      if (left !== undefined) {
        next = asOwn(next, row, left);
        continue;
      }
      const accessCodeId = identifierOf(`${deviceId} ${row.slot} ${now.earliest}`);
      next = withSlot(next, { ...row, unmanaged: { accessCodeId, since: now.earliest } });
      events.push(tellOfForeign(state, 'access_code.unmanaged.created', accessCodeId, now));
    }
  }
  return { state: next, events };
}

/**
 * The code that has this PIN and no slot, where we wrote to the slot ourselves: the lock confirmed to have erased it and
 * did not, or put it back. Or the hub before this one wrote it after the backup. Somebody's it is not, and as somebody's
 * it would keep its own code off the lock.
 */
function leftThere({ codes }: LockState, { content }: Slot): AccessCode | undefined {
  if (content.kind !== 'pin') return undefined;
  return codes.find(
    (code) => code.slot === null && code.rejected === null && code.pin?.equals(content.pin) === true,
  );
}

/** It was found where the hub before this one may have put it, before anybody asked for it again. */
export function mayBeOurs({ lock: { fromBackupAt } }: LockState, { unmanaged, owner }: Slot): boolean {
  return fromBackupAt !== null && owner === null && unmanaged !== null && unmanaged.since >= fromBackupAt;
}

function asOwn(state: LockState, row: Slot, { accessCodeId }: AccessCode): LockState {
  const taken = withSlot(state, { ...row, owner: accessCodeId, unmanaged: null });
  return withCode(taken, accessCodeId, (code) => ({ ...code, slot: row.slot }));
}

function isOccupied(row: Slot): boolean {
  return row.content.kind === 'pin' || row.content.kind === 'masked';
}

/**
 * A reading shows that the foreign code of a slot is not the one we knew: another PIN, or a mask after a report of an
 * edit, which can be anything. Takes the row as it was before the reading.
 */
export function isReplaced(state: LockState, before: Slot, content: SlotBelief): boolean {
  if (before.unmanaged === null) return false;
  const removal = ownerOf(state, before);
  switch (content.kind) {
    case 'pin': {
      const known = before.content.kind === 'pin' ? before.content.pin : removal?.pin;
      return known != null && !known.equals(content.pin);
    }
    case 'masked':
      return before.recheck === 'edited' && (before.content.kind === 'pin' || removal !== undefined);
    case 'empty':
    case 'unknown':
      return false;
  }
}

/** The foreign code of a slot is gone, and with it what was still to be done about it. */
export function withoutForeign(state: LockState, row: Slot, now: TimeReading): Step<LockState> {
  const { unmanaged, owner } = row;
  if (unmanaged === null) return { state, events: [] };
  const freed = withSlot(state, { ...row, owner: null, unmanaged: null });
  const codes = freed.codes.filter((code) => code.accessCodeId !== owner);
  return {
    state: owner === null ? freed : { ...freed, codes },
    events: [tellOfForeign(state, 'access_code.unmanaged.removed', unmanaged.accessCodeId, now)],
  };
}

/** A foreign code that is to be deleted is cleared only this long after somebody looked: it may be another by then. */
const LOOKED_LATELY_MS = MINUTE_MS;

/** The slot holds a foreign code and was not read just now: it is read before it is cleared. */
export function mustLookFirst(row: Slot, now: TimeReading): boolean {
  if (row.unmanaged === null) return false;
  if (row.recheck !== 'no' || row.provenAt === null) return true;
  const ageMs = now.earliest - row.provenAt;
  return ageMs < 0 || ageMs > LOOKED_LATELY_MS;
}

/** An event about a code of this lock. */
export function tellOfForeign(
  state: LockState,
  type: EventType,
  accessCodeId: string,
  now: TimeReading,
): DomainEvent {
  return {
    event_type: type,
    occurredAt: now.earliest,
    device_id: state.lock.deviceId,
    access_code_id: accessCodeId,
  };
}
