import { readFileSync } from 'node:fs';
import { pino, type Logger } from 'pino';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import { createZwaveDriver, type ZwaveDriverOptions } from '../../drivers/zwave/driver.ts';
import { parseSecurityKeysFile } from '../../drivers/zwave/keys.ts';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import { Pin } from '../../src/core/pin.ts';
import type { PairingProgress } from '../../src/core/radio-view.ts';
import type { LockDriver, LockIdentity, RadioState } from '../../src/lock-driver.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';

const POLL_MS = 20;
const WAIT_MS = 20_000;

/** What a lock told, in order. */
interface Heard {
  readonly deviceId: string;
  readonly body: LockEventBody;
}

/** The real driver in front of a simulated house, with all it says noted. */
export interface Rig {
  readonly house: House;
  readonly driver: LockDriver;
  readonly storage: MemoryRadioStorage;
  readonly heard: readonly Heard[];
  readonly states: readonly RadioState[];
  /** Of pairings, each time that the driver said that it is another one. */
  readonly progress: readonly (PairingProgress | null)[];
  readonly identities: readonly LockIdentity[];
  /** Everything the driver logged, at level trace. */
  readonly logged: () => string;
  execute(lock: SimLock, operation: Operation): Promise<Outcome>;
  /** What one lock told, optionally of one kind only. */
  told<Kind extends LockEventBody['kind']>(
    lock: SimLock,
    kind: Kind,
  ): readonly Extract<LockEventBody, { kind: Kind }>[];
  stop(): Promise<void>;
}

type RigOptions = Partial<
  Pick<ZwaveDriverOptions, 'executeDeadlineMs' | 'finishTimeoutMs' | 'port' | 'securityKeys'>
> & {
  /** How the hub names devices; absent: by their addresses. */
  readonly deviceIdOf?: (identity: LockIdentity) => string;
};

const byAddress = ({ address }: LockIdentity): string => deviceIdOf(address);

/** Starts a hub's driver at a house that runs already; `stop` leaves the house alone. */
export async function startRig(
  house: House,
  storage = new MemoryRadioStorage(),
  { deviceIdOf: named = byAddress, ...options }: RigOptions = {},
): Promise<Rig> {
  const lines: string[] = [];
  const heard: Heard[] = [];
  const states: RadioState[] = [];
  const progress: (PairingProgress | null)[] = [];
  const identities: LockIdentity[] = [];
  const driver = createZwaveDriver({
    port: house.zwave,
    storage,
    securityKeys: keysOf(house),
    log: memoryLog(lines),
    testingHooks: { skipFirmwareIdentification: true },
    ...options,
  });
  await driver.start({
    deviceIdOf: (identity) => {
      identities.push(identity);
      return named(identity);
    },
    onEvent: (deviceId, body) => heard.push({ deviceId, body }),
    onPairing: () => progress.push(driver.pairing.progress()),
    onRadioState: (state) => states.push(state),
  });
  return {
    house,
    driver,
    storage,
    heard,
    states,
    progress,
    identities,
    logged: () => lines.join(''),
    execute: (lock, operation) => driver.execute(deviceIdOf(lock.address), operation),
    told: <Kind extends LockEventBody['kind']>(lock: SimLock, kind: Kind) =>
      heard
        .filter(({ deviceId }) => deviceId === deviceIdOf(lock.address))
        .map(({ body }) => body)
        .filter((body): body is Extract<LockEventBody, { kind: Kind }> => body.kind === kind),
    stop: () => driver.stop(),
  };
}

/** A house with one lock of each model, all found by a driver. */
export async function startRigWithLocks(seed = 1): Promise<Rig> {
  const house = await startHouse({ seed });
  const rig = await startRig(house);
  await everyLockFound(rig);
  return rig;
}

export async function everyLockFound(rig: Rig): Promise<void> {
  for (const lock of rig.house.locks) {
    await eventually(() => rig.told(lock, 'found').length > 0, `lock ${lock.id} is found`);
  }
}

/** Polls until it holds. Rejects, naming what did not come true, after a bound. */
export async function eventually(holds: () => boolean, what: string, timeoutMs = WAIT_MS): Promise<void> {
  const deadlineAt = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > deadlineAt) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export function pinOf(digits: string): Pin {
  const pin = Pin.parse(digits);
  if (pin === undefined) throw new Error('a test needs a valid PIN');
  return pin;
}

export function lockOf(rig: Pick<Rig, 'house'>, model: SimLock['model']['name']): SimLock {
  const lock = rig.house.locks.find((candidate) => candidate.model.name === model);
  if (lock === undefined) throw new Error(`the house has no ${model}`);
  return lock;
}

/** Digits that a lock really holds in a slot. */
export function heldBy(lock: SimLock, slot: number): string | undefined {
  return lock.codes.read(slot)?.pin.reveal();
}

function deviceIdOf(address: string | number): string {
  return `device-${address}`;
}

/** The network keys of a house. */
export function keysOf(house: House): ZwaveDriverOptions['securityKeys'] {
  const file = parseSecurityKeysFile(readFileSync(house.securityKeysFile, 'utf8'));
  if (!file.ok) throw new Error('the house wrote no keys');
  return file.keys;
}

function memoryLog(lines: string[]): Logger {
  return pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
}
