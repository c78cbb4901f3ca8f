import { alarm, told } from './alarm.ts';
import type { DomainEvent, Step } from '../event.ts';
import type { LockEvent, LockEventBody } from '../lock-event.ts';
import type { BoltReport, LockState } from '../lock.ts';
import type { Tenant } from './tenure.ts';
import { SECOND_MS, type TimeReading } from '../time.ts';
import { withCode, withLock } from '../with.ts';

/** The same report again within this time is the same movement: radios repeat frames whose acknowledgement was lost. */
const DOUBLED_MS = 2 * SECOND_MS;

/** So many reports are kept to know a doubled one by: others can come between the two. */
const REPORTS_KEPT = 4;

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
  const { boltReports } = state.lock;
  const last = boltReports.at(-1);
  const late = last !== undefined && isLate(report, last, now);
  // A bolt can be turned to and fro by hand in no time, but nobody types a code that fast.
  const earlier = late || body.method === 'keycode' ? boltReports : boltReports.slice(-1);
  if (earlier.some((other) => isDoubled(report, other))) return { state, events: [] };
  const moved = late ? elsewhen(state, report, last) : here(state, event, report);
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
    state: withLock(freed.state, {
      locked: report.kind === 'locked',
      boltReports: kept([...state.lock.boltReports, report]),
    }),
  };
}

/** It says nothing of where the bolt is now. */
function elsewhen(state: LockState, report: BoltReport, last: BoltReport): Step<LockState> {
  const boltReports = kept([...state.lock.boltReports.slice(0, -1), report, last]);
  return { state: withLock(state, { boltReports }), events: [] };
}

function kept(reports: readonly BoltReport[]): readonly BoltReport[] {
  return reports.slice(-REPORTS_KEPT);
}

/** It happened before what was heard last, by the lock's own word and not because our clock was set back since. */
function isLate(report: BoltReport, last: BoltReport, now: TimeReading): boolean {
  return report.at < last.at && report.at < now.earliest;
}

function isDoubled(report: BoltReport, other: BoltReport): boolean {
  return (
    report.kind === other.kind &&
    report.method === other.method &&
    report.slot === other.slot &&
    Math.abs(report.at - other.at) <= DOUBLED_MS
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
