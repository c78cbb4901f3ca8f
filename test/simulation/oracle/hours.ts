import type { LockModel } from '../../../drivers/sim/lock/model.ts';
import { offsetMinutes } from '../../../src/core/local-time.ts';
import type { Policy } from '../../../src/core/lock.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../../src/core/time.ts';
import type { InForce } from './ledger.ts';

/** What a lock's own clock may be off by without anybody's fault. */
const CLOCK_SLACK_MS = 30 * SECOND_MS;

/** What a lock's schedule adds to that: its granule. */
const GRANULE_MS = MINUTE_MS;

/** Longest that a write takes on a lock that answers: what `strict_start` may begin early by. */
const PROGRAMMING_MAX_MS = 20 * SECOND_MS;

/** When a code may open and when it must: the former is never shorter. */
export interface Hours {
  readonly may: readonly [from: Instant, till: Instant];
  readonly must: readonly [from: Instant, till: Instant];
}

/** What the hours of a code depend on besides the code. */
export interface DoorContext {
  readonly model: LockModel;
  readonly policy: Policy;
  /** How far the lock's clock is ahead. */
  readonly clockOffsetMs: number;
  /** The lock's clock was wrong lately, so that the hub may do without its schedules. */
  readonly mistrusted: boolean;
}

/** Worked out from plain data: the promises of the specification, and the slack of a lock's own clock. */
export function hoursOf(spec: InForce, context: DoorContext): Hours {
  const { startsAt, endsAt } = spec;
  const from = startsAt ?? Number.NEGATIVE_INFINITY;
  const till = endsAt ?? Number.POSITIVE_INFINITY;
  const { policy } = context;
  const strict = policy.strictStart || spec.strict;
  const early = strict ? PROGRAMMING_MAX_MS : policy.jitLeadMs;
  const justInTime: Hours = {
    may: [from - early, till],
    must: [strict ? from : from - policy.jitLeadMs, till],
  };
  const native = spec.native && context.model.schedules && startsAt !== null && endsAt !== null;
  if (!native) return justInTime;
  const off = Math.abs(context.clockOffsetMs) + CLOCK_SLACK_MS;
  const lead = context.mistrusted ? Math.max(off, early) : off;
  const fold = foldOf(spec, startsAt, endsAt, policy.timezone);
  return {
    may: [from - lead, till + off],
    must: [from + off + GRANULE_MS + fold, till - off - GRANULE_MS - fold],
  };
}

const folds = new WeakMap<InForce, number>();

function foldOf(spec: InForce, startsAt: Instant, endsAt: Instant, timezone: string): number {
  let fold = folds.get(spec);
  if (fold === undefined) {
    fold = foldMs(timezone, startsAt) + foldMs(timezone, endsAt);
    folds.set(spec, fold);
  }
  return fold;
}

/** How far the zone's clock goes back within hours of an instant: what a schedule in wall time is ambiguous by. */
function foldMs(timezone: string, at: Instant): number {
  const before = offsetMinutes(timezone, at - 3 * HOUR_MS);
  const after = offsetMinutes(timezone, at + 3 * HOUR_MS);
  return Math.max(0, before - after) * MINUTE_MS;
}

export function isWithin(at: Instant, [from, till]: readonly [Instant, Instant]): boolean {
  return from <= at && at < till;
}
