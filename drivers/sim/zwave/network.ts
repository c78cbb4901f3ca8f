import { CommandClass } from '@zwave-js/cc';
import { CommandClasses } from '@zwave-js/core';
import { FunctionType } from '@zwave-js/serial';
import { createAndOpenMockedZWaveSerialPort } from '@zwave-js/serial/mock';
import {
  getDefaultSupportedFunctionTypes,
  MockController,
  MockZWaveFrameType,
  type MockNode,
} from '@zwave-js/testing';
import { createDefaultMockControllerBehaviors } from 'zwave-js/Testing';
import type { SimLock } from '../lock/lock.ts';
import type { Random } from '../random.ts';
import { openSerialBridge } from './bridge.ts';
import { addReplaceParser } from './failed-nodes.ts';
import { Inclusion, type Site } from './inclusion.ts';
import { SimKeypad } from '../keypad.ts';
import { addKeypadParser, createKeypadNode } from './keypad-node.ts';
import type { NetworkKeys } from './keys.ts';
import { createLockNode, type Device, type LockNode, type LockNodeOptions } from './node.ts';
import { forgetKeys } from './security.ts';
import { addRoutingInfoParser, Signal } from './signal.ts';
import { addStickParsers, StickMemory, type StickNetwork } from './stick-memory.ts';
import { addMissingParsers } from './time.ts';

/** Home ids of controllers lie in this range. */
export const FIRST_HOME_ID = 0xc0000000;
export const HOME_IDS = 0x3fffffff;

export interface ZwaveNetworkOptions extends LockNodeOptions {
  /** All that hang in the house, in the network or not; may grow. */
  readonly locks: readonly SimLock[];
  /** The same of keypads. */
  readonly keypads: readonly SimKeypad[];
  readonly keys: NetworkKeys;
  readonly homeId: number;
  /** TCP port on loopback, 0 for any. */
  readonly port: number;
}

export interface ZwaveNetwork {
  readonly port: number;
  /** Somebody pulls the stick and plugs in another one, fresh from the factory. */
  replaceStick(): void;
  stop(): Promise<void>;
}

/** A Z-Wave stick with its network, behind TCP: real frames of the real library, the locks' own truth. */
export async function startZwaveNetwork(options: ZwaveNetworkOptions): Promise<ZwaveNetwork> {
  addMissingParsers();
  addKeypadParser();
  addReplaceParser();
  addRoutingInfoParser();
  addStickParsers();
  const { serial, port: mockPort } = await createAndOpenMockedZWaveSerialPort();
  const controller = await MockController.create({
    mockPort,
    serial,
    homeId: options.homeId,
    securityKeys: options.keys,
    capabilities: {
      supportedFunctionTypes: [
        ...getDefaultSupportedFunctionTypes(),
        FunctionType.RemoveFailedNode,
        FunctionType.ReplaceFailedNode,
        FunctionType.GetRoutingInfo,
        FunctionType.GetBackgroundRSSI,
        FunctionType.SetRFReceiveMode,
        FunctionType.NVMOperations,
        FunctionType.HardReset,
      ],
    },
  });
  controller.defineBehavior(...createDefaultMockControllerBehaviors());
  const site = new Nodes(controller, options);
  for (const device of site.devices()) if (device.membership.joined) await site.place(device);
  const inclusion = new Inclusion(controller, site);
  const signal = new Signal();
  const memory = new StickMemory(controller, (network) => site.restart(network));
  controller.defineBehavior(
    inclusion.behavior(),
    memory.behavior(),
    signal.behavior(() => [controller.ownNodeId, ...site.addresses()]),
  );
  const bridge = await openSerialBridge({
    serial,
    port: options.port,
    // The last client may have died in the middle of a transmission, and the mock would refuse the next one.
    onClient: () => {
      controller.state.clear();
      inclusion.reset();
    },
  });
  keepAlive(controller, signal, () => bridge.connected());
  return {
    port: bridge.port,
    replaceStick: () => {
      bridge.unplug();
      memory.clear();
      site.unplug();
    },
    stop: async () => {
      inclusion.stop();
      controller.destroy();
      await bridge.close();
      mockPort.destroy();
    },
  };
}

/** The nodes that the stick lists, and the locks and keypads that they are or were. */
class Nodes implements Site {
  readonly random: Random;
  readonly #controller: MockController;
  readonly #options: ZwaveNetworkOptions;
  readonly #nodes = new Map<number, LockNode>();
  /** The network that a device is in or was, by its home id. */
  readonly #homes = new WeakMap<Device, number>();

  constructor(controller: MockController, options: ZwaveNetworkOptions) {
    this.#controller = controller;
    this.#options = options;
    this.random = options.random;
  }

  devices(): readonly Device[] {
    return [...this.#options.locks, ...this.#options.keypads];
  }

  async place(device: Device): Promise<MockNode> {
    const placed =
      device instanceof SimKeypad
        ? await createKeypadNode(this.#controller, device, this.#options)
        : await createLockNode(this.#controller, device, this.#options);
    this.#nodes.set(device.address, placed);
    this.#homes.set(device, this.#controller.homeId);
    return placed.node;
  }

  /** Another stick, in a network of its own that nobody else is in; the devices stay in theirs. */
  unplug(): void {
    this.#enter(FIRST_HOME_ID + Math.floor(this.random() * HOME_IDS));
  }

  /** The stick starts with a memory that was written: those of its network hear it, and who is not there does not. */
  async restart(network: StickNetwork | null): Promise<void> {
    if (network === null) {
      this.unplug();
      return;
    }
    this.#enter(network.homeId);
    for (const device of this.devices()) {
      const isThere = device.membership.joined && this.#homes.get(device) === network.homeId;
      if (isThere && network.nodeIds.includes(device.address)) await this.place(device);
    }
  }

  #enter(homeId: number): void {
    for (const nodeId of this.addresses()) this.forget(nodeId);
    this.#controller.homeId = homeId;
    this.#controller.encodingContext.homeId = homeId;
    this.#controller.parsingContext.homeId = homeId;
  }

  /** A device that the stick still lists under its old address gets a new one. */
  async admit(device: Device): Promise<MockNode> {
    const others = this.devices()
      .filter((one) => one !== device)
      .map(({ address }) => address);
    while (this.#nodes.has(device.address) || others.includes(device.address)) device.address += 1;
    const node = await this.place(device);
    await forgetKeys(node, device);
    device.membership.admitted();
    return node;
  }

  /** It gets the address of a device that is gone, and that one another, should it ever come back. */
  async admitAs(device: Device, nodeId: number): Promise<MockNode> {
    const old = this.devices().find(({ address }) => address === nodeId);
    this.forget(nodeId);
    if (old !== undefined && old !== device) {
      old.membership.dismissed();
      old.address = device.address;
    }
    device.address = nodeId;
    return this.admit(device);
  }

  addresses(): readonly number[] {
    return [...this.#nodes.keys()];
  }

  dismiss(device: Device): void {
    this.forget(device.address);
    device.membership.dismissed();
  }

  forget(nodeId: number): void {
    this.#nodes.get(nodeId)?.leave();
    this.#nodes.delete(nodeId);
  }
}

/**
 * The mock is made for short tests and gives up at the first surprise. A house must outlive hubs that are killed in
 * the middle of a frame and frames that the mock cannot parse.
 */
function keepAlive(controller: MockController, signal: Signal, connected: () => boolean): void {
  const expectHostAck = controller.expectHostACK.bind(controller);
  controller.expectHostACK = async (timeoutMs) => {
    // A hub that died does not acknowledge, and that is no reason to stop.
    await expectHostAck(timeoutMs).catch(() => undefined);
  };
  const sendMessageToHost = controller.sendMessageToHost.bind(controller);
  controller.sendMessageToHost = async (message, fromNode) => {
    if (!connected()) return;
    // A frame whose S2 state changed while it waited to be sent cannot be encrypted any more and is lost.
    await sendMessageToHost(signal.completed(message), fromNode).catch(() => undefined);
  };
  const onHostMessage: (received: unknown) => Promise<void> = controller['serialOnData'].bind(controller);
  controller['serialOnData'] = async (received: unknown) => {
    controller.clearReceivedHostMessages();
    // What the mock cannot make sense of goes unanswered, as with a real stick; the hub's own time-outs handle it.
    await onHostMessage(received).catch(() => undefined);
  };
  const sendToNode = controller.sendToNode.bind(controller);
  controller.sendToNode = (node, frame) =>
    sendToNode(
      node,
      frame.type === MockZWaveFrameType.Request
        ? { ...frame, payload: () => parsed(frame.payload, controller.ownNodeId) }
        : frame,
    );
}

type LazyPayload = CommandClass | (() => Promise<CommandClass>);

/** An unparseable command would end the air loop that all nodes share, so it arrives as a ping instead. */
async function parsed(payload: LazyPayload, hubId: number): Promise<CommandClass> {
  try {
    return typeof payload === 'function' ? await payload() : payload;
  } catch {
    return new CommandClass({ nodeId: hubId, ccId: CommandClasses['No Operation'] });
  }
}
