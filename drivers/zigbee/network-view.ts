import type { Controller, Models } from 'zigbee-herdsman';
import type { NetworkView, NodeView } from '../../src/core/radio-view.ts';
import type { Discovery } from './discovery.ts';
import type { ZigbeeNetworkKeys } from './keys.ts';
import type { Parents } from './parents.ts';

/** Every frame in a Zigbee network is encrypted by its key. */
const SECURITY = 'network key';
const LIBRARY = 'zigbee-herdsman 10.9.5';

/** One running controller. */
export interface Network {
  readonly controller: Controller;
  readonly discovery: Discovery;
  readonly parents: Parents;
  /** Name and version of the stick. */
  readonly stick: string;
}

/** What the library knows of its network; asks nobody. */
export function viewOf(network: Network, keys: ZigbeeNetworkKeys): NetworkView {
  const { controller, stick } = network;
  return {
    network: `0x${keys.panId.toString(16).padStart(4, '0')}`,
    library: LIBRARY,
    controller: stick,
    frames: null,
    nodes: [...controller.getDevicesIterator()].map((device) => nodeView(device, network)),
  };
}

function nodeView(device: Models.Device, { discovery, parents }: Network): NodeView {
  const isController = device.type === 'Coordinator';
  const ieee = device.ieeeAddr;
  return {
    address: ieee,
    deviceId: discovery.memberAt(ieee)?.deviceId ?? null,
    name: isController ? 'Coordinator' : nameOf(device),
    isController,
    status: isController ? 'awake' : statusOf(device, discovery),
    interview: discovery.isAsked(ieee) ? 'asking what it can do' : null,
    security: isController ? null : SECURITY,
    route: isController ? null : parents.routeTo(ieee),
    neighbors: null,
    lastHeardAt: device.lastSeen ?? null,
    rssiDbm: null,
    linkQuality: isController ? null : (device.linkquality ?? null),
    roundTripMs: null,
    frames: null,
  };
}

function nameOf({ manufacturerName, modelID, ieeeAddr }: Models.Device): string {
  const name = [manufacturerName, modelID].filter((part) => part !== undefined && part !== '').join(' ');
  return name === '' ? ieeeAddr : name;
}

function statusOf(device: Models.Device, discovery: Discovery): NodeView['status'] {
  if (discovery.memberAt(device.ieeeAddr) === undefined) return 'unknown';
  if (!discovery.isOnline(device.ieeeAddr)) return 'dead';
  return device.type === 'EndDevice' ? 'asleep' : 'awake';
}
