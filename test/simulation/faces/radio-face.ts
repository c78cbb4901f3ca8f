import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startHouse, type House } from '../../../drivers/sim/house.ts';
import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { makeNetworkKeys, type ZigbeeNetworkKeys } from '../../../drivers/zigbee/keys.ts';
import { createZigbeeDriver } from '../../../drivers/zigbee/driver.ts';
import { createZwaveDriver } from '../../../drivers/zwave/driver.ts';
import { parseSecurityKeysFile, type SecurityKeys } from '../../../drivers/zwave/keys.ts';
import { MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';
import type { LockDriver, RadioStorage } from '../../../src/lock-driver.ts';
import { Cable } from './cable.ts';
import type { Face, Hosting } from './face.ts';

const PAIRING_MS = 4 * MINUTE_MS;
const PAIRING_LOOK_MS = SECOND_MS;
const FIRST_NODE = 2;

/** The real libraries, and the house that is simulated at the wire, each radio at the end of a cable. */
export class RadioFace implements Face {
  readonly locks: readonly SimLock[];
  readonly #house: House;
  readonly #timezone: string;
  readonly #zwave: { readonly cable: Cable; readonly port: string; readonly keys: SecurityKeys } | null;
  readonly #zigbee: { readonly cable: Cable; readonly port: string; readonly keys: ZigbeeNetworkKeys } | null;
  /** When the libraries of the last hub have closed: they cannot be killed without the process. */
  #closed: Promise<unknown> = Promise.resolve();

  private constructor(
    house: House,
    timezone: string,
    zwave: { readonly cable: Cable; readonly port: string; readonly keys: SecurityKeys } | null,
    zigbee: { readonly cable: Cable; readonly port: string; readonly keys: ZigbeeNetworkKeys } | null,
  ) {
    this.#house = house;
    this.#timezone = timezone;
    this.#zwave = zwave;
    this.#zigbee = zigbee;
    this.locks = house.locks;
  }

  /** A house with a lock of each of these models. */
  static async open(models: readonly string[], seed: number, timezone: string): Promise<RadioFace> {
    const house = await houseWith(models, seed);
    for (const { ieee, membership } of house.locks) if (ieee !== null) membership.dismissed();
    const hasZwave = house.locks.some(({ ieee }) => ieee === null);
    const hasZigbee = house.locks.some(({ ieee }) => ieee !== null);
    const zwave = hasZwave ? { ...(await cabled(house.zwave)), keys: keysOf(house) } : null;
    const zigbee =
      hasZigbee && house.zigbee !== null
        ? { ...(await cabled(house.zigbee)), keys: makeNetworkKeys() }
        : null;
    return new RadioFace(house, timezone, zwave, zigbee);
  }

  drivers({ store, log, isDead }: Hosting): readonly LockDriver[] {
    const before = this.#closed;
    const storage = mortal(store.radioStorage, isDead);
    const drivers: LockDriver[] = [];
    if (this.#zwave !== null) {
      const { port, keys: securityKeys } = this.#zwave;
      const testingHooks = { skipFirmwareIdentification: true };
      drivers.push(createZwaveDriver({ port, storage, securityKeys, log, testingHooks }));
    }
    if (this.#zigbee !== null) {
      const { port, keys } = this.#zigbee;
      drivers.push(createZigbeeDriver({ port, adapter: 'zstack', storage, keys, zone: this.#timezone, log }));
    }
    return drivers.map((driver) => this.#after(before, driver, isDead));
  }

  setPlugged(plugged: boolean): void {
    for (const { cable } of this.#sticks()) {
      if (plugged) cable.isPlugged = true;
      else cable.pull();
    }
  }

  cut(): void {
    for (const { cable } of this.#sticks()) cable.silence();
  }

  async admit(drivers: readonly LockDriver[]): Promise<void> {
    const driver = drivers.find(({ radio }) => radio === 'zigbee');
    if (driver === undefined) return;
    while (driver.network() === null) await pause(PAIRING_LOOK_MS);
    for (const { id, ieee, membership } of this.locks) {
      if (ieee === null) continue;
      const request = { durationMs: PAIRING_MS, qr: null, pin: null, asksForPin: false };
      const pairing = driver.pairing.start(request);
      while (driver.pairing.progress()?.stage !== 'waiting_for_lock') await pause(PAIRING_LOOK_MS);
      membership.askToJoin();
      const end = await pairing;
      if (end.kind !== 'done') throw new Error(`${id} was not let in: ${JSON.stringify(end)}`);
    }
  }

  async close(): Promise<void> {
    for (const { cable } of this.#sticks()) await cable.close();
    await this.#house.stop();
  }

  #sticks(): readonly { readonly cable: Cable }[] {
    return [this.#zwave, this.#zigbee].filter((stick) => stick !== null);
  }

  /** The driver of a hub that starts when the libraries of the one before it are gone. */
  #after(before: Promise<unknown>, driver: LockDriver, isDead: () => boolean): LockDriver {
    return new Proxy(driver, {
      get: (target, name) => {
        if (name === 'start')
          return async (host: Parameters<LockDriver['start']>[0]) => {
            await before;
            if (!isDead()) await target.start(host);
          };
        if (name === 'stop')
          return () => {
            const stopped = before.then(() => target.stop());
            this.#closed = Promise.all([this.#closed, stopped]);
            return stopped;
          };
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }
}

async function houseWith(models: readonly string[], seed: number): Promise<House> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockhub-simulation-house-'));
  const file = path.join(folder, 'house.yaml');
  const locks = models.map((model, index) => {
    const ieee = `0x000d6ffffe0000${String(index + FIRST_NODE).padStart(2, '0')}`;
    return { id: model, model, address: model.startsWith('dl-') ? ieee : index + FIRST_NODE };
  });
  writeFileSync(file, JSON.stringify({ locks }));
  try {
    return await startHouse({ house: file, seed, zigbeePort: 0 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function cabled(stick: string): Promise<{ readonly cable: Cable; readonly port: string }> {
  const cable = new Cable(stick);
  return { cable, port: await cable.open() };
}

function keysOf({ securityKeysFile }: House): SecurityKeys {
  const file = parseSecurityKeysFile(readFileSync(securityKeysFile, 'utf8'));
  if (!file.ok) throw new Error('The house wrote no keys');
  return file.keys;
}

/** What a library writes after the power has gone is not kept. */
function mortal(storage: RadioStorage, isDead: () => boolean): RadioStorage {
  return {
    entries: (file) => (isDead() ? [] : storage.entries(file)),
    set: (file, key, value) => (isDead() ? undefined : storage.set(file, key, value)),
    delete: (file, key) => (isDead() ? undefined : storage.delete(file, key)),
    clear: (file) => (isDead() ? undefined : storage.clear(file)),
    flush: () => (isDead() ? undefined : storage.flush()),
  };
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
