import type { LockModel } from '../../../drivers/sim/lock/model.ts';
import { offsetMinutes } from '../../../src/core/timing/local-time.ts';
import type { Policy } from '../../../src/core/lock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../../src/core/time.ts';
import { occurrences } from './occurrences.ts';
import type { InForce } from './ledger.ts';

/** What a lock's own clock may be off by without anybody's fault. */
const CLOCK_SLACK_MS = 30 * SECOND_MS;

/** What a lock's schedule adds to that: its granule. */
const GRANULE_MS = MINUTE_MS;

/** Longest that a write takes on a lock that answers: what `strict_start` may begin early by. */
const PROGRAMMING_MAX_MS = 20 * SECOND_MS;

export type Span = readonly [from: Instant, till: Instant];

/** When a code may open and when it must: the former is never shorter. Of a weekly code, around the instant asked for. */
export interface Hours {
  readonly may: readonly Span[];
  readonly must: readonly Span[];
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
export function hoursOf(spec: InForce, context: DoorContext, now: Instant): Hours {
  const { policy, model } = context;
  const bounds: Span = [spec.startsAt ?? Number.NEGATIVE_INFINITY, spec.endsAt ?? Number.POSITIVE_INFINITY];
  const windows = spec.weekly === null ? [bounds] : occurrences(spec.weekly, policy.timezone, bounds, now);
  // Windows of every week in a wall time that comes twice or never may be read either way.
  const isUnclear = spec.weekly !== null && changesAround(policy.timezone, now);
  const open = isUnclear ? [bounds] : windows;
  const strict = policy.strictStart || spec.strict;
  const early = strict ? PROGRAMMING_MAX_MS : policy.jitLeadMs;
  const isTimed = spec.weekly !== null || (spec.startsAt !== null && spec.endsAt !== null);
  if (!spec.native || !model.schedules || !isTimed) {
    return {
      may: open.map(([from, till]) => [from - early, till]),
      must: windows.map(([from, till]) => [strict ? from : from - early, till]),
    };
  }
  const off = Math.abs(context.clockOffsetMs) + CLOCK_SLACK_MS;
  // Without its schedules, which do not take every week nor a window in a wall time that comes twice, it gets a code just in time.
  const isAmbiguous = windows.some((window) => window.some((edge) => foldOf(edge, policy.timezone) > 0));
  const isJustInTime = context.mistrusted || spec.weekly !== null || isAmbiguous;
  const lead = isJustInTime ? Math.max(off, early) : off;
  return {
    may: open.map(([from, till]) => [from - lead, till + off]),
    must: windows.map(([from, till]) => {
      const fold = foldOf(from, policy.timezone) + foldOf(till, policy.timezone);
      return [from + off + GRANULE_MS + fold, till - off - GRANULE_MS - fold];
    }),
  };
}

/** What a schedule in this lock may open or close too early or too late by; 0 where it keeps none. */
export function slackOf({ model, clockOffsetMs }: DoorContext): number {
  return model.schedules ? Math.abs(clockOffsetMs) + CLOCK_SLACK_MS + GRANULE_MS : 0;
}

const folds = new Map<string, number>();
const FOLDS_MAX = 1000;

/** How far the zone's clock goes back within hours of an instant: what a schedule in wall time is ambiguous by. */
function foldOf(at: Instant, timezone: string): number {
  const key = `${timezone} ${at}`;
  if (!Number.isFinite(at)) return 0;
  let fold = folds.get(key);
  if (fold === undefined) {
    const before = offsetMinutes(timezone, at - 3 * HOUR_MS);
    const after = offsetMinutes(timezone, at + 3 * HOUR_MS);
    fold = Math.max(0, before - after) * MINUTE_MS;
    if (folds.size >= FOLDS_MAX) folds.clear();
    folds.set(key, fold);
  }
  return fold;
}

/** The clocks of the zone change within a day of an instant: then windows of every week are given some room. */
export function changesAround(timezone: string, at: Instant): boolean {
  return offsetMinutes(timezone, at - DAY_MS) !== offsetMinutes(timezone, at + DAY_MS);
}

export function isWithin(at: Instant, spans: readonly Span[]): boolean {
  return spans.some(([from, till]) => from <= at && at < till);
}
