import { ProtocolDataRate, TransmitStatus, parseNodeID, type TXReport } from '@zwave-js/core';
import {
  GetBackgroundRSSIRequest,
  GetBackgroundRSSIResponse,
  GetRoutingInfoRequest,
  GetRoutingInfoResponse,
  SendDataBridgeRequest,
  SendDataBridgeRequestTransmitReport,
  SendDataRequest,
  SendDataRequestTransmitReport,
} from '@zwave-js/serial/serialapi';
import type { Message, MessageParsingContext, MessageRaw } from '@zwave-js/serial';
import { Bytes } from '@zwave-js/shared';
import type { MockController, MockControllerBehavior } from '@zwave-js/testing';

/** Bytes of a bit mask of all nodes of a network. */
const NODE_MASK_BYTES = 29;
/** Loudest and faintest that a lock of the house is heard, in dBm; which, is by its address. */
const RSSI_MAX_DBM = -48;
const RSSI_STEP_DBM = 5;
const RSSI_STEPS = 8;
const NOISE_FLOOR_DBM = -102;
/** Transmissions whose reports are not made yet; a host waits for one at a time. */
const UNDERWAY_MAX = 32;
const TICK_MS = 10;
/** In the request for neighbours: those that repeat nothing are left out. */
const NON_REPEATERS = 0b0100_0000;

interface Transmission {
  readonly nodeId: number;
  readonly beganAtMs: number;
}

/** Gives zwave-js the parser that it lacks for the question which nodes hear which. */
export function addRoutingInfoParser(): void {
  Object.assign(GetRoutingInfoRequest, {
    from: (raw: MessageRaw, context: MessageParsingContext): GetRoutingInfoRequest => {
      const { nodeId, bytesRead } = parseNodeID(raw.payload, context.nodeIdType);
      const removeNonRepeaters = ((raw.payload[bytesRead] ?? 0) & NON_REPEATERS) !== 0;
      return new GetRoutingInfoRequest({ nodeId, removeNonRepeaters });
    },
  });
}

/**
 * What zwave-js's mock leaves out of a stick: it tells how long a transmission took and how loud its acknowledgement was,
 * and which nodes hear which. In this house everybody hears everybody, and locks repeat nothing.
 */
export class Signal {
  readonly #underway = new Map<number, Transmission>();

  /** @param heard addresses of all that is on the air, the stick included */
  behavior(heard: () => readonly number[]): MockControllerBehavior {
    return {
      onHostMessage: async (controller, message) => {
        if (message instanceof GetRoutingInfoRequest) {
          await tellNeighbors(controller, message, heard());
          return true;
        }
        if (message instanceof GetBackgroundRSSIRequest) {
          await tellNoise(controller);
          return true;
        }
        const isSending = message instanceof SendDataRequest || message instanceof SendDataBridgeRequest;
        if (isSending) this.#begin(message.callbackId ?? 0, message.getNodeId() ?? 0);
        return undefined;
      },
    };
  }

  /** The message, or in place of a report that a lock has acknowledged a transmission one that says how. */
  completed(message: Message): Message {
    const isReport = message instanceof SendDataRequestTransmitReport;
    if (!isReport && !(message instanceof SendDataBridgeRequestTransmitReport)) return message;
    const { callbackId = 0, transmitStatus } = message;
    const sent = this.#underway.get(callbackId);
    this.#underway.delete(callbackId);
    if (sent === undefined || transmitStatus !== TransmitStatus.OK) return message;
    const report = { callbackId, transmitStatus, txReport: reportOf(sent) };
    return isReport
      ? new SendDataRequestTransmitReport(report)
      : new SendDataBridgeRequestTransmitReport(report);
  }

  #begin(callbackId: number, nodeId: number): void {
    if (this.#underway.size >= UNDERWAY_MAX) this.#underway.clear();
    this.#underway.set(callbackId, { nodeId, beganAtMs: performance.now() });
  }
}

function reportOf({ nodeId, beganAtMs }: Transmission): TXReport {
  return {
    txTicks: Math.round((performance.now() - beganAtMs) / TICK_MS),
    repeaterNodeIds: [],
    routeSpeed: ProtocolDataRate.ZWave_100k,
    routeSchemeState: 0,
    routingAttempts: 1,
    beam1000ms: false,
    beam250ms: false,
    ackRSSI: RSSI_MAX_DBM - (nodeId % RSSI_STEPS) * RSSI_STEP_DBM,
    ackChannelNo: 0,
    txChannelNo: 0,
    measuredNoiseFloor: NOISE_FLOOR_DBM,
  };
}

async function tellNoise(controller: MockController): Promise<void> {
  const [rssiChannel0, rssiChannel1] = [NOISE_FLOOR_DBM, NOISE_FLOOR_DBM];
  const response = new GetBackgroundRSSIResponse({ rssiChannel0, rssiChannel1 });
  await controller.sendMessageToHost(response);
}

/** The library can only parse this answer, so its bytes are written here. */
async function tellNeighbors(
  controller: MockController,
  request: GetRoutingInfoRequest,
  heard: readonly number[],
): Promise<void> {
  const others = heard.filter((nodeId) => nodeId !== request.sourceNodeId);
  // Only the stick would repeat for others.
  const nodeIds = request.removeNonRepeaters ? [] : others;
  const response = new GetRoutingInfoResponse({ nodeIds: [...nodeIds] });
  const mask = new Uint8Array(NODE_MASK_BYTES);
  for (const nodeId of nodeIds) {
    const index = (nodeId - 1) >>> 3;
    mask[index] = (mask[index] ?? 0) | (1 << ((nodeId - 1) & 7));
  }
  response.payload = Bytes.from(mask);
  await controller.sendMessageToHost(response);
}
