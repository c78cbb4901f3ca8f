import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { startHouse, type House, type HouseOptions } from '../../drivers/sim/house.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { ZigbeeModelName } from '../../drivers/sim/zigbee/model.ts';
import { createZigbeeDriver } from '../../drivers/zigbee/driver.ts';
import type { ZigbeeDriverOptions } from '../../drivers/zigbee/options.ts';
import { makeNetworkKeys } from '../../drivers/zigbee/keys.ts';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import type { PairingProgress } from '../../src/core/radio-view.ts';
import type { LockDriver, LockIdentity, RadioState } from '../../src/lock-driver.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';
import { eventually } from './zwave-rig.ts';

const PAIRING_MS = 60_000;

/** The real driver in front of a simulated house with a Zigbee stick, with all it says noted. */
export interface ZigbeeRig {
  readonly house: House;
  readonly driver: LockDriver;
  readonly storage: MemoryRadioStorage;
  readonly keys: ZigbeeDriverOptions['keys'];
  readonly states: readonly RadioState[];
  readonly progress: readonly (PairingProgress | null)[];
  readonly identities: readonly LockIdentity[];
  /** Everything the driver logged, at level trace. */
  readonly logged: () => string;
  execute(lock: SimLock, operation: Operation): Promise<Outcome>;
  /** What one lock or keypad told of one kind. */
  told<Kind extends LockEventBody['kind']>(
    lock: Pick<SimLock, 'ieee'>,
    kind: Kind,
  ): readonly Extract<LockEventBody, { kind: Kind }>[];
  stop(): Promise<void>;
}

/** Starts a hub's driver at a house that runs already; `stop` leaves the house alone. */
export async function startZigbeeRig(
  house: House,
  before: Partial<Pick<ZigbeeRig, 'storage' | 'keys'>> = {},
  options: Partial<
    Pick<ZigbeeDriverOptions, 'executeDeadlineMs' | 'answerTimes' | 'port' | 'clock' | 'known'>
  > = {},
): Promise<ZigbeeRig> {
  const { storage = new MemoryRadioStorage(), keys = makeNetworkKeys() } = before;
  const lines: string[] = [];
  const heard: { readonly deviceId: string; readonly body: LockEventBody }[] = [];
  const states: RadioState[] = [];
  const progress: (PairingProgress | null)[] = [];
  const identities: LockIdentity[] = [];
  const driver = createZigbeeDriver({
    port: house.zigbee ?? '',
    adapter: 'zstack',
    storage,
    keys,
    zone: 'Europe/Berlin',
    log: pino({ level: 'trace' }, { write: (line: string) => lines.push(line) }),
    answerTimes: { questionMs: 2000, writeMs: 2000 },
    ...options,
  });
  await driver.start({
    deviceIdOf: (identity) => {
      identities.push(identity);
      return identity.inPlaceOf ?? zigbeeDeviceId(identity.address);
    },
    onEvent: (deviceId, body) => heard.push({ deviceId, body }),
    onPairing: () => progress.push(driver.pairing.progress()),
    onRadioState: (state) => states.push(state),
  });
  return {
    house,
    driver,
    storage,
    keys,
    states,
    progress,
    identities,
    logged: () => lines.join(''),
    execute: (lock, operation) => driver.execute(zigbeeDeviceId(lock.ieee ?? ''), operation),
    told: <Kind extends LockEventBody['kind']>(lock: Pick<SimLock, 'ieee'>, kind: Kind) =>
      heard
        .filter(({ deviceId }) => deviceId === zigbeeDeviceId(lock.ieee ?? ''))
        .map(({ body }) => body)
        .filter((body): body is Extract<LockEventBody, { kind: Kind }> => body.kind === kind),
    stop: () => driver.stop(),
  };
}

/** A house with these locks, each let in by the driver. */
export async function startRigWith(...models: readonly ZigbeeModelName[]): Promise<ZigbeeRig> {
  const house = await startZigbeeHouse(models);
  const rig = await startZigbeeRig(house);
  for (const model of models) await letIn(rig, zigbeeLock(rig, model));
  return rig;
}

/** A house with these locks, none of which asks to join yet. */
export async function startZigbeeHouse(
  models: readonly ZigbeeModelName[],
  options: Omit<HouseOptions, 'house'> = {},
): Promise<House> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockhub-house-file-'));
  const file = path.join(folder, 'house.yaml');
  const locks = models.map((model, index) => ({
    id: `door-${index + 1}`,
    model,
    address: `0x000d6ffffe0000${String(index + 11)}`,
  }));
  writeFileSync(file, JSON.stringify({ locks }));
  const house = await startHouse({ seed: 1, zigbeePort: 0, ...options, house: file });
  rmSync(folder, { recursive: true, force: true });
  for (const { membership } of house.locks) if (!membership.joined) membership.dismissed();
  return house;
}

export async function letIn(
  rig: ZigbeeRig,
  lock: Pick<SimLock, 'id' | 'membership'>,
  qr: string | null = null,
): Promise<void> {
  const pairing = rig.driver.pairing.start({ durationMs: PAIRING_MS, qr, pin: null, asksForPin: false });
  const isOpen = (): boolean => rig.driver.pairing.progress()?.stage === 'waiting_for_lock';
  await eventually(isOpen, 'the network is open');
  lock.membership.askToJoin();
  const end = await pairing;
  if (end.kind !== 'done') throw new Error(`${lock.id}: ${JSON.stringify(end)}`);
}

export function zigbeeLock({ house }: Pick<ZigbeeRig, 'house'>, model: ZigbeeModelName): SimLock {
  const lock = house.locks.find((candidate) => candidate.model.name === model);
  if (lock === undefined) throw new Error(`the house has no ${model}`);
  return lock;
}

export function zigbeeDeviceId(ieee: string): string {
  return `device-${ieee}`;
}
