import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Driver, type ZWaveNode } from 'zwave-js';
import type { House } from '../../drivers/sim/house.ts';

const POLL_MS = 20;
const POLL_TIMEOUT_MS = 10_000;

/** A notification as zwave-js tells it. */
export interface Heard {
  readonly nodeId: number;
  readonly type: number;
  readonly event: number;
  readonly userId: number | undefined;
}

/** The stock radio library with its own cache, as some other hub would use it. */
export class StockHub {
  readonly heard: Heard[] = [];
  readonly #house: House;
  #cacheDir = freshCacheDir();
  #driver: Driver | undefined;

  constructor(house: House) {
    this.#house = house;
  }

  /** Connects, and resolves when every node is interviewed. */
  async start(): Promise<void> {
    this.#moveCache();
    const driver = new Driver(this.#house.zwave, {
      securityKeys: keysOf(this.#house),
      storage: { cacheDir: this.#cacheDir },
      logConfig: { enabled: false },
      interview: { queryAllUserCodes: true },
      testingHooks: { skipFirmwareIdentification: true },
    });
    this.#driver = driver;
    // The house drops connections in some tests; what the driver thinks of that is not under test.
    driver.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      driver.once('error', reject);
      driver.once('driver ready', () => resolve());
      driver.start().catch(reject);
    });
    const interviewed = new Promise<void>((resolve) => driver.once('all nodes ready', () => resolve()));
    for (const node of driver.controller.nodes.values()) this.#listen(node);
    await interviewed;
  }

  node(nodeId: number): ZWaveNode {
    const node = this.#driver?.controller.nodes.get(nodeId);
    if (node === undefined) throw new Error(`no node ${nodeId}`);
    return node;
  }

  async stop(): Promise<void> {
    await this.#driver?.destroy();
    this.#driver = undefined;
  }

  /** Stops for good, without a trace. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#cacheDir, { recursive: true, force: true });
  }

  /** The library keeps a lock on its files for a while after it stopped, so each life gets a copy. */
  #moveCache(): void {
    const before = this.#cacheDir;
    this.#cacheDir = freshCacheDir();
    cpSync(before, this.#cacheDir, { recursive: true, filter: (file) => !file.endsWith('.lock') });
    rmSync(before, { recursive: true, force: true });
  }

  #listen(node: ZWaveNode): void {
    node.on('notification', (endpoint, _ccId, told) => {
      if (!('type' in told) || !('event' in told)) return;
      const { type, event, parameters } = told;
      const named =
        typeof parameters === 'object' && 'userId' in parameters ? parameters['userId'] : undefined;
      const userId = typeof named === 'number' ? named : undefined;
      this.heard.push({ nodeId: endpoint.nodeId, type, event, userId });
    });
  }
}

function freshCacheDir(): string {
  return mkdtempSync(join(tmpdir(), 'lockhub-stock-hub-'));
}

function keysOf(house: House): Record<string, Buffer> {
  const keys: Record<string, string> = JSON.parse(readFileSync(house.securityKeysFile, 'utf8'));
  return Object.fromEntries(Object.entries(keys).map(([name, hex]) => [name, Buffer.from(hex, 'hex')]));
}

/** Waits until something holds, and says what did not when it never does. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + POLL_TIMEOUT_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
