import { CommandClasses, NodeStatus } from '@zwave-js/core';
import type { ZWaveNode } from 'zwave-js';
import type { Outcome } from '../../../src/core/operation.ts';
import { DAY_MS, MINUTE_MS } from '../../../src/core/time.ts';
import type { ZwaveLock } from '../lock.ts';
import { noAnswer, unproven } from '../outcome.ts';

/** A lock's clock may differ by this much and still be right: some tell only minutes, and a report takes time. */
const TOLERANCE_MS = 2 * MINUTE_MS;

/** From this version on a lock takes its zone with the days on which summer time starts and ends. */
const TIME_CC_WITH_ZONE = 2;

/** From this version on Schedule Entry Lock takes an offset from UTC. */
const SCHEDULE_CC_WITH_ZONE = 2;

type DateAndTime = Awaited<ReturnType<ZWaveNode['getDateAndTime']>>;

const CLOCKS = [CommandClasses['Time Parameters'], CommandClasses.Clock, CommandClasses.Time];

/**
 * Gives a lock the hub's time. The zone is that of the process, which the composition root has set to the site's:
 * the library pushes the process's zone to locks by itself as well (must-know 4).
 */
export async function setClock(lock: ZwaveLock): Promise<Outcome> {
  const { node } = lock;
  if (!CLOCKS.some((clock) => node.supportsCC(clock))) {
    return { kind: 'refused', reason: 'unsupported', message: 'this lock has no clock' };
  }
  // The library answers only yes or no, whatever went wrong.
  if (!(await node.setDateAndTime())) return node.status === NodeStatus.Dead ? noAnswer : unproven;
  await setScheduleOffset(lock);
  const shownMs = differenceMs(await node.getDateAndTime(), new Date());
  if (shownMs === undefined) return { kind: 'done', proof: 'supervision' };
  return shownMs <= TOLERANCE_MS ? { kind: 'done', proof: 'read_back' } : unproven;
}

/**
 * Schedule Entry Lock carries two offsets but no dates to switch between them. Both are set to the one that holds
 * now, so that there is nothing to mistake; the hub sets the clock again whenever the offset changes.
 */
async function setScheduleOffset({ node }: ZwaveLock): Promise<void> {
  const knowsZone =
    node.supportsCC(CommandClasses.Time) && node.getCCVersion(CommandClasses.Time) >= TIME_CC_WITH_ZONE;
  const takesOffset =
    node.supportsCC(CommandClasses['Schedule Entry Lock']) &&
    node.getCCVersion(CommandClasses['Schedule Entry Lock']) >= SCHEDULE_CC_WITH_ZONE;
  if (knowsZone || !takesOffset) return;
  const offset = -new Date().getTimezoneOffset();
  await node.commandClasses['Schedule Entry Lock'].setTimezone({ standardOffset: offset, dstOffset: offset });
}

/**
 * How far a lock's clock is from the hub's, in milliseconds; `undefined` if it told no time. Clocks without a date
 * are compared around midnight.
 */
function differenceMs(shown: DateAndTime, now: Date): number | undefined {
  const { hour, minute, second = 0, year, month, day } = shown;
  if (hour === undefined || minute === undefined) return undefined;
  // The library gives Time Parameters in UTC, marked by offsets of zero, and everything else in local time.
  const isUtc = shown.standardOffset === 0 && shown.dstOffset === 0;
  const local = isUtc ? now.getTime() : now.getTime() - now.getTimezoneOffset() * MINUTE_MS;
  if (year !== undefined && month !== undefined && day !== undefined) {
    return Math.abs(Date.UTC(year, month - 1, day, hour, minute, second) - local);
  }
  const shownOfDay = Date.UTC(1970, 0, 1, hour, minute, second);
  const apart = Math.abs(shownOfDay - (local % DAY_MS));
  return Math.min(apart, DAY_MS - apart);
}
