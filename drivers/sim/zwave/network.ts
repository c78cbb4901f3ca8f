import { CommandClass } from '@zwave-js/cc';
import { CommandClasses } from '@zwave-js/core';
import { FunctionType } from '@zwave-js/serial';
import { createAndOpenMockedZWaveSerialPort } from '@zwave-js/serial/mock';
import { getDefaultSupportedFunctionTypes, MockController, MockZWaveFrameType } from '@zwave-js/testing';
import { createDefaultMockControllerBehaviors } from 'zwave-js/Testing';
import type { SimLock } from '../lock/lock.ts';
import type { Random } from '../random.ts';
import { openSerialBridge } from './bridge.ts';
import { Inclusion } from './inclusion.ts';
import type { NetworkKeys } from './keys.ts';
import { createLockNode, type LockNode } from './node.ts';
import { forgetKeys } from './security.ts';
import { addMissingParsers } from './time.ts';

export interface ZwaveNetworkOptions {
  /** All that hang in the house, in the network or not; may grow. */
  readonly locks: readonly SimLock[];
  readonly keys: NetworkKeys;
  readonly homeId: number;
  /** TCP port on loopback, 0 for any. */
  readonly port: number;
  readonly random: Random;
}

export interface ZwaveNetwork {
  readonly port: number;
  stop(): Promise<void>;
}

/** A Z-Wave stick with its network, behind TCP: real frames of the real library, the locks' own truth. */
export async function startZwaveNetwork(options: ZwaveNetworkOptions): Promise<ZwaveNetwork> {
  addMissingParsers();
  const { serial, port: mockPort } = await createAndOpenMockedZWaveSerialPort();
  const controller = await MockController.create({
    mockPort,
    serial,
    homeId: options.homeId,
    securityKeys: options.keys,
    capabilities: {
      supportedFunctionTypes: [...getDefaultSupportedFunctionTypes(), FunctionType.RemoveFailedNode],
    },
  });
  controller.defineBehavior(...createDefaultMockControllerBehaviors());
  const onAir = new Map<SimLock, LockNode>();
  const place = async (lock: SimLock): Promise<LockNode> => {
    const placed = await createLockNode(controller, lock, options.random);
    onAir.set(lock, placed);
    return placed;
  };
  for (const lock of options.locks) if (lock.membership.joined) await place(lock);
  const inclusion = new Inclusion(controller, {
    locks: options.locks,
    random: options.random,
    admit: async (lock) => {
      const { node } = await place(lock);
      await forgetKeys(node, lock);
      lock.membership.admitted();
      return node;
    },
    dismiss: (lock) => {
      onAir.get(lock)?.leave();
      onAir.delete(lock);
      lock.membership.dismissed();
    },
  });
  controller.defineBehavior(inclusion.behavior());
  const bridge = await openSerialBridge({
    serial,
    port: options.port,
    // The last client may have died in the middle of a transmission, and the mock would refuse the next one.
    onClient: () => {
      controller.state.clear();
      inclusion.reset();
    },
  });
  keepAlive(controller, () => bridge.connected());
  return {
    port: bridge.port,
    stop: async () => {
      inclusion.stop();
      controller.destroy();
      await bridge.close();
      mockPort.destroy();
    },
  };
}

/**
 * The mock is made for short tests and gives up at the first surprise. A house must outlive hubs that are killed in
 * the middle of a frame and frames that the mock cannot parse.
 */
function keepAlive(controller: MockController, connected: () => boolean): void {
  const expectHostAck = controller.expectHostACK.bind(controller);
  controller.expectHostACK = async (timeoutMs) => {
    // A hub that died does not acknowledge, and that is no reason to stop.
    await expectHostAck(timeoutMs).catch(() => undefined);
  };
  const sendMessageToHost = controller.sendMessageToHost.bind(controller);
  controller.sendMessageToHost = async (message, fromNode) => {
    if (!connected()) return;
    // A frame whose S2 state changed while it waited to be sent cannot be encrypted any more and is lost.
    await sendMessageToHost(message, fromNode).catch(() => undefined);
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
