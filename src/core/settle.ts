import { advance } from './advance.ts';
import { slotOf } from './assign.ts';
import type { DomainEvent, Step } from './event.ts';
import { resolveReading, retryRefused } from './reading.ts';
import { offsetMinutes } from './local-time.ts';
import type { LockState, Policy } from './lock.ts';
import { isWrite, type Operation, type Outcome } from './operation.ts';
import type { PlannedOperation } from './plan.ts';
import { CODE_BACKOFF_MAX_MS, LOCK_BACKOFF_MAX_MS, retryAt } from './retry.ts';
import type { Slot } from './slot.ts';
import { SECOND_MS, type TimeReading } from './time.ts';
import { withCode, withLock, withSlot } from './with.ts';

/** The radio is looked at again this soon after it was found gone; its return wakes every lock anyway. */
const RADIO_DOWN_RETRY_MS = 2 * SECOND_MS;

/**
 * The state to commit before the radio is touched: the slot belongs to the code, and a PIN that is about to be
 * written is noted, so that a crash never leaves a slot whose owner nobody knows.
 */
export function begin(state: LockState, planned: PlannedOperation, now: TimeReading): LockState {
  const { operation, accessCodeId } = planned;
  if (!isWrite(operation)) return state;
  const row = slotOf(state, operation.slot);
  let next = state;
  if (accessCodeId !== null) {
    next = withCode(next, accessCodeId, (code) => ({ ...code, slot: operation.slot }));
    next = withSlot(next, { ...row, owner: accessCodeId });
  }
  if (operation.kind === 'set_pin') {
    const overEmpty = row.content.kind === 'empty';
    next = withSlot(next, {
      ...slotOf(next, operation.slot),
      pending: { pin: operation.pin, overEmpty },
      writtenAt: now.earliest,
    });
  }
  if (operation.kind === 'clear_slot') {
    next = withSlot(next, { ...slotOf(next, operation.slot), writtenAt: now.earliest });
  }
  return next;
}

/** The state after an operation whose result was lost with the power: its slot has to be read. */
export function forget(state: LockState, operation: Pick<Operation, 'kind'>, slot: number | null): LockState {
  if (slot === null || operation.kind === 'read_slot') return state;
  return withSlot(state, unknownAfter(operation.kind, slotOf(state, slot)));
}

/** Turns what came of an operation into the state after it and the events it caused. */
export function settle(
  state: LockState,
  operation: Operation,
  accessCodeId: string | null,
  outcome: Outcome,
  policy: Policy,
  now: TimeReading,
): Step<LockState> {
  switch (outcome.kind) {
    case 'done': {
      const step = done(state, operation, accessCodeId, outcome, policy, now);
      return advance(reached(step.state), policy, now, step.events);
    }
    case 'refused':
      return advance(reached(refused(state, operation, accessCodeId, outcome, now)), policy, now);
    case 'unknown':
      return advance(failed(state, operation, accessCodeId, now), policy, now);
    case 'unreachable': {
      const lost = failed(withLock(state, { online: false }), operation, accessCodeId, now);
      if (!state.lock.online) return advance(lost, policy, now);
      const event: DomainEvent = {
        event_type: 'device.disconnected',
        occurredAt: now.earliest,
        device_id: state.lock.deviceId,
        details: { error_code: 'device_disconnected' },
      };
      return advance(lost, policy, now, [event]);
    }
    case 'radio_down':
      return advance(
        withLock(undone(state, operation), { retryAt: now.earliest + RADIO_DOWN_RETRY_MS }),
        policy,
        now,
      );
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

function reached(state: LockState): LockState {
  return withLock(state, { failures: 0, retryAt: null });
}

function done(
  state: LockState,
  operation: Operation,
  accessCodeId: string | null,
  outcome: Extract<Outcome, { kind: 'done' }>,
  policy: Policy,
  now: TimeReading,
): Step<LockState> {
  if (operation.kind === 'read_clock' || operation.kind === 'compare_checksum') return quiet(state);
  if (operation.kind === 'set_clock') {
    const clockSet = { at: now.earliest, offsetMinutes: offsetMinutes(policy.timezone, now.earliest) };
    return quiet(withLock(state, { clockSet }));
  }
  const row = slotOf(state, operation.slot);
  const proven = { proof: outcome.proof, provenAt: now.earliest };
  // A read proves nothing about writing, so only a write ends the wait after failed ones.
  const tried = withCode(state, accessCodeId, (code) => ({ ...code, failures: 0, retryAt: null }));
  switch (operation.kind) {
    case 'read_slot':
      if (outcome.reading === undefined) throw new Error('A driver answered a read without a reading.');
      return resolveReading(state, outcome.reading, outcome.proof, now.earliest, now);
    case 'set_pin': {
      const masked = outcome.reading?.content.kind === 'masked';
      const next = masked ? withLock(tried, { masksPins: true }) : tried;
      const content = { kind: 'pin', pin: operation.pin, enabled: true } as const;
      return quiet(
        withSlot(next, {
          ...row,
          content,
          recheck: 'no',
          pending: null,
          ...proven,
          writtenAt: now.earliest,
        }),
      );
    }
    case 'clear_slot': {
      const schedule = { kind: 'known', window: null } as const;
      const content = { kind: 'empty' } as const;
      const rest = { recheck: 'no', pending: null, ...proven, writtenAt: now.earliest } as const;
      return quiet(retryRefused(withSlot(tried, { ...row, content, schedule, ...rest })));
    }
    case 'set_schedule':
      return quiet(withSlot(tried, { ...row, schedule: { kind: 'known', window: operation.window } }));
    case 'clear_schedule':
      return quiet(withSlot(tried, { ...row, schedule: { kind: 'known', window: null } }));
  }
}

function quiet(state: LockState): Step<LockState> {
  return { state, events: [] };
}

/** The lock said no, so it holds what it held. */
function refused(
  state: LockState,
  operation: Operation,
  accessCodeId: string | null,
  outcome: Extract<Outcome, { kind: 'refused' }>,
  now: TimeReading,
): LockState {
  const { reason, message } = outcome;
  const next = undone(state, operation);
  switch (operation.kind) {
    case 'read_clock':
    case 'compare_checksum':
      return next;
    case 'set_clock':
      return withLock(next, { nativeRefused: true });
    case 'set_schedule':
      return withCode(next, accessCodeId, (code) => ({
        ...code,
        refused: { reason: 'unsupported', message },
      }));
    case 'read_slot':
      // It cannot be looked at, so it counts as somebody else's and is never written.
      return withSlot(next, { ...slotOf(next, operation.slot), ...NOT_OURS });
    case 'set_pin':
      if (reason === 'slot_out_of_range') {
        // The next plan finds another slot.
        const without = released(next, operation.slot);
        return withSlot(without, { ...slotOf(without, operation.slot), ...NOT_OURS });
      }
      if (reason === 'duplicate_pin' || reason === 'pin_format') {
        // The document may have another PIN for it by now, which the lock has not been asked about.
        const told = withCode(next, accessCodeId, (code) =>
          code.pin?.equals(operation.pin) ? { ...code, refused: { reason, message } } : code,
        );
        return released(told, operation.slot);
      }
      return countFailure(next, accessCodeId, now);
    case 'clear_slot':
    case 'clear_schedule':
      return countFailure(next, accessCodeId, now);
  }
}

const NOT_OURS = { content: { kind: 'masked', enabled: true }, recheck: 'no' } as const;

/** A code that the lock does not take keeps no empty slot from others. */
function released(state: LockState, slot: number): LockState {
  const row = slotOf(state, slot);
  if (row.content.kind !== 'empty') return state;
  return withSlot(
    withCode(state, row.owner, (code) => ({ ...code, slot: null })),
    { ...row, owner: null },
  );
}

/** Nobody knows what the lock did: a written slot is read before anything else is done with it. */
function failed(
  state: LockState,
  operation: Operation,
  accessCodeId: string | null,
  now: TimeReading,
): LockState {
  const next = missed(state, now);
  const slot = 'slot' in operation ? operation.slot : null;
  const counted = withCode(next, accessCodeId, (code) => {
    const failures = code.failures + 1;
    return { ...code, failures, retryAt: retryAt(failures, code.accessCodeId, LOCK_BACKOFF_MAX_MS, now) };
  });
  return forget(counted, operation, slot);
}

function countFailure(state: LockState, accessCodeId: string | null, now: TimeReading): LockState {
  return withCode(state, accessCodeId, (code) => {
    const failures = code.failures + 1;
    return { ...code, failures, retryAt: retryAt(failures, code.accessCodeId, CODE_BACKOFF_MAX_MS, now) };
  });
}

/** Takes back what `begin` noted, for a write that certainly did not happen. */
function undone(state: LockState, operation: Operation): LockState {
  if (operation.kind !== 'set_pin') return state;
  return withSlot(state, { ...slotOf(state, operation.slot), pending: null });
}

function unknownAfter(kind: Operation['kind'], row: Slot): Slot {
  switch (kind) {
    case 'set_pin':
      return { ...row, content: { kind: 'unknown' } };
    case 'clear_slot':
      return { ...row, content: { kind: 'unknown' }, schedule: { kind: 'unknown' } };
    case 'set_schedule':
    case 'clear_schedule':
      return { ...row, schedule: { kind: 'unknown' } };
    case 'read_slot':
    case 'set_clock':
    case 'read_clock':
    case 'compare_checksum':
      return row;
  }
}
