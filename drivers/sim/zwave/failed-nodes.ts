import { parseNodeID } from '@zwave-js/core';
import type { MessageParsingContext, MessageRaw } from '@zwave-js/serial';
import {
  RemoveFailedNodeRequestStatusReport,
  RemoveFailedNodeResponse,
  RemoveFailedNodeStartFlags,
  RemoveFailedNodeStatus,
  ReplaceFailedNodeRequest,
  ReplaceFailedNodeRequestStatusReport,
  ReplaceFailedNodeResponse,
  ReplaceFailedNodeStartFlags,
  ReplaceFailedNodeStatus,
  type RemoveFailedNodeRequest,
} from '@zwave-js/serial/serialapi';
import { Bytes } from '@zwave-js/shared';
import type { MockController } from '@zwave-js/testing';
import { arrivals } from '../lock/fault.ts';
import type { Site } from './inclusion.ts';

// The library only makes these requests and only parses their answers, so the other halves are written here.

/** Gives zwave-js the parser that it lacks for the request to replace a node. */
export function addReplaceParser(): void {
  Object.assign(ReplaceFailedNodeRequest, {
    from: (raw: MessageRaw, context: MessageParsingContext): ReplaceFailedNodeRequest => {
      const { nodeId, bytesRead } = parseNodeID(raw.payload, context.nodeIdType);
      const callbackId = raw.payload[bytesRead] ?? 0;
      return new ReplaceFailedNodeRequest({ failedNodeId: nodeId, callbackId });
    },
  });
}

/** Takes a node off the list. It counts as failed when it does not answer just now. */
export async function removeFailed(
  controller: MockController,
  site: Site,
  { failedNodeId, callbackId = 0 }: RemoveFailedNodeRequest,
): Promise<void> {
  const response = new RemoveFailedNodeResponse({ removeStatus: RemoveFailedNodeStartFlags.OK });
  response.payload = Bytes.from([RemoveFailedNodeStartFlags.OK]);
  await controller.sendMessageToHost(response);
  const isThere = answers(site, failedNodeId);
  const removeStatus = isThere ? RemoveFailedNodeStatus.NodeOK : RemoveFailedNodeStatus.NodeRemoved;
  if (!isThere) site.forget(failedNodeId);
  const report = new RemoveFailedNodeRequestStatusReport({ callbackId, removeStatus });
  report.payload = Bytes.from([callbackId, removeStatus]);
  await controller.sendMessageToHost(report);
}

/** Answers whether the network may be opened for a lock that takes the place of this one. */
export async function mayReplace(
  controller: MockController,
  site: Site,
  { failedNodeId, callbackId = 0 }: ReplaceFailedNodeRequest,
): Promise<boolean> {
  const response = new ReplaceFailedNodeResponse({ replaceStatus: ReplaceFailedNodeStartFlags.OK });
  response.payload = Bytes.from([ReplaceFailedNodeStartFlags.OK]);
  await controller.sendMessageToHost(response);
  const isThere = answers(site, failedNodeId);
  const status = isThere ? ReplaceFailedNodeStatus.NodeOK : ReplaceFailedNodeStatus.FailedNodeReplace;
  await tellReplaced(controller, callbackId, status);
  return !isThere;
}

/** Tells the host how far the replacement is. */
export async function tellReplaced(
  controller: MockController,
  callbackId: number,
  replaceStatus: ReplaceFailedNodeStatus,
): Promise<void> {
  const report = new ReplaceFailedNodeRequestStatusReport({ callbackId, replaceStatus });
  report.payload = Bytes.from([callbackId, replaceStatus]);
  await controller.sendMessageToHost(report);
}

function answers(site: Site, nodeId: number): boolean {
  const device = site.devices().find(({ address }) => address === nodeId);
  return device?.membership.joined === true && arrivals(device.fault, site.random) > 0;
}
