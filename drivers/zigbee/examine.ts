import type { Models } from 'zigbee-herdsman';
import type { LockDescription } from '../../src/core/lock-event.ts';
import type { DiscoveryOptions } from './discovery.ts';
import { interview, shownBy } from './interview/interview.ts';
import { LateAnswers } from './late-answers.ts';
import type { ZigbeeLock } from './lock.ts';
import { describe, knownFindings, lockEndpointOf, profileOf, timesOf } from './profile.ts';
import { serveTime } from './time-server.ts';

/** A device, once it was asked what it is and can do. */
export type Examined =
  | { readonly kind: 'stranger' | 'failed' }
  | {
      readonly kind: 'lock';
      readonly found: Pick<ZigbeeLock, 'device' | 'endpoint' | 'late' | 'profile' | 'times'>;
      readonly description: LockDescription;
      /** It was asked just now: what it said is to be kept. */
      readonly isNew: boolean;
    };

/**
 * Asks a device what it is and can do, or remembers it.
 * @param before the same lock, as it was met earlier
 * @param anew everything is asked again, whatever is remembered
 */
export async function examine(
  device: Models.Device,
  { controller, storage, times, zone, now }: DiscoveryOptions,
  before: ZigbeeLock | undefined,
  anew: boolean,
  onProgress: (progress: number) => void,
): Promise<Examined> {
  const ieee = device.ieeeAddr;
  const endpoint = lockEndpointOf(device);
  if (endpoint === undefined) return { kind: 'stranger' };
  serveTime(device, zone, now);
  const coordinator = controller.getDevicesByType('Coordinator')[0]?.endpoints[0];
  if (coordinator === undefined) throw new Error('the coordinator has no end point');
  const known = anew ? undefined : knownFindings(ieee, storage);
  const line = { endpoint, late: before?.late ?? new LateAnswers(), times: timesOf(device, times) };
  const findings = known ?? (await interview(device, line, coordinator, onProgress));
  if (findings === null) return { kind: 'failed' };
  const profile = profileOf(device, findings);
  const isNew = known === undefined;
  const description = describe(device, profile, isNew ? shownBy({ endpoint }) : undefined);
  return { kind: 'lock', found: { device, ...line, profile }, description, isNew };
}
