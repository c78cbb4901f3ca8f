import { meaningOfEcho } from '../observe/echo.ts';
import { advance } from './advance.ts';
import { slotOf } from '../plan/assign.ts';
import { compared, returnFrames } from '../plan/audit.ts';
import { forget } from './begin.ts';
import { countWrite, isBudgetSpent } from '../plan/budget.ts';
import type { DomainEvent, EventType, Step } from '../event.ts';
import { clockIsAlarming, clockReadAs, clockSetAs } from '../timing/lock-clock.ts';
import type { LockState, Policy } from '../lock.ts';
import { isWrite, type Operation, type Outcome } from '../operation.ts';
import { lookOf, type PlannedOperation } from '../plan/planned.ts';
import { withDuration } from '../timing/programming.ts';
import { resolveReading, retryRefused, withOwnPin } from './reading.ts';
import { refused, undone } from './refused.ts';
import { LOCK_BACKOFF_MAX_MS, retryAt } from '../timing/retry.ts';
import type { Slot } from '../slot.ts';
import { SECOND_MS, type TimeReading } from '../time.ts';
import { withCode, withLock, withSlot } from '../with.ts';

/** The radio is looked at again this soon after it was found gone; its return wakes every lock anyway. */
const RADIO_DOWN_RETRY_MS = 2 * SECOND_MS;

/** A lock of which more looks fail has other troubles. */
const FAILED_LOOKS_MAX = 50;

/** What came of a planned operation, and how long it took by a clock that never steps. */
export interface Attempt {
  readonly outcome: Outcome;
  readonly tookMs: number;
  /** The row of its slot when it was begun: what was reported of the slot since is not in the lock's answer. */
  readonly begunWith: Slot | null;
}

type Done = Extract<Outcome, { readonly kind: 'done' }>;

/** Turns what came of an operation into the state after it and the events it caused. */
export function settle(
  before: LockState,
  planned: PlannedOperation,
  attempt: Attempt,
  policy: Policy,
  now: TimeReading,
): Step<LockState> {
  const { operation, accessCodeId } = planned;
  const { outcome } = attempt;
  const { deviceId } = before.lock;
  const tell = (event_type: EventType, details?: DomainEvent['details']): DomainEvent => ({
    event_type,
    occurredAt: now.earliest,
    device_id: deviceId,
    ...(details === undefined ? {} : { details }),
  });
  const state =
    outcome.kind === 'radio_down' ? unsent(before, planned) : counted(before, planned, policy, now);
  const events =
    isBudgetSpent(state.lock, now) && !isBudgetSpent(before.lock, now)
      ? [tell('device.write_budget_exhausted')]
      : [];
  switch (outcome.kind) {
    case 'done': {
      const step = done(state, planned, outcome, attempt, policy, now);
      const clock = clockEvents(state, step.state, tell);
      const looked = lookedAt(reached(step.state), operation, false);
      return advance(looked, policy, now, [...events, ...clock, ...step.events]);
    }
    case 'refused':
      return advance(reached(refused(state, operation, accessCodeId, outcome, now)), policy, now, events);
    case 'unknown': {
      // It was sent, so the lock's clock may be another one now.
      const sent =
        operation.kind === 'set_clock'
          ? withLock(state, { clockSet: clockSetAs(state.lock, false, policy, now) })
          : state;
      return advance(failed(sent, operation, accessCodeId, now), policy, now, events);
    }
    case 'unreachable': {
      const lost = failed(withLock(state, { online: false }), operation, accessCodeId, now);
      if (state.lock.online) events.push(tell('device.disconnected', { error_code: 'device_disconnected' }));
      return advance(lost, policy, now, events);
    }
    case 'radio_down': {
      const retry = { retryAt: now.earliest + RADIO_DOWN_RETRY_MS };
      return advance(withLock(undone(state, operation), retry), policy, now);
    }
  }
}

/** The state after a lock did not answer when it was asked whether it is back. */
export function missed(state: LockState, now: TimeReading): LockState {
  const failures = state.lock.failures + 1;
  return withLock(state, {
    failures,
    retryAt: retryAt(failures, state.lock.deviceId, LOCK_BACKOFF_MAX_MS, now),
  });
}

/** A write that went out to the lock counts against its budget, whatever came of it. */
function counted(
  state: LockState,
  { operation, wish }: PlannedOperation,
  policy: Policy,
  now: TimeReading,
): LockState {
  return isWrite(operation) ? countWrite(state, operation, wish, policy, now) : state;
}

/** Nothing went out: what an audit was to cost is there for another try. */
function unsent(state: LockState, { operation, reason }: PlannedOperation): LockState {
  return reason === 'audit' ? returnFrames(state, operation) : state;
}

function clockEvents(
  before: LockState,
  after: LockState,
  tell: (type: EventType, details: DomainEvent['details']) => DomainEvent,
): readonly DomainEvent[] {
  const was = clockIsAlarming(before.lock);
  const is = clockIsAlarming(after.lock);
  if (was === is) return [];
  const details = { ahead_seconds: Math.round((after.lock.clockRead?.aheadMs ?? 0) / SECOND_MS) };
  return [tell(is ? 'device.clock_wrong' : 'device.clock_corrected', details)];
}

function reached(state: LockState): LockState {
  return withLock(state, { failures: 0, retryAt: null });
}

/** The looks that failed, with this one as the newest of them or, once it has succeeded, without it. */
function lookedAt(state: LockState, operation: Operation, hasFailed: boolean): LockState {
  const look = lookOf(operation);
  const { failedLooks } = state.lock;
  if (look === null || (!hasFailed && !failedLooks.includes(look))) return state;
  const others = failedLooks.filter((other) => other !== look);
  return withLock(state, { failedLooks: hasFailed ? [...others, look].slice(-FAILED_LOOKS_MAX) : others });
}

function done(
  state: LockState,
  { operation, accessCodeId }: PlannedOperation,
  outcome: Done,
  { tookMs, begunWith }: Attempt,
  policy: Policy,
  now: TimeReading,
): Step<LockState> {
  switch (operation.kind) {
    case 'set_clock': {
      return quiet(withLock(state, { clockSet: clockSetAs(state.lock, true, policy, now) }));
    }
    case 'read_clock': {
      if (outcome.clockAheadMs === undefined) throw new Error('A driver read a clock and told no time.');
      return quiet(withLock(state, { clockRead: clockReadAs(state.lock, outcome.clockAheadMs, now) }));
    }
    case 'compare_checksum':
      if (outcome.matches === undefined) throw new Error('A driver compared a checksum and told no result.');
      return quiet(compared(state, outcome.matches, now));
    case 'read_slot':
      if (outcome.reading === undefined) throw new Error('A driver answered a read without a reading.');
      return touchedMeanwhile(
        state,
        begunWith,
        resolveReading(state, outcome.reading, outcome.proof, now.earliest, now),
      );
    case 'set_pin':
      return written(tried(state, accessCodeId), operation, outcome, { tookMs, begunWith }, now);
    case 'clear_slot': {
      const empty: Partial<Slot> = {
        content: { kind: 'empty' },
        schedule: { kind: 'known', window: null },
        recheck: 'no',
        pending: null,
        proof: outcome.proof,
        provenAt: now.earliest,
        writtenAt: now.earliest,
      };
      const next = tried(state, accessCodeId);
      return quiet(retryRefused(withSlot(next, { ...slotOf(next, operation.slot), ...empty })));
    }
    case 'set_schedule':
    case 'clear_schedule': {
      const next = tried(state, accessCodeId);
      const window = operation.kind === 'set_schedule' ? operation.window : null;
      const schedule = { kind: 'known', window } as const;
      return quiet(withSlot(next, { ...slotOf(next, operation.slot), schedule }));
    }
  }
}

/** A report that came while the slot was read may be of something newer than what was read: it is read again. */
function touchedMeanwhile(before: LockState, begunWith: Slot | null, step: Step<LockState>): Step<LockState> {
  const row = begunWith && slotOf(before, begunWith.slot);
  if (row === null || row === begunWith || row.recheck === 'no') return step;
  const read = slotOf(step.state, row.slot);
  return { ...step, state: withSlot(step.state, { ...read, recheck: row.recheck }) };
}

/** A read proves nothing about writing, so only a write ends the wait after failed ones. */
function tried(state: LockState, accessCodeId: string | null): LockState {
  return withCode(state, accessCodeId, (code) => ({ ...code, failures: 0, retryAt: null }));
}

function written(
  state: LockState,
  operation: Extract<Operation, { readonly kind: 'set_pin' }>,
  { reading, proof }: Done,
  { tookMs, begunWith }: Pick<Attempt, 'tookMs' | 'begunWith'>,
  now: TimeReading,
): Step<LockState> {
  const { slot, pin } = operation;
  // What it shows is the truth: a lock that takes a disabled code and enables it must not be asked for that again.
  const shown = reading === undefined || reading.content.kind === 'empty' ? null : reading.content;
  const enabled = shown?.enabled ?? operation.enabled;
  const next = withLock(state, {
    programmingMs: withDuration(state.lock.programmingMs, tookMs),
    masksPins: state.lock.masksPins || shown?.kind === 'masked',
    armRefused: state.lock.armRefused || (enabled && !operation.enabled),
  });
  const row = slotOf(next, slot);
  const proven = { proof, provenAt: now.earliest, writtenAt: now.earliest };
  const content = { kind: 'pin', pin, enabled } as const;
  // Behind a mask nobody sees whether a report that came meanwhile was of this write.
  const isNews = next.lock.masksPins && begunWith !== null && row.recheck !== begunWith.recheck;
  const told = state.lock.masksPins ? row.recheck : meaningOfEcho(next.lock);
  const recheck = isNews ? told : 'no';
  return quiet(withOwnPin(withSlot(next, { ...row, content, recheck, pending: null, ...proven }), row.owner));
}

function quiet(state: LockState): Step<LockState> {
  return { state, events: [] };
}

/** Nobody knows what the lock did: a written slot is read before anything else is done with it. */
function failed(
  state: LockState,
  operation: Operation,
  accessCodeId: string | null,
  now: TimeReading,
): LockState {
  // A lock that is away fails at everything alike.
  const noted = state.lock.online
    ? lookedAt(missed(state, now), operation, true)
    : withLock(missed(state, now), { failedLooks: [] });
  const next = withCode(noted, accessCodeId, (code) => {
    const failures = code.failures + 1;
    return { ...code, failures, retryAt: retryAt(failures, code.accessCodeId, LOCK_BACKOFF_MAX_MS, now) };
  });
  return forget(next, operation.kind, 'slot' in operation ? operation.slot : null);
}
