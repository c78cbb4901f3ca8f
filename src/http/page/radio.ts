import type { LinkView, NodeView } from '../../core/radio-view.ts';
import { instantText, notedText } from '../../wire/instant-text.ts';
import type { ApiParts, Route } from '../route.ts';
import { commandStateOf } from './command-object.ts';
import { NO_PARAMS, pageRoute } from './page-route.ts';
import { sticksOf } from './sticks.ts';
import type { PageNode, PairingState, RadioView, Signal } from './types.ts';

/** `/page/radio`: networks as their libraries know them. */
export const pageRadio: Route = pageRoute({
  path: '/page/radio',
  verbs: ['GET'],
  scope: 'read',
  params: NO_PARAMS,
  act: (parts) => radioViewOf(parts),
});

/** `/page/pairing`: how far the admission or removal of a lock is. */
export const pagePairing: Route = pageRoute({
  path: '/page/pairing',
  verbs: ['GET'],
  scope: 'read',
  params: NO_PARAMS,
  act: (parts) => pairingStateOf(parts),
});

export function radioViewOf({
  radios,
  networks,
  sticks,
}: Pick<ApiParts, 'radios' | 'networks' | 'sticks'>): RadioView {
  const known = networks();
  return {
    sticks: sticksOf({ sticks }),
    radios: radios().map(({ radio, state, message, fault }) => {
      const network = known.find((other) => other.radio === radio)?.network ?? null;
      return {
        radio,
        state,
        fault: fault === undefined ? null : (message ?? fault),
        network: network?.network ?? null,
        library: network?.library ?? null,
        controller: network?.controller ?? null,
        frames: network?.frames ?? null,
        nodes: network?.nodes.map(nodeOf) ?? [],
      };
    }),
  };
}

function nodeOf(node: NodeView): PageNode {
  return {
    ...signalOf(node),
    address: node.address,
    device_id: node.deviceId,
    name: node.name,
    is_controller: node.isController,
    status: node.status,
    interview: node.interview,
    security: node.security,
    route: node.route,
    neighbors: node.neighbors,
    frames: node.frames,
  };
}

/** How the radio reaches a lock; `null`: it knows no such lock. */
export function signalOf(link: LinkView | null | undefined): Signal {
  return {
    last_heard_at: instantText(link?.lastHeardAt ?? null),
    rssi_dbm: link?.rssiDbm ?? null,
    link_quality: link?.linkQuality ?? null,
    round_trip_ms: link?.roundTripMs ?? null,
  };
}

/** What the radios know of the ways to their locks, by `device_id`, without a frame. */
export function linksOf({ networks }: Pick<ApiParts, 'networks'>): ReadonlyMap<string, LinkView> {
  const nodes = networks().flatMap(({ network }) => network?.nodes ?? []);
  return new Map(nodes.flatMap((node) => (node.deviceId === null ? [] : [[node.deviceId, node] as const])));
}

export function pairingStateOf({ pairing }: Pick<ApiParts, 'pairing'>): PairingState {
  const current = pairing();
  if (current === null) return { current: null };
  return {
    current: {
      command_id: current.commandId,
      kind: current.kind,
      radio: current.radio,
      device_id: current.deviceId,
      closes_at: notedText(current.closesAt),
      stage: current.stage,
      dsk: current.dsk,
      progress: current.progress,
      ended: current.ended === null ? null : commandStateOf(current.ended),
    },
  };
}
