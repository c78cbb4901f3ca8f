import type { Outcome } from '../../../src/core/operation.ts';
import { DAY_MS, HOUR_MS, middleOf, MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';
import { readAttributes, writeAttributes } from '../attributes.ts';
import type { ZigbeeLock } from '../lock.ts';
import { localInstant, localSeconds, timeAttributes, zigbeeInstant, zigbeeSeconds } from '../local-time.ts';
import { outcomeOfSilence, refused, unproven } from '../outcome.ts';
import { lastServedMs } from '../time-server.ts';

/** A lock's clock may differ by this much and still be right: a sleeping lock takes its time to answer. */
const TOLERANCE_MS = 2 * MINUTE_MS;

/** Locks that ask for the time do so at least daily. */
const ASKED_LATELY_MS = DAY_MS + HOUR_MS;

const noClock = refused('unsupported', 'this lock has no clock that can be reached');

/** A lock tells its time where it is a server of the Time cluster; it asks the hub for it where it is a client. */
function hasClock({ endpoint }: ZigbeeLock): boolean {
  return endpoint.supportsInputCluster('genTime');
}

/**
 * Gives a lock the hub's time and the site's zone, and looks. A lock that will not be told has asked the hub, or will
 * (`time-server.ts`): what counts is that it shows the right time, or that it has been answered lately.
 */
export async function setClock(lock: ZigbeeLock): Promise<Outcome> {
  if (!hasClock(lock)) return askedForTime(lock);
  const { time, timeStatus, timeZone, dstStart, dstEnd, dstShift } = timeAttributes(
    lock.zone,
    middleOf(lock.now()),
  );
  const zone = await writeAttributes(lock, 'genTime', { timeZone, dstStart, dstEnd, dstShift });
  if (zone.kind === 'no_answer' || zone.kind === 'not_delivered') return outcomeOfSilence(zone);
  const set = await writeAttributes(lock, 'genTime', { time, timeStatus });
  if (set.kind === 'no_answer' || set.kind === 'not_delivered') return outcomeOfSilence(set);
  const ahead = await readClock(lock);
  if (ahead.kind !== 'done' || ahead.clockAheadMs === undefined) return ahead;
  return Math.abs(ahead.clockAheadMs) <= TOLERANCE_MS ? { kind: 'done', proof: 'read_back' } : unproven;
}

function askedForTime({ device, endpoint }: ZigbeeLock): Outcome {
  const answeredMs = lastServedMs(device);
  if (answeredMs !== null && performance.now() - answeredMs < ASKED_LATELY_MS)
    return { kind: 'done', proof: 'event' };
  return endpoint.supportsOutputCluster('genTime') ? unproven : noClock;
}

/** What counts is the wall time, on which schedules rest: a lock without its zone is hours off with the right UTC. */
export async function readClock(lock: ZigbeeLock): Promise<Outcome> {
  if (!hasClock(lock)) return noClock;
  for (const name of ['localTime', 'time'] as const) {
    const answer = await readAttributes(lock, 'genTime', [name]);
    if (answer.kind === 'default') continue;
    if (answer.kind !== 'answer') return outcomeOfSilence(answer);
    const shown = answer.payload[name];
    if (typeof shown !== 'number' || Number.isNaN(shown)) continue;
    const at = middleOf(lock.now());
    const now = name === 'localTime' ? localSeconds(lock.zone, at) : zigbeeSeconds(at);
    const clockShows = name === 'localTime' ? localInstant(lock.zone, shown) : zigbeeInstant(shown);
    return { kind: 'done', proof: 'read_back', clockAheadMs: (shown - now) * SECOND_MS, clockShows };
  }
  return noClock;
}
