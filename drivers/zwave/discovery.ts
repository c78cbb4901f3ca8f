import { InterviewStage, NodeStatus } from '@zwave-js/core';
import type { Logger } from 'pino';
import type { Driver, ZWaveNode } from 'zwave-js';
import type { DriverHost, RadioStorage } from '../../src/lock-driver.ts';
import { forgetSerial, identityOf } from './identity.ts';
import { listen } from './listen.ts';
import type { ZwaveLock } from './lock.ts';
import { describe, isLock, profileOf, snapshotOf } from './profile.ts';

/** An interview that failed is tried again after this long, then twice as long, up to the maximum. */
const RETRY_FIRST_MS = 15_000;
const RETRY_MAX_MS = 120_000;

interface DiscoveryOptions {
  readonly driver: Driver;
  readonly host: DriverHost;
  readonly storage: RadioStorage;
  readonly log: Logger;
}

/** Finds the locks among the nodes of one running controller and introduces them to the hub. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #locks = new Map<string, ZwaveLock>();
  readonly #byNode = new Map<number, ZwaveLock>();
  readonly #retries = new Map<number, { readonly timer: NodeJS.Timeout; readonly delayMs: number }>();
  #isStopped = false;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    const { driver, host, storage } = options;
    driver.controller.on('node added', (node) => this.#watch(node));
    driver.controller.on('node removed', ({ id }) => {
      const lock = this.#byNode.get(id);
      this.#forget(id);
      forgetSerial(driver, id, storage);
      if (lock) host.onEvent(lock.deviceId, { kind: 'removed' });
    });
    for (const node of driver.controller.nodes.values()) this.#watch(node);
  }

  /** `undefined` for a lock that is not interviewed, or not of this network. */
  lock(deviceId: string): ZwaveLock | undefined {
    return this.#locks.get(deviceId);
  }

  stop(): void {
    this.#isStopped = true;
    for (const { timer } of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
  }

  #watch(node: ZWaveNode): void {
    if (node.isControllerNode) return;
    const { host } = this.#options;
    listen(
      node,
      () => (node.interviewStage === InterviewStage.Complete ? this.#byNode.get(node.id) : undefined),
      (lock, body) => {
        if (!this.#isStopped) host.onEvent(lock.deviceId, body);
      },
    );
    node.on('interview completed', () => this.#introduceSoon(node));
    node.on('interview failed', (_node, { isFinal }) => {
      if (isFinal) this.#retryLater(node);
    });
    if (node.interviewStage === InterviewStage.Complete) this.#introduceSoon(node);
  }

  #introduceSoon(node: ZWaveNode): void {
    this.#introduce(node).catch((error: unknown) => {
      this.#options.log.error({ node: node.id, err: error }, 'a lock could not be introduced');
      this.#retryLater(node);
    });
  }

  async #introduce(node: ZWaveNode): Promise<void> {
    const { driver, host, storage, log } = this.#options;
    if (!isLock(node)) return;
    const profile = profileOf(node);
    if (profile === undefined) {
      log.warn({ node: node.id }, 'the interview of a lock is incomplete');
      this.#retryLater(node);
      return;
    }
    const identity = await identityOf(driver, node, storage);
    if (this.#isStopped || node.accessControl === undefined) return;
    const deviceId = host.deviceIdOf(identity);
    const before = this.#byNode.get(node.id);
    const description = describe(node, profile, manufacturerOf(driver, node));
    const lock: ZwaveLock = {
      deviceId,
      node,
      driver,
      accessControl: node.accessControl,
      profile,
      work: before?.work ?? null,
      leftover: before?.leftover ?? null,
      doubtfulUsers: before?.doubtfulUsers ?? new Set(),
    };
    this.#locks.set(deviceId, lock);
    this.#byNode.set(node.id, lock);
    this.#endRetries(node.id);
    log.info({ node: node.id, deviceId, model: description.model, secure: description.secure }, 'lock found');
    host.onEvent(deviceId, { kind: 'found', description, snapshot: snapshotOf(node, profile) });
    if (node.status === NodeStatus.Alive) host.onEvent(deviceId, { kind: 'online' });
    if (node.status === NodeStatus.Dead) host.onEvent(deviceId, { kind: 'offline' });
  }

  /** Nobody else asks for a node that is not interviewed yet, so it is asked from here until it answers. */
  #retryLater(node: ZWaveNode): void {
    if (this.#isStopped) return;
    const last = this.#retries.get(node.id);
    clearTimeout(last?.timer);
    const delayMs = Math.min((last?.delayMs ?? RETRY_FIRST_MS / 2) * 2, RETRY_MAX_MS);
    const timer = setTimeout(() => {
      this.#interviewAgain(node).catch((error: unknown) => {
        this.#options.log.debug({ node: node.id, err: error }, 'an interview could not be repeated');
        this.#retryLater(node);
      });
    }, delayMs);
    this.#retries.set(node.id, { timer, delayMs });
  }

  async #interviewAgain(node: ZWaveNode): Promise<void> {
    if (node.status !== NodeStatus.Dead) return node.refreshInfo();
    // The library takes up the interview by itself when a dead node answers.
    if (!(await node.ping())) this.#retryLater(node);
  }

  #endRetries(nodeId: number): void {
    clearTimeout(this.#retries.get(nodeId)?.timer);
    this.#retries.delete(nodeId);
  }

  #forget(nodeId: number): void {
    this.#endRetries(nodeId);
    const lock = this.#byNode.get(nodeId);
    this.#byNode.delete(nodeId);
    if (lock) this.#locks.delete(lock.deviceId);
  }
}

function manufacturerOf(driver: Driver, node: ZWaveNode): string | undefined {
  return node.manufacturerId === undefined ? undefined : driver.lookupManufacturer(node.manufacturerId);
}
