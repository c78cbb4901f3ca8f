import { ownerOf } from './assign.ts';
import { isUserSlot, type Capabilities } from '../capability.ts';
import type { Audit, LockState, Policy } from '../lock.ts';
import type { HeldPin, Operation } from '../operation.ts';
import { isWeekSchedule } from '../schedule.ts';
import type { Slot } from '../slot.ts';
import { DAY_MS, MINUTE_MS, type Instant, type TimeReading } from '../time.ts';
import { withLock } from '../with.ts';

/** A question and its answer over the air (field note 4). */
const FRAMES_PER_QUESTION = 2;

/** A lock that puts back what was erased has done so by then. */
const PUT_BACK_MS = MINUTE_MS;

type Look = Extract<Operation, { readonly kind: 'compare_checksum' | 'read_slot' }>;

/** From now on the table is to be compared with the lock, when it has nothing more urgent to do. */
export function startAudit(state: LockState, at: Instant): LockState {
  const { audit } = state.lock;
  if (audit.dueSince !== null || state.lock.capabilities === null) return state;
  return withLock(state, { audit: { ...audit, dueSince: at, isReading: false } });
}

/**
 * As `startAudit`, for a lock that was away: nobody would have heard of an edit meanwhile, so what one that is under way
 * has read before `at` is read again.
 */
export function auditAnew(state: LockState, at: Instant): LockState {
  const { audit } = state.lock;
  if (audit.dueSince === null) return startAudit(state, at);
  return withLock(state, { audit: { ...audit, dueSince: at } });
}

/** The next look of an audit, if one is due and its frames are within the day's budget. */
export function auditWork(state: LockState, policy: Policy, now: TimeReading): Look | null {
  const look = nextLook(state);
  return look !== null && costOf(look, state) <= framesLeft(state.lock.audit, policy, now) ? look : null;
}

/** When an audit that waits for frames may go on; `null` if none does. */
export function auditResumesAt(state: LockState, policy: Policy, now: TimeReading): Instant | null {
  const look = nextLook(state);
  if (look === null || costOf(look, state) <= framesLeft(state.lock.audit, policy, now)) return null;
  return state.lock.audit.refillAt;
}

/** The state before a look of an audit goes out: its frames are spent, whatever comes of it. */
export function spendFrames(state: LockState, look: Operation, policy: Policy, now: TimeReading): LockState {
  const { audit } = state.lock;
  const isNewDay = startsNewDay(audit, now);
  return withLock(state, {
    audit: {
      ...audit,
      framesLeft: framesLeft(audit, policy, now) - costOf(look, state),
      refillAt: isNewDay ? (Math.floor(now.earliest / DAY_MS) + 1) * DAY_MS : audit.refillAt,
    },
  });
}

/** The state after a look of an audit could not go out. */
export function returnFrames(state: LockState, look: Operation): LockState {
  const { audit } = state.lock;
  return withLock(state, { audit: { ...audit, framesLeft: audit.framesLeft + costOf(look, state) } });
}

/** The state after the lock said whether it holds what the table says. */
export function compared(state: LockState, matches: boolean, now: TimeReading): LockState {
  if (!matches) return withLock(state, { audit: { ...state.lock.audit, isReading: true } });
  const slots = state.slots.map((row): Slot =>
    row.content.kind === 'pin' || row.content.kind === 'empty'
      ? { ...row, proof: 'checksum', provenAt: now.earliest }
      : row,
  );
  return finished({ ...state, slots }, now);
}

/** Ends an audit that has nothing left to look at. */
export function finishAudit(state: LockState, now: TimeReading): LockState {
  const { dueSince } = state.lock.audit;
  if (dueSince === null) return state;
  // One that lies ahead is from before our clock was set back: nothing read now would ever be late enough for it.
  if (dueSince > now.earliest) {
    return withLock(state, { audit: { ...state.lock.audit, dueSince: now.earliest } });
  }
  if (nextLook(state) !== null) return state;
  // Slots of ours that are being read for other reasons belong to it too.
  const isReading = state.slots.some((row) => ownerOf(state, row) !== undefined && !isKnown(row));
  return isReading ? state : finished(state, now);
}

function finished(state: LockState, now: TimeReading): LockState {
  const { audit } = state.lock;
  return withLock(state, { audit: { ...audit, dueSince: null, doneAt: now.earliest, isReading: false } });
}

/** Every slot at once where the lock has a checksum, else ours one by one, the one read longest ago first. */
function nextLook(state: LockState): Look | null {
  const { audit, capabilities } = state.lock;
  const { dueSince } = audit;
  if (dueSince === null || capabilities === null) return null;
  const held = capabilities.checksum && !audit.isReading ? heldPins(state) : null;
  if (held !== null) return { kind: 'compare_checksum', held };
  const isLate = (row: Slot): boolean => isKnown(row) && (row.provenAt ?? 0) < dueSince;
  // A checksum that differs can be due to a foreign code as well, so then those are read too, after ours.
  const rows = state.slots.filter(
    (row) => isLate(row) && (row.owner !== null || isNewlyVacated(row) || audit.isReading),
  );
  const [first] = rows.toSorted(
    (a, b) => Number(a.owner === null) - Number(b.owner === null) || (a.provenAt ?? 0) - (b.provenAt ?? 0),
  );
  const slot = first?.slot ?? (audit.isReading ? firstUnseen(state, capabilities) : null);
  return slot === null ? null : { kind: 'read_slot', slot };
}

/** We emptied it, and nobody has looked since whether it stayed empty: some locks put back what was erased. */
function isNewlyVacated({ owner, writtenAt, provenAt }: Slot): boolean {
  return owner === null && writtenAt !== null && (provenAt ?? 0) < writtenAt + PUT_BACK_MS;
}

/** A slot of which nobody has ever told us anything: somebody's code may be there. */
function firstUnseen({ slots }: LockState, capabilities: Capabilities): number | null {
  const seen = new Set(slots.map((row) => row.slot));
  for (let slot = capabilities.firstSlot; slot <= capabilities.lastSlot; slot += 1) {
    if (isUserSlot(capabilities, slot) && !seen.has(slot)) return slot;
  }
  return null;
}

/** What the lock holds by our table; `null` when the table does not know it all. */
function heldPins(state: LockState): readonly HeldPin[] | null {
  const held: HeldPin[] = [];
  for (const row of state.slots) {
    if (!isKnown(row) || row.content.kind === 'masked') return null;
    if (row.content.kind === 'pin') {
      held.push({ slot: row.slot, pin: row.content.pin, enabled: row.content.enabled });
    }
  }
  return held;
}

function isKnown(row: Slot): boolean {
  return row.content.kind !== 'unknown' && row.pending === null && row.recheck === 'no';
}

function framesLeft(audit: Audit, policy: Policy, now: TimeReading): number {
  return startsNewDay(audit, now) ? policy.auditFramesPerDay : audit.framesLeft;
}

/** The day's budget is over, or the clock was set back by more than a day. */
function startsNewDay(audit: Audit, now: TimeReading): boolean {
  return now.earliest >= audit.refillAt || audit.refillAt - now.earliest > DAY_MS;
}

function costOf(look: Operation, state: LockState): number {
  const questions = look.kind === 'read_slot' ? questionsOf(state, look.slot) : 1;
  return FRAMES_PER_QUESTION * questions;
}

/** The code, its year-day schedule, and its week-day schedules one by one up to the first that is empty. */
function questionsOf({ lock: { capabilities }, slots }: LockState, slot: number): number {
  if (capabilities === null) return 1;
  const yearDay = capabilities.nativeScheduling === null ? 0 : 1;
  if (capabilities.weekDaySchedules === 0) return 1 + yearDay;
  const schedule = slots.find((row) => row.slot === slot)?.schedule;
  const window = schedule?.kind === 'known' ? schedule.window : null;
  const entries = window !== null && isWeekSchedule(window) ? window.weekDays.length : 0;
  return 1 + yearDay + Math.min(entries + 1, capabilities.weekDaySchedules);
}
