import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, setLogger } from 'zigbee-herdsman';
import type { House } from '../../drivers/sim/house.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';

const TIMEOUT_MS = 4000;
const POLL_MS = 20;
const WAIT_MAX_MS = 15_000;
const NETWORK_KEY = [1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 13];

export const DOOR_LOCK = 'closuresDoorLock';

/** A frame of a lock as the library tells it. */
export interface HeardFrame {
  readonly ieee: string;
  readonly type: string;
  readonly cluster: string | number;
  readonly content: Readonly<Record<string, unknown>> | Buffer;
}

/** zigbee-herdsman as it is, with files of its own, as some other hub would use it. */
export class StockZigbeeHub {
  readonly heard: HeardFrame[] = [];
  readonly left: string[] = [];
  readonly interviewed = new Set<string>();
  readonly folder = mkdtempSync(join(tmpdir(), 'lockhub-stock-zigbee-'));
  readonly #house: House;
  #controller: Controller | undefined;

  constructor(house: House) {
    this.#house = house;
    setLogger({ debug: silent, info: silent, warning: silent, error: silent });
  }

  get controller(): Controller {
    if (this.#controller === undefined) throw new Error('the hub is not started');
    return this.#controller;
  }

  /** What the library made of it: `reset` is a new network, `resumed` the old one, `restored` one from the backup. */
  async start(house = this.#house): Promise<string> {
    const controller = new Controller({
      network: {
        networkKeyDistribute: false,
        networkKey: NETWORK_KEY,
        panID: 0x1a64,
        channelList: [11],
        extendedPanID: [1, 2, 3, 4, 5, 6, 7, 8],
      },
      serialPort: { path: house.zigbee ?? '', adapter: 'zstack' },
      databasePath: join(this.folder, 'database.db'),
      databaseBackupPath: join(this.folder, 'database.db.backup'),
      backupPath: join(this.folder, 'backup.json'),
      adapter: { disableLED: false },
      acceptJoiningDeviceHandler: async () => true,
    });
    this.#controller = controller;
    controller.on('message', ({ device, type, cluster, data }) =>
      this.heard.push({ ieee: device.ieeeAddr, type, cluster, content: data as HeardFrame['content'] }),
    );
    controller.on('deviceInterview', ({ device, status }) => {
      if (status === 'successful') this.interviewed.add(device.ieeeAddr);
    });
    controller.on('deviceLeave', ({ ieeeAddr }) => this.left.push(ieeeAddr));
    return controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller?.stop();
    this.#controller = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The endpoint of a lock with its door lock cluster. */
  endpoint(lock: SimLock) {
    const device = this.controller.getDeviceByIeeeAddr(lock.ieee ?? '');
    const endpoint = device?.endpoints.find((one) => one.supportsInputCluster(DOOR_LOCK));
    if (device === undefined || endpoint === undefined) throw new Error(`${lock.id} is not known`);
    return endpoint;
  }

  /** A command of the door lock cluster; what it answers, or why not. */
  async command(
    lock: SimLock,
    name: string,
    payload: object,
    timeout = TIMEOUT_MS,
  ): Promise<Record<string, unknown>> {
    const options = { disableRecovery: true, sendPolicy: 'immediate' as const, timeout };
    // The names of the library's own types are not under test.
    const answer: unknown = await this.endpoint(lock).command(
      DOOR_LOCK,
      name as 'lockDoor',
      payload as never,
      options,
    );
    return answer as Record<string, unknown>;
  }

  /** Whether a frame was told whose content has all of these. */
  has(lock: SimLock, type: string, content: Readonly<Record<string, unknown>> = {}): boolean {
    return this.heard.some(
      (one) =>
        one.ieee === lock.ieee &&
        one.type === type &&
        Object.entries(content).every(
          ([key, value]) => (one.content as Record<string, unknown>)[key] === value,
        ),
    );
  }
}

function silent(): void {}

/** Waits until something holds. */
export async function until(what: string, holds: () => boolean, withinMs = WAIT_MAX_MS): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
