import type { Models } from 'zigbee-herdsman';
import { readNumber } from '../attributes.ts';
import { bindTo, reportBattery } from '../interview/configure.ts';
import type { Member } from '../lock.ts';

/** What a keypad showed while it was set up; `null` for what it does not tell. */
export interface Shown {
  readonly battery: number | null;
  readonly zoneStatus: number | null;
}

/**
 * Has a keypad tell the hub what is typed, once, when it joins; the library has enrolled its zone by then. `null`: it was
 * not there for all of it, and is to be set up again.
 *
 * @param coordinator where it tells things
 */
export async function setUp(
  { endpoint, times }: Pick<Member, 'endpoint' | 'times'>,
  coordinator: Models.Endpoint,
): Promise<Shown | null> {
  const bound = await bindTo(endpoint, 'ssIasAce', coordinator);
  // Makes that refuse the binding send to the coordinator without one.
  if (bound !== null && bound.kind !== 'default') return null;
  if (endpoint.supportsInputCluster('ssIasZone')) await bindTo(endpoint, 'ssIasZone', coordinator);
  await reportBattery(endpoint, coordinator, times.questionMs);
  const ask = async (cluster: string, attribute: string): Promise<number | null | undefined> => {
    if (!endpoint.supportsInputCluster(cluster)) return null;
    const answer = await readNumber({ endpoint, times }, cluster, attribute);
    return answer.kind === 'answer' ? answer.payload : undefined;
  };
  const battery = await ask('genPowerCfg', 'batteryPercentageRemaining');
  const zoneStatus = await ask('ssIasZone', 'zoneStatus');
  return battery === undefined || zoneStatus === undefined ? null : { battery, zoneStatus };
}
