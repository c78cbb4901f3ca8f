import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openControl } from './control.ts';
import { ADDRESS_MAX, ADDRESS_MIN, DEFAULT_HOUSE, readHouseFile, type HousePlan } from './house-file.ts';
import { SimLock } from './lock/lock.ts';
import { LOCK_MODELS, type ModelName } from './lock/model.ts';
import { seededRandom } from './random.ts';
import { makeNetworkKeys, writeKeysFile } from './zwave/keys.ts';
import { startZwaveNetwork } from './zwave/network.ts';

const DEFAULT_SEED = 1;
/** Home ids of controllers lie in this range. */
const FIRST_HOME_ID = 0xc0000000;
const HOME_IDS = 0x3fffffff;

export interface HouseOptions {
  /** TCP ports on loopback; 0 or absent: any free port. */
  readonly zwavePort?: number;
  readonly controlPort?: number;
  /** Where the network keys are written; absent: a file in a new temporary folder. */
  readonly keysFile?: string;
  /** A YAML file that lists the locks; absent: one lock of each model. */
  readonly house?: string;
  /** Decides keys, home id and faults; the same seed makes the same house. */
  readonly seed?: number;
  /** How often a joining lock asks for its keys while somebody types its digits; absent: as real ones do. */
  readonly keyRepeatMs?: number;
}

/** A running house. */
export interface House {
  /** `tcp://127.0.0.1:PORT`: the Z-Wave Serial API. */
  readonly zwave: string;
  /** `http://127.0.0.1:PORT`: the control interface. */
  readonly control: string;
  readonly securityKeysFile: string;
  /** The truth, for tests in the same process. */
  readonly locks: readonly SimLock[];
  stop(): Promise<void>;
}

/**
 * Starts a simulated house. It runs until `stop`, whatever its hubs do. Rejects with a `HouseFileError` when the
 * house file is wrong, and with the system's error when a port is taken.
 */
export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const random = seededRandom(options.seed ?? DEFAULT_SEED);
  const plan = options.house === undefined ? DEFAULT_HOUSE : readHouseFile(options.house);
  const locks = plan.locks.map(lockFrom);
  const keys = makeNetworkKeys(random);
  const homeId = FIRST_HOME_ID + Math.floor(random() * HOME_IDS);
  const ownFolder =
    options.keysFile === undefined ? mkdtempSync(join(tmpdir(), 'lockhub-house-')) : undefined;
  const keysFile = options.keysFile ?? join(ownFolder ?? '', 'keys.json');
  const opened: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
    if (ownFolder !== undefined) rmSync(ownFolder, { recursive: true, force: true });
  };
  try {
    writeKeysFile(keysFile, keys);
    const { zwavePort = 0, keyRepeatMs } = options;
    const zwave = await startZwaveNetwork({
      locks,
      keys,
      homeId,
      port: zwavePort,
      random,
      ...(keyRepeatMs === undefined ? {} : { keyRepeatMs }),
    });
    opened.push(() => zwave.stop());
    const control = await openControl(
      { locks, hang: (model) => hang(locks, model) },
      options.controlPort ?? 0,
    );
    opened.push(() => control.close());
    return {
      zwave: `tcp://127.0.0.1:${zwave.port}`,
      control: `http://127.0.0.1:${control.port}`,
      securityKeysFile: keysFile,
      locks,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Hangs one more lock at a door, in no network yet. `undefined`: every address is taken. */
function hang(locks: SimLock[], model: ModelName): SimLock | undefined {
  const isTaken = (at: number): boolean => locks.some((one) => one.address === at || one.id === `lock-${at}`);
  let address = ADDRESS_MIN;
  while (isTaken(address)) address += 1;
  if (address > ADDRESS_MAX) return undefined;
  const lock = lockFrom({ id: `lock-${address}`, model, address, drift_ppm: 0 });
  lock.membership.dismissed();
  locks.push(lock);
  return lock;
}

function lockFrom(planned: HousePlan['locks'][number]): SimLock {
  return new SimLock({
    id: planned.id,
    model: LOCK_MODELS[planned.model],
    address: planned.address,
    now: Date.now,
    later: (delayMs, work) => setTimeout(work, delayMs).unref(),
    driftPpm: planned.drift_ppm,
    ...(planned.admin_pin === undefined ? {} : { adminPin: planned.admin_pin }),
  });
}
