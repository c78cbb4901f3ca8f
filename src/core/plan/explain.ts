import type { AccessCode } from '../access-code.ts';
import { slotOf } from './assign.ts';
import { shortageMessage, shortages } from '../request/capacity.ts';
import { instantText } from '../instant-text.ts';
import type { Lock, LockState, Policy } from '../lock.ts';
import { plan, type Plan } from './plan.ts';
import type { Blocked, PlannedOperation, Reason } from './planned.ts';
import { mayTry } from '../timing/retry.ts';
import { explainIssue } from './explain-issue.ts';
import { wasAccepted } from '../request/request.ts';
import { isWeekSchedule } from '../schedule.ts';
import { isSatisfied } from './slot-steps.ts';
import type { Schedule, Slot } from '../slot.ts';
import { targetOf, timesOf, type Target } from '../timing/strategy.ts';
import type { Instant, TimeReading } from '../time.ts';

/** What the hub waits for, or does next, about one code or slot, and when; with a sentence for a technician. */
export interface Explanation {
  readonly reason:
    | Reason
    | Blocked['because']
    | 'issued'
    | 'waits_for_issuer'
    | 'not_issued'
    | 'lock_not_met'
    | 'lock_unreachable'
    | 'rejected'
    | 'waits_for_its_time'
    | 'armed'
    | 'on_lock'
    | 'left_as_edited'
    | 'free'
    | 'kept_for_code'
    | 'not_managed'
    | 'safe_mode';
  readonly message: string;
  /** When it happens, or is tried again; `null`: now, or nothing is going to happen by itself. */
  readonly at: Instant | null;
}

export interface Explanations {
  /** By `access_code_id`. */
  readonly codes: ReadonlyMap<string, Explanation>;
  /** By slot, of every slot the hub knows something of. */
  readonly slots: ReadonlyMap<number, Explanation>;
}

/** "Why?": of every code and slot of a lock, from the plan itself. Never holds a PIN. */
export function explain(state: LockState, policy: Policy, now: TimeReading): Explanations {
  const planned = plan(state, policy, now);
  return {
    codes: new Map(
      state.codes.map((code) => [code.accessCodeId, explainCode(code, state, planned, policy, now)]),
    ),
    slots: new Map(state.slots.map((row) => [row.slot, explainSlot(row, state, planned, now)])),
  };
}

/** What is done about a lock next; `null`: nothing waits to be done. */
export function explainNext(state: LockState, policy: Policy, now: TimeReading): Explanation | null {
  if (state.lock.capabilities === null) return null;
  const [next] = plan(state, policy, now).operations;
  return next === undefined ? null : (explainLost(state, now) ?? explainOperation(next));
}

function explainCode(
  code: AccessCode,
  state: LockState,
  planned: Plan,
  policy: Policy,
  now: TimeReading,
): Explanation {
  const { lock } = state;
  if (code.rejected !== null && !wasAccepted(code)) {
    return { reason: 'rejected', message: code.rejected.message, at: null };
  }
  if (lock.capabilities === null) {
    return { reason: 'lock_not_met', message: 'No radio of this hub has met this lock yet.', at: null };
  }
  if (code.issue !== null) return explainIssue(code, code.issue);
  const target = targetOf(code, lock, policy, now);
  const row = code.slot === null ? null : slotOf(state, code.slot);
  const isDone = target.kind !== 'as_is' && isSatisfied(target, code, row);
  if (isDone) return explainDone(code, target, state, policy, now);
  const blocked = planned.blocked.find(({ accessCodeId }) => accessCodeId === code.accessCodeId);
  if (blocked !== undefined) return explainBlocked(blocked, code, state, policy, now);
  if (target.kind === 'as_is') {
    const message =
      'The hub does not know the time well enough to say whether its window is open, so nothing is changed.';
    return { reason: 'hub_clock_uncertain', message, at: null };
  }
  const unreachable = explainLost(state, now);
  if (unreachable !== null) return unreachable;
  const next = planned.operations.find(
    ({ accessCodeId, operation }) =>
      accessCodeId === code.accessCodeId || ('slot' in operation && operation.slot === code.slot),
  );
  if (next !== undefined) return explainOperation(next);
  if (policy.safeMode) {
    const message = 'The hub is in safe mode, in which it only takes codes off.';
    return { reason: 'safe_mode', message, at: null };
  }
  const message = 'A slot of the lock is read before this code is written.';
  return { reason: 'content_unknown', message, at: null };
}

/** The lock holds what it should at this moment: what comes next is the code's own time. */
function explainDone(
  code: AccessCode,
  target: Target,
  state: LockState,
  policy: Policy,
  now: TimeReading,
): Explanation {
  const { armAt, onAt, startsAt, endsAt, schedule } = timesOf(code, state.lock, policy, now.earliest);
  if (target.kind !== 'present') {
    const at = armAt ?? onAt;
    const short = shortages(state, policy, now).get(code.accessCodeId);
    const warning = short === undefined ? '' : ` ${shortageMessage(short)}`;
    return { reason: 'waits_for_its_time', message: `It goes on the lock at ${text(at)}.${warning}`, at };
  }
  if (code.externallyModified) {
    const message = 'Somebody changed it at the lock, which this code allows; it is left so until its end.';
    return { reason: 'left_as_edited', message, at: endsAt };
  }
  if (!target.enabled) {
    return {
      reason: 'armed',
      message: `It is on the lock, disabled, and is enabled at ${text(onAt)}.`,
      at: onAt,
    };
  }
  if (schedule !== null && startsAt !== null && now.earliest < startsAt) {
    const message = `It is on the lock, which opens to it by its own schedule from ${text(startsAt)}.`;
    return { reason: 'on_lock', message, at: startsAt };
  }
  const end = endsAt === null ? 'until it is removed' : `until ${text(endsAt)}`;
  const message = `It is on the lock, ${end}${ownEnd(endsAt, schedule, state.lock)}.`;
  return { reason: 'on_lock', message, at: endsAt };
}

/** A lock that keeps the code by its own schedule stops opening to it before an end that is no whole minute. */
function ownEnd(endsAt: Instant | null, schedule: Schedule | null, { capabilities }: Lock): string {
  const granuleMs = capabilities?.nativeScheduling?.granuleMs ?? 1;
  if (endsAt === null || schedule === null || isWeekSchedule(schedule) || endsAt % granuleMs === 0) return '';
  return `; the lock, which keeps whole minutes, opens to it until ${schedule.stop} by its own clock`;
}

function explainBlocked(
  { because, slot, until }: Blocked,
  code: AccessCode,
  state: LockState,
  policy: Policy,
  now: TimeReading,
): Explanation {
  const message = ((): string => {
    switch (because) {
      case 'retry_later':
        if (slot !== null)
          return `Slot ${slot} has to be read first, which is tried again at ${text(until)}.`;
        return `The last ${code.failures} attempts failed; the next one is at ${text(until)}.`;
      case 'refused_by_lock':
        return `The lock refuses it${code.refused === null ? '' : ` (${code.refused.message})`}, until something changes.`;
      case 'no_space': {
        const short = shortages(state, policy, now).get(code.accessCodeId);
        return short === undefined ? 'Every slot of the lock is taken.' : shortageMessage(short);
      }
      case 'duplicate_on_lock':
        return `Slot ${slot} of the lock holds the same PIN.`;
      case 'hub_clock_uncertain':
        return 'The lock needs the time for its schedule, and the hub does not know it well enough.';
      case 'write_budget_spent':
        return `The lock was written so often without success that the hub holds back until ${text(until)}.`;
    }
  })();
  return { reason: because, message, at: until };
}

function explainLost({ lock }: LockState, now: TimeReading): Explanation | null {
  if (lock.online && mayTry(lock.retryAt, now)) return null;
  const message =
    'The lock does not answer; it is asked again within minutes, and is heard at once when it is back.';
  return { reason: 'lock_unreachable', message, at: lock.retryAt };
}

function explainOperation({ operation, reason }: PlannedOperation): Explanation {
  const what = ((): string => {
    switch (operation.kind) {
      case 'read_slot':
        return `Slot ${operation.slot} is read next`;
      case 'set_pin':
        return `The PIN is written to slot ${operation.slot} next${operation.enabled ? '' : ', disabled'}`;
      case 'clear_slot':
        return `Slot ${operation.slot} is cleared next`;
      case 'set_schedule':
      case 'clear_schedule':
        return `The schedule of slot ${operation.slot} is written next`;
      case 'set_clock':
        return 'The clock of the lock is set next';
      case 'read_clock':
        return 'The clock of the lock is looked at next';
      case 'compare_checksum':
        return 'All slots are compared by checksum next';
    }
  })();
  return { reason, message: `${what}: ${BECAUSE[reason]}.`, at: null };
}

const BECAUSE: Readonly<Record<Reason, string>> = {
  window_ended_or_deleted: 'its time is over, or it was deleted',
  not_yet_due: 'its time has not come',
  should_be_on_lock: 'it should be on the lock',
  armed_ahead: 'it is put there ahead of its time and does not open yet',
  edited_at_the_lock: 'somebody changed it at the lock',
  content_unknown: 'nobody knows what is there',
  lock_clock_not_set: 'it has to be right for schedules',
  lock_clock_check: 'schedules rest on it',
  gives_way_to_another_code: 'another code takes its PIN first',
  audit: 'the table is compared with the lock from time to time',
  self_test: 'the lock is being tested',
};

function explainSlot(row: Slot, state: LockState, planned: Plan, now: TimeReading): Explanation {
  const next = planned.operations.find(({ operation }) => 'slot' in operation && operation.slot === row.slot);
  if (next !== undefined) return explainLost(state, now) ?? explainOperation(next);
  if (row.unmanaged !== null) {
    const message = 'It holds a code that this hub did not put there; it is left alone.';
    return { reason: 'not_managed', message, at: null };
  }
  if (row.owner !== null) {
    const name = state.codes.find(({ accessCodeId }) => accessCodeId === row.owner)?.name;
    return { reason: 'kept_for_code', message: `It is kept for ${name ?? row.owner}.`, at: null };
  }
  switch (row.content.kind) {
    case 'empty':
      return { reason: 'free', message: 'It was empty when it was last read.', at: null };
    case 'unknown':
      return { reason: 'content_unknown', message: 'Nobody has read it.', at: null };
    case 'pin':
    case 'masked':
      return { reason: 'not_managed', message: 'The hub cannot use this slot.', at: null };
  }
}

function text(at: Instant | null): string {
  return at === null ? 'any time' : instantText(at);
}
