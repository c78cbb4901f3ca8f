import type { Logger } from 'pino';
import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { zigbeeModelOf } from '../../../drivers/sim/zigbee/model.ts';
import type { LockDriver } from '../../../src/lock-driver.ts';

/** What a driver of a face is made with. */
export interface FaceOptions {
  readonly log: Logger;
  /** Longest an operation may take, where the driver can be told. */
  readonly executeDeadlineMs?: number;
}

/** One way to reach the simulated locks: a radio with its driver, or none. */
export interface Face {
  readonly locks: readonly SimLock[];
  /** Real milliseconds are this many of the locks'. */
  readonly pace: number;
  /** Its driver can be told another deadline. */
  readonly takesDeadline: boolean;
  /** A new hub's driver, which finds what the library of the last one has stored. */
  driver(options: FaceOptions): LockDriver;
  /** Lets in what is not in the network yet; the driver has started. */
  gather(driver: LockDriver): Promise<void>;
  unplug(): void;
  plug(): Promise<void>;
  stop(): Promise<void>;
}

/** The site of all faces. Z-Wave and the direct face take the zone of the process, as the composition root sets it. */
export const ZONE = 'Europe/Berlin';

/** The slot in the house of a slot of the port: the house counts from 1, where some locks count from 0 on the air. */
export function houseSlot({ model }: SimLock, slot: number): number {
  return zigbeeModelOf(model)?.zigbee.firstUser === 0 ? slot + 1 : slot;
}

/** What a lock shows of a code that it holds. */
export function shows({ model }: SimLock): 'pin' | 'masked' {
  return model.masksPins || zigbeeModelOf(model)?.zigbee.readBack === 'never' ? 'masked' : 'pin';
}

/** It answers when it is asked what a slot holds. */
export function answersReads({ model }: SimLock): boolean {
  return zigbeeModelOf(model)?.zigbee.readBack !== 'never';
}

/** It tells by itself when somebody tampers with it. */
export function tellsTampering({ model }: SimLock): boolean {
  return zigbeeModelOf(model)?.zigbee.alarms ?? true;
}

/** Its radio has a word for the end of tampering; the alarms of Zigbee only begin. */
export function tellsEndOfTampering({ model }: SimLock): boolean {
  return zigbeeModelOf(model) === undefined;
}

/** What may be told of a full battery: of a lock that counts otherwise than the standard only a quirk knows it. */
export function fullBatteries({ model }: SimLock): readonly number[] {
  return [1, (zigbeeModelOf(model)?.zigbee.batteryFull ?? 200) / 200];
}
