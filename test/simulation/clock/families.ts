import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../../src/core/time.ts';
import type { Spec } from '../spec.ts';
import { POLICY } from './clock-world.ts';

/** The life before the power cut begins here, in UTC, which is the time of the site too. */
export const START = Date.parse('2026-11-24T02:00:00Z');
export const CUT = START + 30 * MINUTE_MS;
/** The power is back. */
export const BOOT = CUT + 6 * HOUR_MS;
export const END = BOOT + 5 * HOUR_MS;

/** What a document needs until it is on its lock, and a retry of it. */
const WORK_MS = 2 * MINUTE_MS;
/** The floor may be a quarter of an hour old, and the monotonic clock a little slow. */
const FLOOR_MS = 16 * MINUTE_MS;
/** A write takes so long at most, which is what a strict start may begin early by. */
const WRITE_MS = 20 * SECOND_MS;
/** What a lock's own schedule may be off by: its drift and its granule. */
const LOCK_SLACK_MS = 2 * MINUTE_MS;

/** What a hub that booted with a wrong clock gets to know, and when; `null`: never. */
export interface Knowledge {
  /** From when on it knows that it is at least so late, to a few minutes. */
  readonly beginAt: Instant | null;
  /** How much too early that is, at most. */
  readonly behindMs: number;
  /** From when on it also knows that it is no later, to a few minutes. */
  readonly endAt: Instant | null;
  /** From when on it knows the time to 30 s. */
  readonly exactAt: Instant | null;
  /** Sources contradict what it remembers, so that nothing is certain. */
  readonly isDisputed: boolean;
  /** How late something may happen, because the hub knows the time to minutes only. */
  readonly slackMs: number;
}

/** A way in which a code is on a lock, and when it may and must be there. */
export interface Family {
  readonly name: string;
  readonly lock: 0 | 1;
  readonly spec: Spec;
  /** The same code as it is wanted at first; it is changed before the power goes. */
  readonly first?: Spec;
  /** Whether it is there, or opens: a schedule on the lock opens and shuts by the lock's own clock. */
  readonly looks: 'opens' | 'holds';
  /** It must not be there at this true time. */
  readonly mustNot: (at: Instant, knows: Knowledge) => boolean;
  readonly must: (at: Instant, knows: Knowledge) => boolean;
}

const BASE: Omit<Spec, 'id' | 'pin'> = {
  startsAt: null,
  endsAt: null,
  native: true,
  strict: false,
  allowEdits: false,
  maxUses: null,
  weekly: null,
  commonKey: null,
  usePool: false,
};

let count = 0;
function spec(change: Partial<Spec>): Spec {
  count += 1;
  const pin = String(428_113 + 7919 * count);
  return { ...BASE, id: `c0000000-0000-4000-8000-${String(count).padStart(12, '0')}`, pin, ...change };
}

const LEAD_MS = POLICY.jitLeadMs;

/** It goes on once the hub knows that its time has come, and, if it ends, that it has not ended yet. */
function comesOn(name: string, change: Partial<Spec>, onAt: Instant): Family {
  const code = spec(change);
  const isEndless = code.endsAt === null && code.weekly === null;
  return {
    name,
    lock: 0,
    spec: code,
    looks: 'opens',
    mustNot: (at, { endAt, isDisputed }) => {
      if (at < onAt) return true;
      // Nobody knows that it has not ended, so it is not switched on.
      return !isEndless && (endAt === null || isDisputed || at < endAt);
    },
    must: (at, { endAt, slackMs }) => endAt !== null && at > Math.max(onAt, endAt) + WORK_MS + slackMs,
  };
}

/** It is on before the power goes, and off once it has certainly ended. */
function goesOff(name: string, change: Partial<Spec>, endsAt: Instant): Family {
  return {
    name,
    lock: 0,
    spec: spec({ ...change, endsAt }),
    looks: 'opens',
    mustNot: (at, { beginAt, behindMs, isDisputed }) => {
      // The hub has counted on from the floor.
      const byFloor = BOOT + (endsAt - CUT) + FLOOR_MS;
      if (isDisputed) return false;
      return at > Math.min(byFloor, Math.max(beginAt ?? Infinity, endsAt + behindMs)) + WORK_MS;
    },
    must: (at) => at < endsAt,
  };
}

function stays(name: string, code: Spec, first?: Spec): Family {
  return {
    name,
    lock: 0,
    spec: code,
    ...(first && { first }),
    looks: 'opens',
    mustNot: () => false,
    must: () => true,
  };
}

const held = { startsAt: BOOT + 30 * MINUTE_MS, endsAt: BOOT + 3 * HOUR_MS };
const extended = spec({ startsAt: START - HOUR_MS, endsAt: CUT + 3 * HOUR_MS });
const preloadAt = BOOT + HOUR_MS;

/** The families of schedules that the matrix crosses with clocks and sources. */
export const FAMILIES: readonly Family[] = [
  stays('ongoing', spec({})),
  stays('ongoing, until days later', spec({ startsAt: START - DAY_MS, endsAt: END + 3 * DAY_MS })),
  stays('extended', { ...extended, endsAt: END + HOUR_MS }, extended),
  goesOff('ended soon after the cut', { startsAt: START - HOUR_MS }, CUT + 10 * MINUTE_MS),
  goesOff('ended while the hub was off', { startsAt: START - HOUR_MS }, BOOT - 3 * HOUR_MS),
  goesOff('ends after the boot', { startsAt: START - HOUR_MS }, BOOT + 2 * HOUR_MS),
  comesOn('just in time', { startsAt: BOOT + HOUR_MS, endsAt: END + HOUR_MS }, BOOT + HOUR_MS - LEAD_MS),
  comesOn('began while the hub was off', { startsAt: BOOT - 3 * HOUR_MS, endsAt: END + HOUR_MS }, BOOT),
  comesOn(
    'strict start',
    { startsAt: BOOT + 2 * HOUR_MS, endsAt: END + HOUR_MS, strict: true },
    BOOT + 2 * HOUR_MS - WRITE_MS,
  ),
  comesOn('from then on', { startsAt: BOOT + HOUR_MS }, BOOT + HOUR_MS - LEAD_MS),
  comesOn(
    'hours of every week',
    { weekly: [{ days: ['tuesday'], start: '09:30', stop: '17:00' }] },
    Date.parse('2026-11-24T09:30:00Z') - LEAD_MS,
  ),
  {
    name: 'native, preloaded',
    lock: 1,
    spec: spec(held),
    looks: 'opens',
    mustNot: (at) => at < held.startsAt - LOCK_SLACK_MS || at > held.endsAt + LOCK_SLACK_MS,
    must: (at) => at > held.startsAt + LOCK_SLACK_MS && at < held.endsAt - LOCK_SLACK_MS,
  },
  {
    name: 'native, due after the boot',
    lock: 1,
    spec: spec({
      startsAt: preloadAt + POLICY.nativePreloadMs,
      endsAt: preloadAt + POLICY.nativePreloadMs + DAY_MS,
    }),
    looks: 'holds',
    mustNot: (at, { endAt }) => at < preloadAt || endAt === null || at < endAt,
    must: (at, { endAt, slackMs }) => endAt !== null && at > Math.max(endAt, preloadAt) + WORK_MS + slackMs,
  },
];

/** Keeps the clock of the third lock set. */
export const WITNESS_CODE = spec(held);
