import { isPoolCode, newCode, type AccessCode, type AccessCodeStatus } from '../access-code.ts';
import { slotOf } from '../plan/assign.ts';
import { finishAudit } from '../plan/audit.ts';
import type { DomainEvent, Step } from '../event.ts';
import type { LockState, Policy } from '../lock.ts';
import { withProblemDates } from '../problems/device-problems.ts';
import { awaitsPin } from '../request/linked.ts';
import { awaitsIssue, withWindow } from '../request/offline.ts';
import { settledEdits } from '../problems/mutations.ts';
import { plan } from '../plan/plan.ts';
import { followOriginals } from '../request/pool.ts';
import { problemEvents, withDeviceProblems } from '../problems/problem-events.ts';
import { problemsOf } from '../problems/problems.ts';
import { endUntoldTampering } from '../observe/alarm.ts';
import { recognise } from '../observe/recognise.ts';
import { wasAccepted } from '../request/request.ts';
import { holdsPin, isSatisfied } from '../plan/slot-steps.ts';
import type { Slot } from '../slot.ts';
import { isDue, targetOf, type Target } from '../timing/strategy.ts';
import type { TimeReading } from '../time.ts';
import { withLock, withSlot } from '../with.ts';

/**
 * Brings everything that follows from beliefs and time up to date: windows that ended, slots that came free,
 * statuses, errors, warnings, the applied version. Every change of a status has exactly one event. Doing it twice
 * changes nothing the second time.
 */
export function advance(
  state: LockState,
  policy: Policy,
  now: TimeReading,
  before: readonly DomainEvent[] = [],
): Step<LockState> {
  const calm = endUntoldTampering(state, now);
  const seen = recognise(followOriginals(calm.state, now), now);
  const events: DomainEvent[] = [...before, ...calm.events, ...seen.events];
  let next = seen.state;
  for (const code of seen.state.codes) {
    const step = advanceCode(next, code, policy, now);
    next = step.state;
    if (!isUntold(code, state)) events.push(...step.events);
  }
  next = finishAudit(withProblems(next, policy, now, events), now);
  next = withProblemDates(next, policy, now);
  return {
    state: withVersionApplied(next, policy, now),
    events: events.map((event) => withDeviceProblems(event, next, policy, now)),
  };
}

/** The pool is the hub's own stock, and a foreign code that is being deleted is known to everybody as unmanaged. */
function isUntold(code: AccessCode, { slots }: LockState): boolean {
  const isForeign = (row: Slot): boolean => row.unmanaged?.accessCodeId === code.accessCodeId;
  return isPoolCode(code) || (code.removingSince !== null && slots.some(isForeign));
}

function advanceCode(state: LockState, code: AccessCode, policy: Policy, now: TimeReading): Step<LockState> {
  const { deviceId } = state.lock;
  const tell = teller(deviceId, code, now);
  const events: DomainEvent[] = [];
  let next = endedByTime(withWindow(code, state.lock, now), now);
  let slots = state;
  const target = targetOf(next, state.lock, policy, now);
  const row = next.slot === null ? null : slotOf(state, next.slot);
  if (target.kind === 'absent' && row?.content.kind === 'empty' && row.pending === null) {
    slots = withSlot(state, { ...row, owner: null, tried: [] });
    if (next.everOnDevice) events.push(tell('access_code.removed_from_device'));
    next = {
      ...next,
      slot: null,
      everOnDevice: false,
      isScheduledOnDevice: false,
      externallyModified: false,
    };
  }
  if (next.removingSince !== null && next.slot === null) {
    events.push(tell('access_code.deleted'));
    // What is refused of an offline code is that it changes, and then it ends by itself.
    if (next.rejected === null || next.issue !== null) {
      return { state: replaceCode(slots, code, null), events };
    }
    // A newer document names it again, and that request was refused: it is gone, and its reason stays.
    const { rejected, errors, warnings } = next;
    const blank = newCode({ ...next, pin: null }, next.origin, now.earliest);
    const refused = { ...blank, rejected, errors, warnings };
    return { state: replaceCode(slots, code, refused), events };
  }
  const onLock = row !== null && holdsPin(next, row);
  const held = target.kind === 'present' && row !== null && holdsPin(next, row, target.enabled);
  const satisfied = held && isSatisfied(target, next, row);
  const due = isDue(next, state.lock, policy, now);
  // Without a schedule it opens all the time, also while one is still to be written.
  const isIssued = next.issue?.state === 'issued';
  const opens =
    satisfied || (held && target.enabled && row.schedule.kind === 'known' && row.schedule.window === null);
  const status =
    next.offline === null ? statusOf(next, target.kind, opens, due) : offlineStatus(next, isIssued, due);
  const scheduled = satisfied && target.schedule !== null;
  if (scheduled && !next.isScheduledOnDevice && !due) events.push(tell('access_code.scheduled_on_device'));
  if (status !== code.status) events.push(statusEvent(code.status, status, tell));
  const isAsAsked = satisfied || (target.kind === 'absent' && next.slot === null);
  const staysSet = status === 'set' && code.status === 'set';
  const settled = settledEdits(next, isAsAsked, staysSet, deviceId, now);
  events.push(...settled.events);
  next = update(next, {
    status,
    edits: settled.edits,
    statusSince: status === code.status ? code.statusSince : now.earliest,
    isScheduledOnDevice: target.kind === 'as_is' ? next.isScheduledOnDevice : scheduled,
    everOnDevice: next.everOnDevice || isIssued || (onLock && !isTooEarly(target)),
    externallyModified: next.externallyModified && !held,
    // What failed is over when the lock holds what it should, however that came about.
    ...(satisfied ? { failures: 0, retryAt: null } : {}),
  });
  return { state: next === code ? slots : replaceCode(slots, code, next), events };
}

type Tell = (type: DomainEvent['event_type'], details?: DomainEvent['details']) => DomainEvent;

function teller(deviceId: string, { accessCodeId }: AccessCode, now: TimeReading): Tell {
  return (event_type, details) => ({
    event_type,
    occurredAt: now.earliest,
    device_id: deviceId,
    access_code_id: accessCodeId,
    ...(details === undefined ? {} : { details }),
  });
}

/** A window that has certainly ended turns the code into a removal, once, which waits for nothing that failed before. */
function endedByTime(code: AccessCode, now: TimeReading): AccessCode {
  if (code.removingSince !== null || !wasAccepted(code)) return code;
  if (code.endsAt === null || now.earliest < code.endsAt) return code;
  return { ...code, removingSince: now.earliest, failures: 0, retryAt: null };
}

/** A lock that enables what it was to hold disabled has the code before it was meant to be there: nobody is told of that. */
function isTooEarly(target: Target): boolean {
  switch (target.kind) {
    case 'absent':
      return target.because === 'waiting';
    case 'present':
      return !target.enabled;
    case 'as_is':
      return false;
  }
}

function statusOf(
  code: AccessCode,
  target: 'absent' | 'as_is' | 'present',
  opens: boolean,
  due: boolean,
): AccessCodeStatus {
  if (code.removingSince !== null) return 'removing';
  if (target === 'as_is') return code.status;
  if (target === 'absent' || !due) return 'unset';
  if (opens) return 'set';
  // Somebody changed it at the lock and may: it is not there as asked, and nobody works on it.
  return code.externallyModified && code.allowExternalModification ? 'unset' : 'setting';
}

/** The digits of an offline code open as soon as somebody knows them; near its start they are overdue. */
function offlineStatus(code: AccessCode, isIssued: boolean, due: boolean): AccessCodeStatus {
  if (code.removingSince !== null) return 'removing';
  if (isIssued) return 'set';
  return due && code.issue !== null && wasAccepted(code) ? 'setting' : 'unset';
}

function statusEvent(from: AccessCodeStatus, to: AccessCodeStatus, tell: Tell): DomainEvent {
  if (to === 'set') return tell('access_code.set_on_device');
  return tell('access_code.changed', { changed_properties: [{ property: 'status', from, to }] });
}

function withProblems(state: LockState, policy: Policy, now: TimeReading, events: DomainEvent[]): LockState {
  if (state.codes.length === 0) return state;
  const blocked = new Map(plan(state, policy, now).blocked.map((entry) => [entry.accessCodeId, entry]));
  const codes = state.codes.map((code) => {
    const found = problemsOf(code, state, blocked.get(code.accessCodeId), policy, now);
    if (!isUntold(code, state)) events.push(...problemEvents(code, found, state, policy, now));
    return found.errors === code.errors && found.warnings === code.warnings ? code : { ...code, ...found };
  });
  return codes.every((code, index) => code === state.codes[index]) ? state : { ...state, codes };
}

/** The applied version reaches the received one when nothing of the cloud's document is pending. */
function withVersionApplied(state: LockState, policy: Policy, now: TimeReading): LockState {
  const { versionApplied, versionReceived } = state.lock;
  if (versionApplied === versionReceived) return state;
  const pending = state.codes.some((code) => code.origin === 'cloud' && !isSettled(code, state, policy, now));
  return pending ? state : withLock(state, { versionApplied: versionReceived });
}

function isSettled(code: AccessCode, state: LockState, policy: Policy, now: TimeReading): boolean {
  if (code.removingSince !== null || awaitsPin(code) || awaitsIssue(code)) return false;
  // What the document asks of it was refused, and what was asked before is an older one's.
  if (code.rejected !== null) return true;
  // A schedule that the lock did not take leaves the code to be set just in time.
  if (code.refused !== null && code.refused.reason !== 'unsupported') return true;
  const row = code.slot === null ? null : slotOf(state, code.slot);
  const target = targetOf(code, state.lock, policy, now);
  // To be armed is an extra: the document asks for nothing yet. A code that gave way keeps its slot, empty.
  const isFree = row === null || (row.content.kind === 'empty' && row.pending === null);
  if (target.kind === 'present' && !target.enabled && isFree) return true;
  return target.kind !== 'as_is' && isSatisfied(target, code, row);
}

/** A copy only when something differs, so that unchanged codes are not written again. */
function update(code: AccessCode, change: Partial<AccessCode>): AccessCode {
  const differs = Object.entries(change).some(([key, value]) => code[key as keyof AccessCode] !== value);
  return differs ? { ...code, ...change } : code;
}

function replaceCode(state: LockState, code: AccessCode, next: AccessCode | null): LockState {
  const index = state.codes.findIndex((other) => other.accessCodeId === code.accessCodeId);
  return { ...state, codes: state.codes.toSpliced(index, 1, ...(next === null ? [] : [next])) };
}
