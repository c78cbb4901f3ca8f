import { Security2CCNonceGet, Security2CCNonceReport } from '@zwave-js/cc';
import {
  createMockZWaveRequestFrame,
  MockZWaveFrameType,
  type MockNode,
  type MockZWaveFrame,
  type MockZWaveRequestFrame,
} from '@zwave-js/testing';

/** Asks the hub for a nonce, with which the node can encrypt. Rejects when none comes in time. */
export async function requestNonce(node: MockNode, timeoutMs: number): Promise<void> {
  const nonce = node.expectControllerFrame(isNonceReport, { timeout: timeoutMs });
  const get = new Security2CCNonceGet({ nodeId: node.controller.ownNodeId });
  await node.sendToController(createMockZWaveRequestFrame(get, { ackRequested: false }));
  await nonce;
}

function isNonceReport(frame: MockZWaveFrame): frame is MockZWaveRequestFrame {
  return frame.type === MockZWaveFrameType.Request && frame.payload instanceof Security2CCNonceReport;
}
