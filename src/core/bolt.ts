import { alarm, told } from './alarm.ts';
import type { DomainEvent, Step } from './event.ts';
import type { LockEvent, LockEventBody } from './lock-event.ts';
import type { BoltReport, LockState } from './lock.ts';
import type { Tenant } from './tenure.ts';
import { SECOND_MS, type TimeReading } from './time.ts';
import { withCode, withLock } from './with.ts';

/** The same report again within this time is the same movement: radios repeat frames whose acknowledgement was lost. */
const DOUBLED_MS = 2 * SECOND_MS;

/**
 * Takes in a movement of the bolt: who it was, as far as the lock and the table of that moment tell, and the use of a
 * code. One that is told late says nothing of where the bolt is now.
 */
export function bolt(
  state: LockState,
  event: LockEvent,
  body: Extract<LockEventBody, { kind: 'locked' | 'unlocked' }>,
  tenant: Tenant | undefined,
  now: TimeReading,
): Step<LockState> {
  const report: BoltReport = { ...body, at: event.at };
  if (isDoubled(report, state.lock.lastBolt)) return { state, events: [] };
  const moved = isLate(report, state.lock.lastBolt, now) ? { state, events: [] } : here(state, event, report);
  const { kind, method, slot } = body;
  const details = {
    method,
    ...(slot === null ? {} : { slot }),
    ...(tenant === undefined ? {} : { access_code_is_managed: tenant.isManaged }),
  };
  const opened: DomainEvent = {
    ...told(event, kind === 'locked' ? 'lock.locked' : 'lock.unlocked', details),
    ...(tenant === undefined ? {} : { access_code_id: tenant.accessCodeId }),
  };
  const isUse = kind === 'unlocked' && method === 'keycode' && tenant?.isManaged === true;
  return {
    state: isUse ? used(moved.state, tenant.accessCodeId, now) : moved.state,
    events: [...moved.events, opened],
  };
}

/** The bolt moved, so it is not jammed, and is where it went. */
function here(state: LockState, event: LockEvent, report: BoltReport): Step<LockState> {
  const freed = alarm(state, event, 'jammed', false, ['lock.jammed', 'lock.jam_cleared']);
  return {
    ...freed,
    state: withLock(freed.state, { locked: report.kind === 'locked', lastBolt: report }),
  };
}

/** It happened before what was heard last, by the lock's own word and not because our clock was set back since. */
function isLate(report: BoltReport, last: BoltReport | null, now: TimeReading): boolean {
  return last !== null && report.at < last.at && report.at < now.earliest;
}

function isDoubled(report: BoltReport, last: BoltReport | null): boolean {
  return (
    last !== null &&
    report.kind === last.kind &&
    report.method === last.method &&
    report.slot === last.slot &&
    Math.abs(report.at - last.at) <= DOUBLED_MS
  );
}

/**
 * Counts a use. A backup code has no limit of its own: its uses count for the code that it stands in for. At the limit
 * the code has to go; one that the cloud asked for is remembered, because its document still names it.
 */
function used(state: LockState, accessCodeId: string, now: TimeReading): LockState {
  const opened = state.codes.find((code) => code.accessCodeId === accessCodeId);
  const counted = opened?.backupOf ?? accessCodeId;
  const code = state.codes.find((other) => other.accessCodeId === counted);
  if (code === undefined) return state;
  const uses = code.uses + 1;
  const isSpent = code.maxUses !== null && uses >= code.maxUses && code.removingSince === null;
  const end = isSpent ? { removingSince: now.earliest, failures: 0, retryAt: null } : {};
  const next = withCode(state, counted, () => ({ ...code, uses, ...end }));
  const others = state.lock.spent.filter(({ accessCodeId: other }) => other !== counted);
  const wasSpent = others.length < state.lock.spent.length;
  if (!(isSpent && code.origin === 'cloud') && !wasSpent) return next;
  return withLock(next, { spent: [...others, { accessCodeId: counted, uses }] });
}
