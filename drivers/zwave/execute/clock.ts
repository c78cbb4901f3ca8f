import { CommandClasses, NodeStatus } from '@zwave-js/core';
import type { ZWaveNode } from 'zwave-js';
import type { Outcome } from '../../../src/core/operation.ts';
import {
  DAY_MS,
  middleOf,
  MINUTE_MS,
  SECOND_MS,
  type Instant,
  type TimeReading,
} from '../../../src/core/time.ts';
import type { ZwaveLock } from '../lock.ts';
import { noAnswer, unproven } from '../outcome.ts';
import { ask } from './ask.ts';

/** A lock's clock may differ by this much and still be right: some tell only minutes, and a report takes time. */
const TOLERANCE_MS = 2 * MINUTE_MS;

/** From this version on a lock takes its zone with the days on which summer time starts and ends. */
const TIME_CC_WITH_ZONE = 2;

/** From this version on Schedule Entry Lock takes an offset from UTC. */
const SCHEDULE_CC_WITH_ZONE = 2;

const CLOCKS = [CommandClasses['Time Parameters'], CommandClasses.Clock, CommandClasses.Time];

const noClock: Outcome = { kind: 'refused', reason: 'unsupported', message: 'this lock has no clock' };

/** A wall time as a lock shows it, as if it were UTC; shown to this many milliseconds, of the day or with the date. */
interface Shown {
  readonly atMs: number;
  readonly unitMs: number;
  readonly hasDate: boolean;
}

/**
 * Gives a lock the hub's time. The zone is that of the process, which the composition root has set to the site's:
 * the library pushes the process's zone to locks by itself as well (must-know 4).
 */
export async function setClock(lock: ZwaveLock): Promise<Outcome> {
  const { node } = lock;
  if (!hasClock(node)) return noClock;
  // The library answers only yes or no, whatever went wrong.
  if (!(await node.setDateAndTime(new Date(middleOf(lock.now())))))
    return node.status === NodeStatus.Dead ? noAnswer : unproven;
  await setScheduleOffset(lock);
  const seen = await askClock(lock);
  if (seen === undefined) return { kind: 'done', proof: 'supervision' };
  return Math.abs(seen.aheadMs) <= TOLERANCE_MS ? { kind: 'done', proof: 'read_back' } : unproven;
}

/**
 * Asks for the lock's time and compares it with the hub's. What counts is the wall time, on which schedules rest: a
 * lock that has forgotten its zone is hours off although its UTC is right.
 */
export async function readClock(lock: ZwaveLock): Promise<Outcome> {
  if (!hasClock(lock.node)) return noClock;
  const seen = await askClock(lock);
  if (seen === undefined) return noAnswer;
  const { aheadMs: clockAheadMs, shows: clockShows } = seen;
  return { kind: 'done', proof: 'read_back', clockAheadMs, ...(clockShows !== null && { clockShows }) };
}

function hasClock(node: ZWaveNode): boolean {
  return CLOCKS.some((clock) => node.supportsCC(clock));
}

/**
 * Schedule Entry Lock carries two offsets but no dates to switch between them. Both are set to the one that holds
 * now, so that there is nothing to mistake; the hub sets the clock again whenever the offset changes.
 */
async function setScheduleOffset({ node, now }: ZwaveLock): Promise<void> {
  const knowsZone =
    node.supportsCC(CommandClasses.Time) && node.getCCVersion(CommandClasses.Time) >= TIME_CC_WITH_ZONE;
  const takesOffset =
    node.supportsCC(CommandClasses['Schedule Entry Lock']) &&
    node.getCCVersion(CommandClasses['Schedule Entry Lock']) >= SCHEDULE_CC_WITH_ZONE;
  if (knowsZone || !takesOffset) return;
  const offset = -new Date(middleOf(now())).getTimezoneOffset();
  await node.commandClasses['Schedule Entry Lock'].setTimezone({ standardOffset: offset, dstOffset: offset });
}

/** Lock minus hub in milliseconds, and what the lock shows where that has a date. */
interface Seen {
  readonly aheadMs: number;
  readonly shows: Instant | null;
}

/** Asks by radio; `undefined` when the lock does not answer. */
async function askClock({ node, now }: ZwaveLock): Promise<Seen | undefined> {
  if (!node.supportsCC(CommandClasses['Time Parameters'])) {
    const shown = node.supportsCC(CommandClasses.Clock) ? await askMinute(node) : await askLocal(node);
    return shown && { aheadMs: aheadOf(shown, localNow(now())), shows: null };
  }
  const utc = await ask(() => node.commandClasses['Time Parameters'].get());
  if (utc === undefined) return undefined;
  const shows = utc.getTime();
  const utcAheadMs = aheadOf({ atMs: shows, unitMs: SECOND_MS, hasDate: true }, middleOf(now()));
  if (!node.supportsCC(CommandClasses.Time)) return { aheadMs: utcAheadMs, shows };
  const local = await askTimeOfDay(node);
  if (local === undefined) return undefined;
  // What the time of the day is off by beyond that is the zone.
  const zoneMs = ofDay(aheadOf(local, localNow(now())) - utcAheadMs);
  return { aheadMs: Math.abs(zoneMs) < MINUTE_MS ? utcAheadMs : utcAheadMs + zoneMs, shows };
}

/** Clock CC: weekday, hour and minute. The weekday is left out: a lock that is a day off shows the right minute. */
async function askMinute(node: ZWaveNode): Promise<Shown | undefined> {
  const shown = await ask(() => node.commandClasses.Clock.get());
  return shown && timeOfDay(shown.hour, shown.minute, 0, MINUTE_MS);
}

async function askTimeOfDay(node: ZWaveNode): Promise<Shown | undefined> {
  const shown = await ask(() => node.commandClasses.Time.getTime());
  return shown && timeOfDay(shown.hour, shown.minute, shown.second, SECOND_MS);
}

/** Time CC: date and time are asked one after the other; around midnight they can belong to different days. */
async function askLocal(node: ZWaveNode): Promise<Shown | undefined> {
  const date = await ask(() => node.commandClasses.Time.getDate());
  const time = await askTimeOfDay(node);
  if (date === undefined || time === undefined) return undefined;
  return { ...time, atMs: Date.UTC(date.year, date.month - 1, date.day) + time.atMs, hasDate: true };
}

function timeOfDay(hour: number, minute: number, second: number, unitMs: number): Shown {
  return { atMs: Date.UTC(1970, 0, 1, hour, minute, second), unitMs, hasDate: false };
}

/** The wall time of the process's zone as if it were UTC. */
function localNow(reading: TimeReading): number {
  const now = new Date(middleOf(reading));
  return now.getTime() - now.getTimezoneOffset() * MINUTE_MS;
}

/**
 * The difference nearest to 0 at which a clock can show this: nothing within the unit it shows, and at most half a day
 * where it shows no date.
 */
export function aheadOf({ atMs, unitMs, hasDate }: Shown, nowMs: number): number {
  const earliestMs = hasDate ? atMs - nowMs : ofDay(atMs - nowMs);
  const latestMs = earliestMs + unitMs;
  if (earliestMs > 0) return earliestMs;
  return latestMs > 0 ? 0 : latestMs;
}

/** A difference of clocks that show no date: within half a day. */
function ofDay(differenceMs: number): number {
  return differenceMs - Math.round(differenceMs / DAY_MS) * DAY_MS;
}
