import { InterviewStage, isRssiError, NodeStatus, SecurityClass, type RSSI } from '@zwave-js/core';
import { libVersion, type ZWaveNode } from 'zwave-js';
import type { FrameCounts, NetworkView, NodeView } from '../../src/core/radio-view.ts';
import type { Network } from './pairing/network.ts';

/** Neighbours by node, as they were last asked for. */
export type Neighbors = ReadonlyMap<number, readonly number[]>;

/** What the library knows of its network; asks nobody. */
export function viewOf(network: Network, neighbors: Neighbors): NetworkView {
  const { controller } = network.driver;
  const { statistics } = controller;
  return {
    network: (controller.homeId ?? 0).toString(16).padStart(8, '0'),
    library: `zwave-js ${libVersion}`,
    controller: describeController(network),
    frames: {
      sent: statistics.messagesTX,
      received: statistics.messagesRX,
      failed: statistics.messagesDroppedTX + statistics.timeoutACK + statistics.timeoutCallback,
    },
    nodes: [...controller.nodes.values()].map((node) => nodeView(node, network, neighbors)),
  };
}

function describeController({ driver: { controller } }: Network): string {
  const { deviceConfig } = controller.nodes.get(controller.ownNodeId ?? 0) ?? {};
  const name = deviceConfig ? `${deviceConfig.manufacturer} ${deviceConfig.label}` : 'Z-Wave controller';
  const { firmwareVersion } = controller;
  return firmwareVersion === undefined ? name : `${name}, firmware ${firmwareVersion}`;
}

function nodeView(node: ZWaveNode, { discovery }: Network, neighbors: Neighbors): NodeView {
  const { statistics, isControllerNode } = node;
  return {
    address: node.id,
    deviceId: discovery.deviceIdAt(node.id) ?? null,
    name: nameOf(node),
    isController: isControllerNode,
    status: isControllerNode ? 'awake' : statusOf(node.status),
    interview: node.interviewStage === InterviewStage.Complete ? null : InterviewStage[node.interviewStage],
    security: isControllerNode ? null : securityOf(node),
    route: isControllerNode ? null : (statistics.lwr?.repeaters ?? null),
    neighbors: neighbors.get(node.id) ?? null,
    lastHeardAt: node.lastSeen?.getTime() ?? null,
    rssiDbm: rssiOf(node),
    linkQuality: null,
    roundTripMs: statistics.rtt ?? null,
    frames: isControllerNode ? null : framesOf(node),
  };
}

function framesOf({ statistics }: ZWaveNode): FrameCounts {
  return {
    sent: statistics.commandsTX,
    received: statistics.commandsRX,
    failed: statistics.commandsDroppedTX + statistics.timeoutResponse,
  };
}

/** dBm of the last acknowledgement that the controller heard, else of what the node sent. */
export function rssiOf({ statistics }: ZWaveNode): number | null {
  return dbmOf(statistics.lwr?.rssi) ?? dbmOf(statistics.rssi);
}

function dbmOf(rssi: RSSI | undefined): number | null {
  return rssi === undefined || isRssiError(rssi) ? null : rssi;
}

function nameOf({ id, deviceConfig, isControllerNode }: ZWaveNode): string {
  if (deviceConfig) return `${deviceConfig.manufacturer} ${deviceConfig.label}`;
  return isControllerNode ? 'Controller' : `Node ${id}`;
}

function statusOf(status: NodeStatus): NodeView['status'] {
  switch (status) {
    case NodeStatus.Awake:
    case NodeStatus.Alive:
      return 'awake';
    case NodeStatus.Asleep:
      return 'asleep';
    case NodeStatus.Dead:
      return 'dead';
    case NodeStatus.Unknown:
      return 'unknown';
  }
}

function securityOf(node: ZWaveNode): string | null {
  const highest = node.getHighestSecurityClass();
  return highest === undefined ? null : SecurityClass[highest];
}
