import type { Outcome } from '../../../src/core/operation.ts';
import { DAY_MS, MINUTE_MS, type Instant } from '../../../src/core/time.ts';
import type { SimLock } from '../lock/lock.ts';
import { exchange } from './link.ts';
import { confirm, done, refused, unanswered, type Radio } from './outcome.ts';

/** Gives the lock the hub's time and the site's zone. */
export async function setClock(radio: Radio, lock: SimLock): Promise<Outcome> {
  if (lock.model.clock === 'none') return refused('unsupported', 'the lock has no clock that can be set');
  const failed =
    lock.model.clock === 'clock'
      ? await confirm(radio, lock, () => lock.clock.setLocal(wallTime(radio)))
      : ((await confirm(radio, lock, () => lock.clock.setUtc(radio.hubNow()))) ??
        (await confirm(radio, lock, () => setZone(radio, lock))));
  return failed ?? done('supervision');
}

/**
 * Asks for the lock's wall time, on which its schedules rest, and compares it with the site's. A lock that tells only
 * minutes of a day is taken at its best: the nearest difference that explains the minute it shows.
 */
export async function readClock(radio: Radio, lock: SimLock): Promise<Outcome> {
  if (lock.model.clock === 'none') return refused('unsupported', 'the lock has no clock that can be asked');
  const shown = await exchange(radio, lock, () => Date.parse(`${lock.clock.local()}Z`));
  if (shown.kind !== 'answer') return unanswered(shown);
  const aheadMs = shown.value - wallTime(radio);
  if (lock.model.clock === 'clock') {
    return { kind: 'done', proof: 'read_back', clockAheadMs: nearest(shown.value, wallTime(radio)) };
  }
  const clockShows = shown.value - radio.utcOffsetMinutes(shown.value) * MINUTE_MS;
  return { kind: 'done', proof: 'read_back', clockAheadMs: aheadMs, clockShows };
}

/** The nearest offset at which a clock shows this minute of the day, 0 when it is the present one. */
function nearest(shown: number, now: number): number {
  const minute = Math.floor(shown / MINUTE_MS) * MINUTE_MS;
  const early = minute - now;
  const late = minute + MINUTE_MS - now;
  const days = Math.round((early + late) / 2 / DAY_MS) * DAY_MS;
  if (early - days <= 0 && late - days > 0) return 0;
  return early - days > 0 ? early - days : late - days;
}

/** The site's wall time as if it were UTC. */
function wallTime({ hubNow, utcOffsetMinutes }: Radio): Instant {
  return hubNow() + utcOffsetMinutes(hubNow()) * MINUTE_MS;
}

function setZone(radio: Radio, lock: SimLock): void {
  const minutes = radio.utcOffsetMinutes(radio.hubNow());
  lock.clock.zone = { standardMinutes: minutes, dstMinutes: minutes, dst: null };
}
