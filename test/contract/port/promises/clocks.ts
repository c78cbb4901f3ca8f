import { expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../../../src/core/time.ts';
import { ZONE } from '../face.ts';
import type { Standing } from '../standing.ts';

/** What a question takes on the air, and the seconds that a lock leaves out. */
const TOLERANCE_MS = 5_000;

/** The clock of a lock. */
export function promiseClock(model: string, rig: Standing): void {
  const lock = () => rig().lock(model);

  const set = () => rig().insist(lock(), { kind: 'set_clock' });
  const read = () => rig().insist(lock(), { kind: 'read_clock' });

  it('is set to the wall time of the site and says how far it is ahead, where there is one', async () => {
    if (lock().model.clock === 'none') {
      const unsupported = { kind: 'refused', reason: 'unsupported' };
      expect(await read()).toMatchObject(unsupported);
      // A lock that can't be told the time may have asked for it.
      const outcome = await set();
      expect(outcome).toMatchObject(outcome.kind === 'done' ? { proof: 'event' } : unsupported);
      return;
    }
    lock().clock.setOffsetMs(3 * HOUR_MS);
    expect(await set()).toMatchObject({ kind: 'done' });
    const granuleMs = lock().model.clock === 'clock' ? MINUTE_MS : 0;
    // The house's own idea of now, which goes faster than ours at some faces.
    const now = lock().clock.utc() - lock().clock.offsetMs;
    const apartMs = Date.parse(`${lock().clock.local()}Z`) - wallTimeMs(now);
    expect(Math.abs(apartMs)).toBeLessThan(granuleMs + TOLERANCE_MS);
    const rightMs = lock().clock.offsetMs;
    for (const offsetMs of [0, 7 * MINUTE_MS, -7 * MINUTE_MS, 5 * HOUR_MS]) {
      lock().clock.setOffsetMs(rightMs + offsetMs);
      const outcome = await read();
      expect(outcome).toMatchObject({ kind: 'done', proof: 'read_back' });
      const aheadMs = (outcome.kind === 'done' && outcome.clockAheadMs) || 0;
      expect(Math.abs(aheadMs - offsetMs)).toBeLessThan(granuleMs + TOLERANCE_MS);
    }
    lock().clock.setOffsetMs(rightMs);
  });
}

/** The wall time at the site as if it were UTC, by the zone's own rules and not by the process's. */
function wallTimeMs(at: number): number {
  const style = { timeZone: ZONE, dateStyle: 'short', timeStyle: 'medium' } as const;
  return Date.parse(`${new Intl.DateTimeFormat('sv-SE', style).format(at).replace(' ', 'T')}Z`);
}
