import type { CommandClasses } from '@zwave-js/core';
import { jsonToNVM, nvmToJSON, type NVMJSON, type NVMJSONNodeWithInfo } from '@zwave-js/nvmedit';
import type { Message, MessageParsingContext, MessageRaw } from '@zwave-js/serial';
import {
  HardResetCallback,
  HardResetRequest,
  NVMOperationsRequest,
  NVMOperationsResponse,
  NVMOperationStatus,
  SetRFReceiveModeRequest,
  SetRFReceiveModeResponse,
  SoftResetRequest,
} from '@zwave-js/serial/serialapi';
import { Bytes } from '@zwave-js/shared';
import type { MockController, MockControllerBehavior, MockNode } from '@zwave-js/testing';

/** The firmware whose layout of the memory this is, a 700-series one. */
const SDK_VERSION = '7.17.2';
/** Longest piece that the stick reads or writes at a time. */
const PIECE_BYTES_MAX = 128;
/** First byte of a request. */
const COMMAND = { open: 0, read: 1, write: 2, close: 3 } as const;
/** In a request behind the command: length (1 byte) and offset (2 bytes, big endian), then what is to be written. */
const WRITTEN_AT = 4;
const RADIO_BITS = { region: 0, power: 0, maxPower: 140 } as const;

/** Gives zwave-js the parsers that it lacks for the requests to switch the radio off and on, and to forget the network. */
export function addStickParsers(): void {
  Object.assign(HardResetRequest, {
    from: ({ payload }: MessageRaw, _context: MessageParsingContext): HardResetRequest =>
      new HardResetRequest({ callbackId: payload[0] ?? 0 }),
  });
  Object.assign(SetRFReceiveModeRequest, {
    from: ({ payload }: MessageRaw, _context: MessageParsingContext): SetRFReceiveModeRequest =>
      new SetRFReceiveModeRequest({ enabled: payload[0] !== 0 }),
  });
}

/** The network that a stick is in, as its memory has it. */
export interface StickNetwork {
  readonly homeId: number;
  /** The stick itself not among them. */
  readonly nodeIds: readonly number[];
}

/**
 * What zwave-js's mock leaves out of a stick: a memory that outlasts it. A host reads it byte by byte as a backup, and
 * writes it to another stick, which is in that network from its next start on.
 */
export class StickMemory {
  readonly #controller: MockController;
  readonly #onRestart: (network: StickNetwork | null) => Promise<void>;
  #image: Uint8Array<ArrayBuffer> = new Uint8Array();
  #isWritten = false;

  /** `onRestart` is called when a stick whose memory was written starts anew; `null`: what was written is no memory. */
  constructor(controller: MockController, onRestart: (network: StickNetwork | null) => Promise<void>) {
    this.#controller = controller;
    this.#onRestart = onRestart;
  }

  /** What was half written when a host died is in effect at the next start of the stick. */
  behavior(): MockControllerBehavior {
    return {
      onHostMessage: async (_controller, message) => {
        if (message instanceof SetRFReceiveModeRequest) await this.#answerReceiveMode();
        else if (message instanceof HardResetRequest) await this.#reset(message);
        else if (message instanceof NVMOperationsRequest) await this.#answer(message);
        else {
          if (message instanceof SoftResetRequest) await this.#restart();
          return undefined;
        }
        return true;
      },
    };
  }

  async #answerReceiveMode(): Promise<void> {
    const response = new SetRFReceiveModeResponse({ success: true });
    response.payload = Bytes.from([1]);
    await this.#controller.sendMessageToHost(response);
  }

  async #answer({ payload }: NVMOperationsRequest): Promise<void> {
    const [command = COMMAND.close, length = 0] = payload;
    const offset = payload.length >= WRITTEN_AT ? payload.readUInt16BE(2) : 0;
    switch (command) {
      case COMMAND.open:
        if (!this.#isWritten) this.#image = Uint8Array.from(await imageOf(this.#controller));
        return this.#tell(NVMOperationStatus.OK, this.#image.length);
      case COMMAND.read: {
        const piece = this.#image.subarray(offset, offset + Math.min(length, PIECE_BYTES_MAX));
        return this.#tell(this.#statusAt(offset + piece.length), offset, Uint8Array.from(piece));
      }
      case COMMAND.write: {
        const piece = payload.subarray(WRITTEN_AT, WRITTEN_AT + length);
        if (offset + piece.length > this.#image.length) return this.#tell(NVMOperationStatus.Error, offset);
        this.#image.set(piece, offset);
        this.#isWritten = true;
        return this.#tell(this.#statusAt(offset + piece.length), offset);
      }
      case COMMAND.close:
        return this.#tell(NVMOperationStatus.OK, 0);
      default:
        return this.#tell(NVMOperationStatus.Error, 0);
    }
  }

  #statusAt(offset: number): NVMOperationStatus {
    return offset >= this.#image.length ? NVMOperationStatus.EndOfFile : NVMOperationStatus.OK;
  }

  async #tell(
    status: NVMOperationStatus,
    offsetOrSize: number,
    buffer: Uint8Array<ArrayBuffer> = new Uint8Array(),
  ): Promise<void> {
    const response: Message = new NVMOperationsResponse({ status, offsetOrSize, buffer });
    // The library can only parse this answer, so its bytes are written here.
    response.payload = Bytes.from([
      status,
      buffer.length,
      offsetOrSize >>> 8,
      offsetOrSize & 0xff,
      ...buffer,
    ]);
    await this.#controller.sendMessageToHost(response);
  }

  async #restart(): Promise<void> {
    if (!this.#isWritten) return;
    this.#isWritten = false;
    await this.#onRestart(await networkIn(this.#image));
  }

  /** A stick that is told to forgets its network at once, and says so. */
  async #reset({ callbackId = 0 }: HardResetRequest): Promise<void> {
    this.#isWritten = false;
    await this.#onRestart(null);
    const done = new HardResetCallback({ callbackId });
    done.payload = Bytes.from([callbackId]);
    await this.#controller.sendMessageToHost(done);
  }

  /** Another stick, fresh from the factory. */
  clear(): void {
    this.#isWritten = false;
  }
}

/** `null`: nobody can make sense of it, because its host died half way. */
async function networkIn(image: Uint8Array<ArrayBuffer>): Promise<StickNetwork | null> {
  try {
    const { controller, nodes } = await nvmToJSON(image);
    const nodeIds = Object.keys(nodes).map(Number);
    return {
      homeId: Number(controller.homeId),
      nodeIds: nodeIds.filter((nodeId) => nodeId !== controller.nodeId),
    };
  } catch {
    return null;
  }
}

/** The memory of a stick that is in the network which the mock shows. */
async function imageOf({ homeId, ownNodeId, nodes }: MockController): Promise<Uint8Array> {
  const maxNodeId = Math.max(ownNodeId, ...nodes.keys());
  const json: NVMJSON = {
    format: 4,
    controller: {
      protocolVersion: SDK_VERSION,
      applicationVersion: SDK_VERSION,
      homeId: `0x${homeId.toString(16).padStart(8, '0')}`,
      nodeId: ownNodeId,
      lastNodeId: maxNodeId,
      staticControllerNodeId: ownNodeId,
      sucLastIndex: 0,
      controllerConfiguration: 0,
      sucUpdateEntries: [],
      maxNodeId,
      reservedId: 0,
      systemState: 0,
      preferredRepeaters: [],
      rfConfig: {
        rfRegion: RADIO_BITS.region,
        txPower: RADIO_BITS.power,
        measured0dBm: RADIO_BITS.power,
        enablePTI: 0,
        maxTXPower: RADIO_BITS.maxPower,
        nodeIdType: 1,
      },
      isListening: true,
      optionalFunctionality: true,
      genericDeviceClass: 2,
      specificDeviceClass: 7,
      commandClasses: noClasses(),
      applicationData: null,
    },
    nodes: Object.fromEntries([...nodes.values()].map((node) => [node.id, entryOf(node)])),
  };
  return jsonToNVM(json, SDK_VERSION);
}

function noClasses(): NVMJSON['controller']['commandClasses'] {
  const none: CommandClasses[] = [];
  return { includedInsecurely: none, includedSecurelyInsecureCCs: none, includedSecurelySecureCCs: none };
}

function entryOf({ capabilities }: MockNode): NVMJSONNodeWithInfo {
  return {
    ...capabilities,
    isVirtual: false,
    specificDeviceClass: capabilities.specificDeviceClass,
    neighbors: [],
    sucUpdateIndex: 0,
    appRouteLock: false,
    routeSlaveSUC: false,
    sucPendingUpdate: false,
    pendingDiscovery: false,
    lwr: null,
    nlwr: null,
  };
}
