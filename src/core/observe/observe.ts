import { advance } from '../settle/advance.ts';
import { auditAnew } from '../plan/audit.ts';
import { alarm, tampering, told } from './alarm.ts';
import { slotOf } from '../plan/assign.ts';
import { battery } from './battery.ts';
import { bolt } from './bolt.ts';
import type { Capabilities } from '../capability.ts';
import type { Step } from '../event.ts';
import type { LockDescription, LockEvent, LockEventBody } from '../lock-event.ts';
import type { Lock, LockState, Policy } from '../lock.ts';
import { HUB_OFFLINE } from '../offline/hub-code.ts';
import { hearEcho, isSoonAfterWrite, meaningOfEcho } from './echo.ts';
import { replaced } from './replaced.ts';
import { resolveReading } from '../settle/reading.ts';
import { isInDoubt, type Recheck, type Slot, type SlotReading } from '../slot.ts';
import type { Tenant } from './tenure.ts';
import type { TimeReading } from '../time.ts';
import { withLock, withSlot } from '../with.ts';

/**
 * Takes in something a lock told by itself. `tenant` is whose code the event's slot held when it happened, which can
 * be another than now; `undefined` when nobody knows or the event names no slot.
 */
export function observe(
  state: LockState,
  event: LockEvent,
  tenant: Tenant | undefined,
  policy: Policy,
  now: TimeReading,
): Step<LockState> {
  const heard =
    event.body.kind === 'offline' || event.body.kind === 'removed' ? quiet(state) : online(state, event);
  const step = take(heard.state, event, event.body, tenant, now);
  return advance(step.state, policy, now, [...heard.events, ...step.events]);
}

function take(
  state: LockState,
  event: LockEvent,
  body: LockEventBody,
  tenant: Tenant | undefined,
  now: TimeReading,
): Step<LockState> {
  const { lock } = state;
  switch (body.kind) {
    case 'found':
      return found(state, event, body.description, body.snapshot, now);
    case 'online':
      return quiet(state);
    case 'offline':
    case 'removed': {
      const isRadioGone = body.kind === 'offline' && body.because === 'radio_down';
      const details = { error_code: isRadioGone ? 'hub_disconnected' : 'device_disconnected' };
      const events = lock.online ? [told(event, 'device.disconnected', details)] : [];
      if (body.kind === 'offline') return { state: withLock(state, { online: false }), events };
      // What the hub knows of it stays, in case it is let in again, until the cloud forgets it.
      const gone = withLock(state, { online: false, radio: null, address: null });
      return { state: gone, events: [...events, told(event, 'device.removed')] };
    }
    case 'unlocked':
    case 'locked':
      return bolt(state, event, body, tenant, now);
    case 'slot_changed':
      return quiet(touched(state, body.slot, now, body.unsure === true));
    case 'slot_cleared':
      return quiet(body.slot === null ? emptied(state) : cleared(state, body.slot, now));
    case 'duplicate_refused':
      // The driver ties it to the operation under way; without one there is nothing to learn from it.
      return quiet(state);
    case 'keypad_entry':
      // What comes of it is a matter of the lock that the keypad opens.
      return quiet(state);
    case 'access_denied':
      return { state, events: [told(event, 'lock.access_denied')] };
    case 'jammed':
    case 'jam_cleared':
      return alarm(state, event, 'jammed', body.kind === 'jammed', ['lock.jammed', 'lock.jam_cleared']);
    case 'tampered':
    case 'tamper_cleared':
      return tampering(state, event, body);
    case 'replaced':
      return replaced(state, now);
    case 'credentials':
      return quiet(withLock(state, { credentialsMissing: body.missing }));
    case 'battery':
      return battery(state, body, event);
  }
}

/** Anything heard from a lock means that it is there, so waiting work may go on at once. */
function online(state: LockState, event: LockEvent): Step<LockState> {
  if (state.lock.online) return quiet(state);
  // While it was away anything may have happened to its codes.
  const back = auditAnew(withLock(state, { online: true, retryAt: null }), event.at);
  return { state: back, events: state.lock.radio === null ? [] : [told(event, 'device.connected')] };
}

function found(
  state: LockState,
  event: LockEvent,
  description: LockDescription,
  snapshot: readonly SlotReading[],
  now: TimeReading,
): Step<LockState> {
  const isNew = state.lock.radio === null;
  const { batteryLevel, locked, ...known } = description;
  const met = withLock(state, {
    ...known,
    capabilities: withKnownRules(known.capabilities, state.lock),
    locked: locked ?? state.lock.locked,
    metAt: state.lock.metAt ?? event.at,
  });
  // A level that was read at the interview says as much as one that is reported.
  const report = { kind: 'battery', level: batteryLevel, low: false } as const;
  const charged = batteryLevel === null ? quiet(met) : battery(met, report, event);
  let next = charged.state;
  for (const reading of snapshot) {
    const row = slotOf(next, reading.slot);
    // The interview can be older than our own table, so it only tells of slots that nobody has looked at.
    if (row.content.kind === 'unknown' && row.owner === null && row.pending === null) {
      next = resolveReading(next, reading, 'read_back', null, now).state;
    }
  }
  return { state: next, events: [...(isNew ? [told(event, 'device.added')] : []), ...charged.events] };
}

/** That a lock takes offline codes too is no matter of its radio, and stays. */
function withKnownRules(capabilities: Capabilities, { capabilities: before, door }: Lock): Capabilities {
  const known = before?.offline ?? (door.keypadId === null ? null : HUB_OFFLINE);
  const offline = capabilities.offline ?? known;
  return offline === capabilities.offline ? capabilities : { ...capabilities, offline };
}

/**
 * Somebody, perhaps we, wrote to a slot: it is read again, and until then we go on believing what we proved. Where the
 * report may be a late answer (`unsure`), a masking lock can't tell us whose the mask is, only whether the slot was
 * emptied.
 */
function touched(state: LockState, slot: number | null, now: TimeReading, unsure: boolean): LockState {
  const rows = slot === null ? state.slots : [slotOf(state, slot)];
  // Behind a mask, a report that names no slot may be of any that we wrote to.
  const isSoonAnywhere = state.lock.masksPins && rows.some((row) => isSoonAfterWrite(row, now));
  const heard = unsure ? state : hearEcho(state, slot, now);
  return rows.reduce((next, row) => {
    const isSoon = isSoonAnywhere || isSoonAfterWrite(row, now);
    return withSlot(next, rowAfter(row, state.lock, isSoon, unsure));
  }, heard);
}

/** `isSoon`: we wrote a moment ago to this slot, or to another that the report may be of. */
function rowAfter(row: Slot, lock: Lock, isSoon: boolean, unsure: boolean): Slot {
  if (row.pending === null && row.content.kind === 'unknown') return row;
  if (row.recheck === 'restored') return row;
  const meaning = (): Recheck => {
    if (lock.masksPins) return unsure ? 'perhaps' : isSoon ? meaningOfEcho(lock) : 'edited';
    // It shows what it holds, so a look tells.
    return row.pending !== null && isSoon ? 'perhaps' : 'edited';
  };
  const recheck = isInDoubt(row) && meaning() !== 'edited' ? row.recheck : meaning();
  if (row.pending === null) return { ...row, recheck };
  // Noted for the case that this write shows the lock to be one that masks.
  if (recheck === 'perhaps' && isSoon) return { ...row, recheck: lock.masksPins ? row.recheck : recheck };
  // Whoever wrote there while our write is under way, or after it was lost: whose a mask is, nobody can say any more.
  return {
    ...row,
    recheck: lock.masksPins ? recheck : row.recheck,
    pending: { ...row.pending, overEmpty: false },
  };
}

/**
 * Somebody emptied a slot, and the lock says so: what it shows next is no remainder of the time before our write. A
 * masking lock is emptied by us before it is written.
 */
function cleared(state: LockState, slot: number, now: TimeReading): LockState {
  const isPerhapsOurs = state.lock.masksPins && isSoonAfterWrite(slotOf(state, slot), now);
  const next = touched(state, slot, now, isPerhapsOurs);
  return isPerhapsOurs ? next : withSlot(next, { ...slotOf(next, slot), writtenAt: null });
}

/** All codes are gone, perhaps by a factory reset, and then the lock's clock and zone are gone too. */
function emptied(state: LockState): LockState {
  const used = state.slots.filter((row) => row.content.kind === 'pin' || row.content.kind === 'masked');
  return used.reduce(
    (next, row) => withSlot(next, { ...row, recheck: 'edited', writtenAt: null }),
    withLock(state, { clockSet: null }),
  );
}

function quiet(state: LockState): Step<LockState> {
  return { state, events: [] };
}
