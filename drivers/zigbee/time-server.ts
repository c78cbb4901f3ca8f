import { Zcl, type Models } from 'zigbee-herdsman';
import { isExact } from '../../src/core/timing/lock-clock.ts';
import { middleOf, type TimeReading } from '../../src/core/time.ts';
import { timeAttributes } from './local-time.ts';

const served = new WeakMap<Models.Device, number>();

/** When this lock was last answered, by the monotonic clock of the process; `null`: it has not asked. */
export function lastServedMs(device: Models.Device): number | null {
  return served.get(device) ?? null;
}

/**
 * Answers a lock that asks the hub for the time with that of its site. The library's own answer knows only the zone of the
 * process. While the hub does not know the time it answers that it has none. The library forgets this with each start, so it is set again for each lock that is met.
 */
export function serveTime(device: Models.Device, zone: string, now: () => TimeReading): void {
  device.customReadResponse = (frame, endpoint) => {
    if (frame.cluster.ID !== Zcl.Clusters.genTime.ID) return false;
    const reading = now();
    // A lock is better off with its own time than with one that nobody vouches for.
    const isKnown = isExact(reading);
    const told: Readonly<Record<string, number>> = { ...timeAttributes(zone, middleOf(reading)) };
    const asked = frame.payload as readonly { readonly attrId: number }[];
    const answer: Record<string, unknown> = {};
    for (const { attrId } of asked) {
      const name = nameOf(attrId);
      if (name === undefined || !isKnown) answer[attrId] = { value: undefined, type: Zcl.DataType.NO_DATA };
      else answer[name] = told[name];
    }
    const speaker = endpoint as unknown as Speaker;
    // A lock that sleeps again before it has its answer asks again.
    speaker.readResponse(frame.cluster.ID, frame.header.transactionSequenceNumber, answer).then(
      () => isKnown && served.set(device, performance.now()),
      () => undefined,
    );
    return true;
  };
}

interface Speaker {
  readResponse(cluster: number, transaction: number, values: Record<string, unknown>): Promise<unknown>;
}

/** Numbers of the Time cluster's attributes (ZCL 12.2.2). */
const NAMES = [
  'time',
  'timeStatus',
  'timeZone',
  'dstStart',
  'dstEnd',
  'dstShift',
  'standardTime',
  'localTime',
  'lastSetTime',
  'validUntilTime',
] as const;

function nameOf(attribute: number): string | undefined {
  return NAMES[attribute];
}
