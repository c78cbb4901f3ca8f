import { randomUUID } from 'node:crypto';
import type { Reported } from '../cloud/messages/up.ts';
import type { RadioKind } from '../core/lock-event.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Instant } from '../core/time.ts';
import type { DesiredCode } from './backend.ts';
import type { HouseLock } from './house.ts';

/** One lock under both its names: the hub's `device_id`, and the house's `id` at the control interface. */
export interface DemoLock {
  readonly deviceId: string;
  readonly id: string;
  readonly radio: RadioKind;
  /** It enforces schedules by its own clock. */
  readonly native: boolean;
}

/** Matches what the hub reported with what is in the house, by address; in the order of the house. */
export function pairLocks(house: readonly HouseLock[], reported: Iterable<Reported>): readonly DemoLock[] {
  const byAddress = new Map([...reported].map((report) => [report.device.address, report]));
  return house.flatMap((lock) => {
    const report = byAddress.get(lock.address);
    if (!report?.device.capabilities) return [];
    const native = report.device.capabilities.native_scheduling !== null;
    return [{ deviceId: report.device_id, id: lock.id, radio: lock.radio, native }];
  });
}

/**
 * The codes that the demo wants on one lock: the owner's, for ever, and one with a window: tomorrow where the lock
 * keeps schedules itself (so it is on the lock today), in two minutes where the hub has to do it just in time.
 */
export function sampleCodes(lock: DemoLock, index: number, now: Instant): readonly DesiredCode[] {
  const owner = { access_code_id: randomUUID(), name: 'Owner', code: `2580${index}` };
  const window = lock.native
    ? { name: 'Guest', startsAt: now + DAY_MS, endsAt: now + DAY_MS + 4 * HOUR_MS }
    : { name: 'Cleaner', startsAt: now + 2 * MINUTE_MS, endsAt: now + 5 * MINUTE_MS };
  return [
    owner,
    { ...timeBound(window.name, `1470${index}`, window.startsAt, window.endsAt), strict_start: true },
  ];
}

/** A code that opens from `startsAt` until `endsAt`. */
export function timeBound(name: string, code: string, startsAt: Instant, endsAt: Instant): DesiredCode {
  return {
    access_code_id: randomUUID(),
    name,
    code,
    starts_at: new Date(startsAt).toISOString(),
    ends_at: new Date(endsAt).toISOString(),
  };
}
