import type { TimeReading } from '../../src/core/time.ts';
import { InterviewStage, NodeStatus } from '@zwave-js/core';
import type { Logger } from 'pino';
import { RemoveNodeReason, type Driver, type ZWaveNode } from 'zwave-js';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import type { DriverHost, RadioStorage } from '../../src/lock-driver.ts';
import { Credentials } from './credentials.ts';
import { endPlace, forgetSerial, identityOf, keepPlace, keptAt, placeOf } from './identity.ts';
import { InterviewRetries } from './interview-retries.ts';
import { isKeypad, Keypads, type Keypad } from './keypad/keypads.ts';
import { listenToKeypad } from './keypad/listen.ts';
import { listen } from './listen.ts';
import type { ZwaveLock } from './lock.ts';
import { Meetings } from './meetings.ts';
import { describe, isLock, mayBeLock, profileOf, snapshotOf } from './profile.ts';

interface DiscoveryOptions {
  readonly driver: Driver;
  readonly host: DriverHost;
  readonly storage: RadioStorage;
  /** The hub's time. */
  readonly now: () => TimeReading;
  readonly log: Logger;
}

/** Finds the locks among the nodes of one running controller and introduces them to the hub. */
export class Discovery {
  /** Tells what became of interviews. */
  readonly meetings = new Meetings();
  readonly #options: DiscoveryOptions;
  readonly #locks = new Map<string, ZwaveLock>();
  readonly #byNode = new Map<number, ZwaveLock>();
  readonly #keypads: Keypads;
  readonly #retries: InterviewRetries;
  readonly #stopping = Promise.withResolvers<undefined>();
  #isStopped = false;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#keypads = new Keypads({ ...options, forgetGhost: (node) => this.#forgetGhost(node) });
    this.#retries = new InterviewRetries(options.log);
    const { driver, host, storage } = options;
    driver.controller.on('node added', (node) => this.#watch(node));
    driver.controller.on('node removed', ({ id }, reason) => {
      const lock = this.#byNode.get(id);
      const keypad = this.#keypads.at(id);
      const kept = (lock ?? keypad)?.deviceId ?? keptAt(driver, id, storage);
      const isOnlyOne = lock !== undefined && this.#locks.get(lock.deviceId) === lock;
      this.#forget(id);
      forgetSerial(driver, id, storage);
      if (reason === RemoveNodeReason.Replaced) {
        if (kept === undefined) return;
        keepPlace(driver, id, kept, storage);
        host.onEvent(kept, { kind: 'replaced' });
      } else if (isOnlyOne) host.onEvent(lock.deviceId, { kind: 'removed' });
      else if (keypad !== undefined) host.onEvent(keypad.deviceId, { kind: 'removed' });
    });
    for (const node of driver.controller.nodes.values()) this.#watch(node);
  }

  /** `undefined` for a lock that is not interviewed, or not of this network. */
  lock(deviceId: string): ZwaveLock | undefined {
    return this.#locks.get(deviceId);
  }

  /** `undefined` for what is no keypad, or not interviewed, or not of this network. */
  keypad(deviceId: string): Keypad | undefined {
    return this.#keypads.get(deviceId);
  }

  /** The node that a device is or was, met or not. */
  nodeOf(deviceId: string): ZWaveNode | undefined {
    const { driver, storage } = this.#options;
    const met = this.#locks.get(deviceId) ?? this.#keypads.get(deviceId);
    const nodeId = met?.node.id ?? placeOf(driver, deviceId, storage);
    return nodeId === undefined ? undefined : driver.controller.nodes.get(nodeId);
  }

  /** Locks and keypads by their nodes. */
  deviceIdAt(nodeId: number): string | undefined {
    return (this.#byNode.get(nodeId) ?? this.#keypads.at(nodeId))?.deviceId;
  }

  /** Resolves when the radio is lost or closed. */
  get stopped(): Promise<undefined> {
    return this.#stopping.promise;
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopping.resolve(undefined);
    this.#retries.stop();
    this.meetings.end();
  }

  #watch(node: ZWaveNode): void {
    if (node.isControllerNode) return;
    const { host, log } = this.#options;
    listen(
      node,
      () => (node.interviewStage === InterviewStage.Complete ? this.#byNode.get(node.id) : undefined),
      (lock, body) => {
        if (this.#isStopped) return;
        log.debug({ node: node.id, heard: body }, 'a lock tells');
        host.onEvent(lock.deviceId, body);
      },
    );
    const tellOf = ({ deviceId }: Keypad, body: LockEventBody): void => {
      if (this.#isStopped) return;
      log.debug({ node: node.id, heard: body }, 'a keypad tells');
      host.onEvent(deviceId, body);
    };
    listenToKeypad(node, () => this.#keypads.at(node.id), tellOf);
    node.on('interview completed', () => this.#introduceSoon(node));
    node.on('interview failed', (_node, { isFinal }) => {
      if (!isFinal) return;
      this.#retries.later(node);
      this.meetings.tell(node.id, { kind: 'failed' });
    });
    if (node.interviewStage === InterviewStage.Complete) this.#introduceSoon(node);
  }

  #introduceSoon(node: ZWaveNode): void {
    this.#introduce(node).catch((error: unknown) => {
      this.#options.log.error({ node: node.id, err: error }, 'a lock could not be introduced');
      this.#retries.later(node);
      this.meetings.tell(node.id, { kind: 'failed' });
    });
  }

  async #introduce(node: ZWaveNode): Promise<void> {
    const { driver, host, storage, log } = this.#options;
    if (isKeypad(node)) return this.#introduceKeypad(node);
    if (!isLock(node)) {
      this.meetings.tell(node.id, { kind: mayBeLock(node) ? 'insecure' : 'stranger' });
      if (!mayBeLock(node)) return;
      log.warn(
        { node: node.id },
        'an entry control device shows no user codes; its security may be misjudged',
      );
      this.#retries.later(node, true);
      return;
    }
    const profile = profileOf(node);
    if (profile === undefined) {
      log.warn({ node: node.id }, 'the interview of a lock is incomplete');
      this.#retries.later(node);
      this.meetings.tell(node.id, { kind: 'failed' });
      return;
    }
    const identity = await identityOf(driver, node, storage);
    if (this.#isStopped || node.accessControl === undefined) return;
    const deviceId = host.deviceIdOf(identity);
    endPlace(driver, node.id, storage);
    const other = this.#locks.get(deviceId)?.node;
    if (other !== undefined && other.id !== node.id) {
      const isGhost = node.status === NodeStatus.Dead;
      this.#forgetGhost(isGhost ? node : other);
      if (isGhost) return;
    }
    const before = this.#byNode.get(node.id);
    const description = describe(node, profile, manufacturerOf(driver, node));
    const lock: ZwaveLock = {
      deviceId,
      node,
      driver,
      accessControl: node.accessControl,
      profile,
      credentials:
        before?.credentials ??
        new Credentials((missing) => host.onEvent(deviceId, { kind: 'credentials', missing })),
      nextMeeting: () => this.meetings.next(node.id),
      occupation: before?.occupation ?? { work: null, leftover: null },
      doubtfulUsers: before?.doubtfulUsers ?? new Set(),
      now: this.#options.now,
    };
    this.#locks.set(deviceId, lock);
    this.#byNode.set(node.id, lock);
    this.#retries.end(node.id);
    log.info({ node: node.id, deviceId, model: description.model, secure: description.secure }, 'lock found');
    host.onEvent(deviceId, { kind: 'found', description, snapshot: snapshotOf(node, profile) });
    if (node.status === NodeStatus.Alive) host.onEvent(deviceId, { kind: 'online' });
    if (node.status === NodeStatus.Dead) host.onEvent(deviceId, { kind: 'offline' });
    this.meetings.tell(node.id, { kind: 'lock', deviceId });
  }

  async #introduceKeypad(node: ZWaveNode): Promise<void> {
    const { driver, storage } = this.#options;
    const maker = manufacturerOf(driver, node);
    const deviceId = await this.#keypads.introduce(node, maker, () => this.#isStopped);
    if (deviceId === undefined) return;
    endPlace(driver, node.id, storage);
    this.#retries.end(node.id);
    this.meetings.tell(node.id, { kind: 'lock', deviceId });
  }

  /** A lock that was reset and joined again is still listed under its old address, where nobody answers. */
  #forgetGhost(node: ZWaveNode): void {
    const { driver, log } = this.#options;
    driver.controller.removeFailedNode(node.id).catch((error: unknown) => {
      log.warn(
        { node: node.id, err: error },
        'a lock is listed twice, and its old address cannot be forgotten',
      );
    });
  }

  #forget(nodeId: number): void {
    this.#retries.end(nodeId);
    const lock = this.#byNode.get(nodeId);
    this.#keypads.forget(nodeId);
    this.#byNode.delete(nodeId);
    if (lock && this.#locks.get(lock.deviceId) === lock) this.#locks.delete(lock.deviceId);
  }
}

function manufacturerOf(driver: Driver, node: ZWaveNode): string | undefined {
  return node.manufacturerId === undefined ? undefined : driver.lookupManufacturer(node.manufacturerId);
}
