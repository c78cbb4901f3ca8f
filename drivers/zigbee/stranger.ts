import type { Models } from 'zigbee-herdsman';

/** Longest name of a maker or model that is told; the rest says nothing to a person. */
const NAME_MAX = 40;

/** What a device that cannot be used is, and why it was sent away, for a person. Its names are its own words. */
export function wordsOfStranger(
  device: Pick<Models.Device, 'ieeeAddr' | 'manufacturerName' | 'modelID'> & {
    readonly endpoints: readonly Pick<Models.Endpoint, 'supportsInputCluster'>[];
  },
): string {
  const name = [device.manufacturerName, device.modelID].map(printable).filter(Boolean).join(' ');
  const what = name === '' ? 'A device that tells neither make nor model' : name;
  const isTuya = device.endpoints.some((endpoint) => endpoint.supportsInputCluster('manuSpecificTuya'));
  const why = isTuya
    ? "speaks only Tuya's own language, in which this hub can set no codes"
    : 'has no door lock as Zigbee defines one (cluster 0x0101)';
  return `${what} (${device.ieeeAddr}) asked to join and was sent away: it ${why}.`;
}

function printable(text: string | undefined): string {
  return (text ?? '')
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '')
    .trim()
    .slice(0, NAME_MAX);
}
