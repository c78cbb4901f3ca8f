import { expect, it } from 'vitest';
import { LockClock } from '../../drivers/sim/lock/lock-clock.ts';
import { zoneOf } from '../../drivers/sim/zigbee/time.ts';
import { localSeconds, timeAttributes } from '../../drivers/zigbee/local-time.ts';

const MINUTE_MS = 60_000;

/** Changes of the clocks in 2026, UTC. */
const CHANGES = [
  ['Europe/Berlin', '2026-03-29T01:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00Z'],
  ['America/Los_Angeles', '2026-03-08T10:00Z'],
  ['America/Los_Angeles', '2026-11-01T09:00Z'],
  ['Australia/Sydney', '2026-04-04T16:00Z'],
  ['Australia/Sydney', '2026-10-03T16:00Z'],
] as const;

it.each(CHANGES)(
  'a simulated lock in %s puts its clock on or back at %s, by what the hub tells it',
  (zone, text) => {
    const change = Date.parse(text);
    for (const daysBefore of [1, 30, 100]) {
      const { timeZone, dstStart, dstEnd, dstShift } = timeAttributes(zone, change - daysBefore * 86_400_000);
      let now = change;
      const clock = new LockClock(() => now, 0);
      clock.zone = zoneOf(timeZone, dstStart, dstEnd, dstShift);
      for (const minutes of [-61, -59, -1, 0, 1, 59, 61]) {
        now = change + minutes * MINUTE_MS;
        const shown = Math.floor((Date.parse(`${clock.local()}Z`) - Date.UTC(2000, 0, 1)) / 1000);
        expect([minutes, shown]).toEqual([minutes, localSeconds(zone, now)]);
      }
    }
  },
);
