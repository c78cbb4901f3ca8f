import type { Slot } from '../slot.ts';
import { SECOND_MS, type Instant, type TimeReading } from '../time.ts';

/** Some locks show a slot as empty for a while after it was written (field note 7). */
const STALE_FOR_MS = 15 * SECOND_MS;

/** Until when a reading that shows a slot of ours as empty proves nothing, because we wrote there just before. */
export function staleTill({ writtenAt }: Slot): Instant {
  return (writtenAt ?? Number.NEGATIVE_INFINITY) + STALE_FOR_MS;
}

/** What a slot shows may still be what it held before our last write. */
export function mayBeStale(row: Slot, now: TimeReading): boolean {
  return row.writtenAt !== null && row.writtenAt <= now.earliest && now.earliest < staleTill(row);
}
