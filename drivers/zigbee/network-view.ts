import type { Controller, Models } from 'zigbee-herdsman';
import type { NetworkView, NodeView } from '../../src/core/radio-view.ts';
import type { Discovery } from './discovery.ts';
import type { ZigbeeNetworkKeys } from './keys.ts';

const LIBRARY = 'zigbee-herdsman 10.9.5';

/** One running controller. */
export interface Network {
  readonly controller: Controller;
  readonly discovery: Discovery;
  /** Name and version of the stick. */
  readonly stick: string;
}

/** What the library knows of its network; asks nobody. */
export function viewOf({ controller, discovery, stick }: Network, keys: ZigbeeNetworkKeys): NetworkView {
  return {
    network: `0x${keys.panId.toString(16).padStart(4, '0')}`,
    library: LIBRARY,
    controller: stick,
    frames: null,
    nodes: [...controller.getDevicesIterator()].map((device) => nodeView(device, discovery)),
  };
}

function nodeView(device: Models.Device, discovery: Discovery): NodeView {
  const isController = device.type === 'Coordinator';
  const ieee = device.ieeeAddr;
  return {
    address: ieee,
    deviceId: discovery.lockAt(ieee)?.deviceId ?? null,
    name: isController ? 'Coordinator' : nameOf(device),
    isController,
    status: isController ? 'awake' : statusOf(device, discovery),
    interview: discovery.isAsked(ieee) ? 'asking what it can do' : null,
    security: null,
    route: null,
    neighbors: null,
    lastHeardAt: device.lastSeen ?? null,
    rssiDbm: null,
    roundTripMs: null,
    frames: null,
  };
}

function nameOf({ manufacturerName, modelID, ieeeAddr }: Models.Device): string {
  const name = [manufacturerName, modelID].filter((part) => part !== undefined && part !== '').join(' ');
  return name === '' ? ieeeAddr : name;
}

function statusOf(device: Models.Device, discovery: Discovery): NodeView['status'] {
  if (discovery.lockAt(device.ieeeAddr) === undefined) return 'unknown';
  if (!discovery.isOnline(device.ieeeAddr)) return 'dead';
  return device.type === 'EndDevice' ? 'asleep' : 'awake';
}
