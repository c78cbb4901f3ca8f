import { BatteryCCValues } from '@zwave-js/cc/BatteryCC';
import { CommandClasses, NodeStatus, SecurityClass } from '@zwave-js/core';
import type { Logger } from 'pino';
import type { Driver, ZWaveNode } from 'zwave-js';
import type { Capabilities } from '../../../src/core/capability.ts';
import type { DriverHost, RadioStorage } from '../../../src/lock-driver.ts';
import { identityOf } from '../identity.ts';
import { batteryLevelOf, isLock, modelOf } from '../profile.ts';
import { configure, digitsOf } from './configuration.ts';

/** A keypad of the running controller: it has no bolt, and asks the hub what to do with the digits typed at it. */
export interface Keypad {
  readonly deviceId: string;
  readonly node: ZWaveNode;
}

/** What a keypad can keep: nothing. `digits`: how many it sends at once. */
const capabilitiesOf = (digits: number): Capabilities => ({
  isKeypad: true,
  firstSlot: 1,
  lastSlot: 0,
  adminSlots: [],
  pinLength: { min: digits, max: digits },
  constraints: [],
  nativeScheduling: null,
  weekDaySchedules: 0,
  disabledCodes: false,
  checksum: false,
  offline: null,
});

/** It tells the hub what is typed (Entry Control CC) and keeps no codes itself. */
export function isKeypad(node: ZWaveNode): boolean {
  return node.supportsCC(CommandClasses['Entry Control']) && !isLock(node);
}

interface KeypadsOptions {
  readonly driver: Driver;
  readonly host: DriverHost;
  readonly storage: RadioStorage;
  readonly log: Logger;
  /** Takes a node off the list that was reset and joined again under another address. */
  readonly forgetGhost: (node: ZWaveNode) => void;
}

/** The keypads among the nodes of one running controller. */
export class Keypads {
  readonly #options: KeypadsOptions;
  readonly #byNode = new Map<number, Keypad>();

  constructor(options: KeypadsOptions) {
    this.#options = options;
  }

  at(nodeId: number): Keypad | undefined {
    return this.#byNode.get(nodeId);
  }

  get(deviceId: string): Keypad | undefined {
    return [...this.#byNode.values()].find((keypad) => keypad.deviceId === deviceId);
  }

  forget(nodeId: number): void {
    this.#byNode.delete(nodeId);
  }

  /** Introduces a keypad to the hub; `undefined`: the radio was closed meanwhile, or this is where it was before. */
  async introduce(
    node: ZWaveNode,
    manufacturer: string | undefined,
    isStopped: () => boolean,
  ): Promise<string | undefined> {
    const { driver, host, storage, log, forgetGhost } = this.#options;
    const identity = await identityOf(driver, node, storage);
    if (isStopped()) return undefined;
    const deviceId = host.deviceIdOf(identity);
    const other = this.get(deviceId)?.node;
    if (other !== undefined && other.id !== node.id) {
      const isGhost = node.status === NodeStatus.Dead;
      forgetGhost(isGhost ? node : other);
      if (isGhost) return undefined;
      this.forget(other.id);
    }
    this.#byNode.set(node.id, { deviceId, node });
    log.info({ node: node.id, deviceId }, 'keypad found');
    const description = {
      radio: 'zwave',
      address: node.id,
      model: modelOf(node, manufacturer),
      secure: isSecure(node),
      batteryLevel: batteryLevelOf(node.getValue<number>(BatteryCCValues.level.id)),
      locked: null,
    } as const;
    const tell = (digits: number): void => {
      const capabilities = capabilitiesOf(digits);
      host.onEvent(deviceId, { kind: 'found', description: { ...description, capabilities }, snapshot: [] });
    };
    const possible = digitsOf(node);
    tell(possible);
    if (node.status === NodeStatus.Alive) host.onEvent(deviceId, { kind: 'online' });
    if (node.status === NodeStatus.Dead) host.onEvent(deviceId, { kind: 'offline' });
    const digits = await configure(node, log);
    if (digits !== possible && !isStopped()) tell(digits);
    return deviceId;
  }
}

/** What is typed at it goes over the air: S2 with keys that somebody vouched for, as keypads are granted. */
function isSecure(node: ZWaveNode): boolean {
  const highest = node.getHighestSecurityClass();
  return highest === SecurityClass.S2_AccessControl || highest === SecurityClass.S2_Authenticated;
}
