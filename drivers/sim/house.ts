import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openControl } from './control.ts';
import {
  DEFAULT_HOUSE,
  DEFAULT_ZIGBEE_LOCKS,
  HouseFileError,
  isZigbeeName,
  readHouseFile,
  type HousePlan,
} from './house-file.ts';
import { Hanging } from './hanging.ts';
import { SimKeypad } from './keypad.ts';
import type { SimLock } from './lock/lock.ts';
import type { ModelName } from './lock/model.ts';
import { seededRandom } from './random.ts';
import { SimZigbeeKeypad } from './zigbee/keypad.ts';
import { ZIGBEE_KEYPAD_MODELS } from './zigbee/keypad-model.ts';
import { makeNetworkKeys, writeKeysFile } from './zwave/keys.ts';
import type { ZigbeeModelName } from './zigbee/model.ts';
import { startZigbeeNetwork, type ZigbeeNetwork } from './zigbee/network.ts';
import { FIRST_HOME_ID, HOME_IDS, startZwaveNetwork } from './zwave/network.ts';

const DEFAULT_SEED = 1;

export interface HouseOptions {
  /** TCP ports on loopback; 0 or absent: any free port. */
  readonly zwavePort?: number;
  readonly controlPort?: number;
  /** The same for the Zigbee stick; absent: the house has none. */
  readonly zigbeePort?: number;
  /** Where Zigbee stick and locks keep what they know over a restart; absent: nowhere. */
  readonly zigbeeMemory?: string;
  /** Where the network keys are written; absent: a file in a new temporary folder. */
  readonly keysFile?: string;
  /** A YAML file that lists the locks; absent: one lock of each model. */
  readonly house?: string;
  /** Keypads that hang in that house; a house file names its own. */
  readonly keypads?: HousePlan['keypads'];
  /** Decides keys, home id and faults; the same seed makes the same house. */
  readonly seed?: number;
  /** How often a joining lock asks for its keys while somebody types its digits; absent: as real ones do. */
  readonly keyRepeatMs?: number;
}

/** A running house. */
export interface House {
  /** `tcp://127.0.0.1:PORT`: the Z-Wave Serial API. */
  readonly zwave: string;
  /** `tcp://127.0.0.1:PORT`: the Zigbee stick, which speaks ZNP. `null`: the house has none. */
  readonly zigbee: string | null;
  /** Commands that the Zigbee stick was sent and does not know, as `subsystem/command`. */
  unknownZigbeeCommands(): readonly string[];
  /** `http://127.0.0.1:PORT`: the control interface. */
  readonly control: string;
  readonly securityKeysFile: string;
  /** The truth, for tests in the same process. */
  readonly locks: readonly SimLock[];
  readonly keypads: readonly SimKeypad[];
  readonly zigbeeKeypads: readonly SimZigbeeKeypad[];
  stop(): Promise<void>;
}

/**
 * Starts a simulated house. It runs until `stop`, whatever its hubs do. Rejects with a `HouseFileError` when the
 * house file is wrong, and with the system's error when a port is taken.
 */
export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const random = seededRandom(options.seed ?? DEFAULT_SEED);
  const { hanging, zigbeeKeypads } = furnished(planOf(options));
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
    const { zwaveLocks, zigbeeLocks, locks, keypads } = hanging;
    const { zwavePort = 0, keyRepeatMs } = options;
    const zwave = await startZwaveNetwork({
      locks: zwaveLocks,
      keypads,
      keys,
      homeId,
      port: zwavePort,
      random,
      ...(keyRepeatMs === undefined ? {} : { keyRepeatMs }),
    });
    opened.push(() => zwave.stop());
    const zigbee = await zigbeeOf(options, zigbeeLocks, zigbeeKeypads);
    if (zigbee !== undefined) opened.push(() => zigbee.stop());
    const doors = {
      locks,
      keypads,
      zigbeeKeypads,
      hang: (model: ModelName) => hanging.hang(model),
      hangKeypad: () => hanging.hangKeypad(),
      replaceZwaveStick: () => zwave.replaceStick(),
      ...zigbeeDoors(hanging, zigbee),
    };
    const control = await openControl(doors, options.controlPort ?? 0);
    opened.push(() => control.close());
    return {
      zwave: `tcp://127.0.0.1:${zwave.port}`,
      zigbee: zigbee === undefined ? null : `tcp://127.0.0.1:${zigbee.port}`,
      unknownZigbeeCommands: () => zigbee?.unknownCommands() ?? [],
      control: `http://127.0.0.1:${control.port}`,
      securityKeysFile: keysFile,
      locks,
      keypads,
      zigbeeKeypads,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function zigbeeDoors(hanging: Hanging, zigbee: ZigbeeNetwork | undefined) {
  if (zigbee === undefined) return {};
  return {
    hangZigbee: (model: ZigbeeModelName) => hanging.hangZigbee(model),
    replaceZigbeeStick: () => zigbee.replaceStick(),
  };
}

function furnished({ locks, keypads }: HousePlan) {
  const zwave = keypads.flatMap(({ id, address }) =>
    typeof address === 'number' ? [new SimKeypad(id, address)] : [],
  );
  return {
    hanging: new Hanging(locks, zwave),
    zigbeeKeypads: keypads.flatMap(({ id, address, model }) =>
      typeof address === 'string' && model !== undefined
        ? [new SimZigbeeKeypad(id, address, ZIGBEE_KEYPAD_MODELS[model])]
        : [],
    ),
  };
}

function planOf({ house, zigbeePort, keypads: hung = [] }: HouseOptions): HousePlan {
  if (house === undefined) {
    const { locks } = DEFAULT_HOUSE;
    return { locks: [...locks, ...(zigbeePort === undefined ? [] : DEFAULT_ZIGBEE_LOCKS)], keypads: hung };
  }
  const plan = readHouseFile(house);
  const { locks, keypads } = plan;
  const homeless =
    zigbeePort === undefined
      ? (locks.find(({ model }) => isZigbeeName(model)) ?? keypads.find(({ model }) => model !== undefined))
      : undefined;
  if (homeless !== undefined) {
    throw new HouseFileError(
      `${house}: ${homeless.id} is a Zigbee device, and the house has no Zigbee stick`,
    );
  }
  return plan;
}

async function zigbeeOf(
  { zigbeePort, zigbeeMemory, seed }: HouseOptions,
  locks: readonly SimLock[],
  keypads: readonly SimZigbeeKeypad[],
): Promise<ZigbeeNetwork | undefined> {
  if (zigbeePort === undefined) return undefined;
  // A source of chance of its own, so that a house with this radio has the same Z-Wave as one without.
  const random = seededRandom((seed ?? DEFAULT_SEED) + 1);
  return startZigbeeNetwork({
    locks,
    keypads,
    port: zigbeePort,
    random,
    ...(zigbeeMemory === undefined ? {} : { memoryFile: zigbeeMemory }),
  });
}
