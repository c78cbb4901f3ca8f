import type { Message } from '@zwave-js/serial';
import {
  AddNodeStatus,
  AddNodeToNetworkRequest,
  AddNodeToNetworkRequestStatusReport,
  AddNodeType,
  RemoveFailedNodeRequest,
  RemoveNodeFromNetworkRequest,
  RemoveNodeFromNetworkRequestStatusReport,
  RemoveNodeStatus,
  RemoveNodeType,
  ReplaceFailedNodeRequest,
  ReplaceFailedNodeStatus,
} from '@zwave-js/serial/serialapi';
import type { MockController, MockControllerBehavior, MockNode } from '@zwave-js/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { arrivals } from '../lock/fault.ts';
import type { Random } from '../random.ts';
import { announcementOf, Announcements } from './announcement.ts';
import { mayReplace, removeFailed, tellReplaced } from './failed-nodes.ts';
import type { Device } from './node.ts';
import { openCommandClasses } from './security.ts';

/** How often an open network is looked at for locks that ask. */
const LOOK_EVERY_MS = 50;
/** Between two steps of the protocol that lets a node in or out. */
const STEP_MS = 10;

/** Where locks and keypads get in and out. */
export interface Site {
  /** All that hang in the house, in the network or not. */
  devices(): readonly Device[];
  readonly random: Random;
  /** Puts a device on the air, as one that has no keys of this network. */
  admit(device: Device): Promise<MockNode>;
  /** The same, under the address of one that is gone. */
  admitAs(device: Device, nodeId: number): Promise<MockNode>;
  /** Takes a device off the air that was told so. */
  dismiss(device: Device): void;
  /** Takes a node off the list that does not answer. */
  forget(nodeId: number): void;
}

type Door =
  | { readonly kind: 'closed' }
  /** `callbackId`: which of the host's messages opened it, and is answered step by step. */
  | { readonly kind: 'adding' | 'removing'; readonly callbackId: number }
  /** For one lock, which gets the address of a failed one. */
  | { readonly kind: 'replacing'; readonly callbackId: number; readonly nodeId: number }
  | { readonly kind: 'listening' };

/**
 * What zwave-js's mock leaves out of a stick: the network opens, locks that ask get in, with the frames of classic
 * inclusion or of SmartStart, or get out, and nodes that no longer answer are forgotten.
 */
export class Inclusion {
  readonly #site: Site;
  readonly #controller: MockController;
  #door: Door = { kind: 'closed' };
  /** Address of the lock whose inclusion the host has to finish. */
  #added: number | null = null;
  readonly #announcements = new Announcements();
  /** The lock that the host was last told of. */
  #announced: Device | undefined;
  #isBusy = false;
  readonly #timer: NodeJS.Timeout;

  constructor(controller: MockController, site: Site) {
    this.#controller = controller;
    this.#site = site;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The host is another one: nothing that the last one began goes on. */
  reset(): void {
    this.#door = { kind: 'closed' };
    this.#added = null;
  }

  behavior(): MockControllerBehavior {
    return {
      onHostMessage: async (_controller, message) => {
        if (message instanceof AddNodeToNetworkRequest) await this.#onAdd(message);
        else if (message instanceof RemoveNodeFromNetworkRequest) await this.#onRemove(message);
        else if (message instanceof RemoveFailedNodeRequest)
          await removeFailed(this.#controller, this.#site, message);
        else if (message instanceof ReplaceFailedNodeRequest) await this.#onReplaceFailed(message);
        else return undefined;
        return true;
      },
    };
  }

  async #onAdd({ addNodeType, callbackId = 0 }: AddNodeToNetworkRequest): Promise<void> {
    switch (addNodeType) {
      case AddNodeType.SmartStartListen:
        this.#door = { kind: 'listening' };
        return;
      case AddNodeType.SmartStartDSK:
        await this.#tell(
          new AddNodeToNetworkRequestStatusReport({ callbackId, status: AddNodeStatus.Ready }),
        );
        if (this.#announced !== undefined) this.#soon(this.#include(this.#announced, callbackId));
        return;
      case AddNodeType.Stop:
      case AddNodeType.StopControllerReplication: {
        const nodeId = this.#added ?? 0;
        this.#door = { kind: 'closed' };
        if (callbackId === 0) return;
        this.#added = null;
        await this.#tell(
          new AddNodeToNetworkRequestStatusReport({ callbackId, status: AddNodeStatus.Done, nodeId }),
        );
        return;
      }
      case AddNodeType.Any:
      case AddNodeType.Controller:
      case AddNodeType.Slave:
      case AddNodeType.Existing:
      case undefined:
        if (this.#door.kind === 'removing') {
          await this.#tell(
            new AddNodeToNetworkRequestStatusReport({ callbackId, status: AddNodeStatus.Failed }),
          );
          return;
        }
        await this.#tell(
          new AddNodeToNetworkRequestStatusReport({ callbackId, status: AddNodeStatus.Ready }),
        );
        this.#door = { kind: 'adding', callbackId };
    }
  }

  async #onRemove({ removeNodeType, callbackId = 0 }: RemoveNodeFromNetworkRequest): Promise<void> {
    if (removeNodeType === RemoveNodeType.Stop) {
      this.#door = { kind: 'closed' };
      if (callbackId !== 0)
        await this.#tell(
          new RemoveNodeFromNetworkRequestStatusReport({ callbackId, status: RemoveNodeStatus.Done }),
        );
      return;
    }
    const isFree = this.#door.kind !== 'adding';
    await this.#tell(
      new RemoveNodeFromNetworkRequestStatusReport({
        callbackId,
        status: isFree ? RemoveNodeStatus.Ready : RemoveNodeStatus.Failed,
      }),
    );
    if (isFree) this.#door = { kind: 'removing', callbackId };
  }

  async #onReplaceFailed(message: ReplaceFailedNodeRequest): Promise<void> {
    const { failedNodeId: nodeId, callbackId = 0 } = message;
    if (await mayReplace(this.#controller, this.#site, message))
      this.#door = { kind: 'replacing', callbackId, nodeId };
  }

  /** Looks for somebody who asks for what the network is open for. */
  #look(): void {
    const door = this.#door;
    if (this.#isBusy || door.kind === 'closed') return;
    const asks = door.kind === 'removing' ? 'leave' : 'join';
    const asking = this.#site
      .devices()
      .filter((one) => one.membership.asks === asks && arrivals(one.fault, this.#site.random) > 0);
    if (door.kind === 'listening') this.#announce(asking.filter((one) => one.model.secure));
    const [device] = asking;
    if (device === undefined) return;
    if (door.kind === 'adding') this.#soon(this.#include(device, door.callbackId));
    else if (door.kind === 'replacing') this.#soon(this.#replace(device, door.callbackId, door.nodeId));
    else if (door.kind === 'removing') this.#soon(this.#exclude(device, door.callbackId));
  }

  async #include(device: Device, callbackId: number): Promise<void> {
    await this.#tell(
      new AddNodeToNetworkRequestStatusReport({ callbackId, status: AddNodeStatus.NodeFound }),
    );
    await pause(STEP_MS);
    const node = await this.#site.admit(device);
    const { basicDeviceClass, genericDeviceClass, specificDeviceClass } = node.capabilities;
    const nodeInfo = {
      nodeId: node.id,
      basicDeviceClass,
      genericDeviceClass,
      specificDeviceClass,
      supportedCCs: openCommandClasses(node),
    };
    const status = AddNodeStatus.AddingSlave;
    await this.#tell(new AddNodeToNetworkRequestStatusReport({ callbackId, status, nodeInfo }));
    await pause(STEP_MS);
    this.#added = node.id;
    this.#door = { kind: 'closed' };
    await this.#tell(
      new AddNodeToNetworkRequestStatusReport({ callbackId, status: AddNodeStatus.ProtocolDone }),
    );
  }

  async #replace(device: Device, callbackId: number, nodeId: number): Promise<void> {
    this.#door = { kind: 'closed' };
    await this.#site.admitAs(device, nodeId);
    await pause(STEP_MS);
    await tellReplaced(this.#controller, callbackId, ReplaceFailedNodeStatus.FailedNodeReplaceDone);
  }

  async #exclude(device: Device, callbackId: number): Promise<void> {
    await this.#tell(
      new RemoveNodeFromNetworkRequestStatusReport({ callbackId, status: RemoveNodeStatus.NodeFound }),
    );
    await pause(STEP_MS);
    await this.#tell(
      new RemoveNodeFromNetworkRequestStatusReport({
        callbackId,
        status: RemoveNodeStatus.RemovingSlave,
        nodeId: device.address,
      }),
    );
    await pause(STEP_MS);
    this.#site.dismiss(device);
    this.#door = { kind: 'closed' };
    await this.#tell(
      new RemoveNodeFromNetworkRequestStatusReport({ callbackId, status: RemoveNodeStatus.Done }),
    );
  }

  /** Tells the host of the next lock that announces itself. */
  #announce(devices: readonly Device[]): void {
    const device = this.#announcements.next(devices);
    const announcement = device && announcementOf(device);
    if (announcement === undefined) return;
    this.#announced = device;
    this.#soon(this.#tell(announcement));
  }

  #tell(message: Message): Promise<void> {
    return this.#controller.sendMessageToHost(message);
  }

  /** One lock at a time. A host that is gone in the middle of it is no reason to stop. */
  #soon(step: Promise<void>): void {
    this.#isBusy = true;
    void step
      .catch(() => undefined)
      .finally(() => {
        this.#isBusy = false;
      });
  }
}
