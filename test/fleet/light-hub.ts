import { mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import { createDirectDriver } from '../../drivers/sim/direct.ts';
import { SimLock } from '../../drivers/sim/lock/lock.ts';
import { LOCK_MODELS } from '../../drivers/sim/lock/model.ts';
import { SystemClock } from '../../src/clock.ts';
import { parseConfig } from '../../src/config.ts';
import { offsetMinutes } from '../../src/core/timing/local-time.ts';
import { startHub, type Hub } from '../../src/hub.ts';
import { LogRing } from '../../src/http/page/log-ring.ts';
import { HubKey } from '../../src/store/key.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { pause } from './until.ts';

const TIMEZONE = 'Europe/Berlin';
/** Nobody types a code faster; a hub takes the same report twice within 2 s for one. Busy machines need more. */
const OPENED_EVERY_MS = 15_000;

/** What is true at one hub, whatever its cloud believes. */
export interface HubFacts {
  readonly hubId: string;
  /** PINs that the lock itself holds, sorted. */
  readonly pins: readonly string[];
  /** How often somebody opened the door with a code. */
  readonly opened: number;
  readonly events: { readonly epoch: string; readonly head: number; readonly acked: number };
  /** The database with its log. */
  readonly databaseBytes: number;
}

export interface LightHubOptions {
  readonly hubId: string;
  /** For this hub alone; made. */
  readonly folder: string;
  readonly urls: readonly string[];
  readonly log: Logger;
}

/** A whole hub, its store on the disk and its link real, but for the radio: one simulated lock is reached directly. */
export class LightHub {
  readonly #hubId: string;
  readonly #folder: string;
  readonly #store: Store;
  readonly #lock: SimLock;
  readonly #hub: Hub;
  #opened = 0;
  #openedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ hubId, folder, urls, log }: LightHubOptions) {
    mkdirSync(folder, { mode: 0o700 });
    const config = parseConfig(
      { hub_id: hubId, site: { timezone: TIMEZONE }, data_dir: '.', cloud: { url: urls }, http: false },
      folder,
    );
    if (!config.ok) throw new Error(config.mistakes.join('\n'));
    const clock = new SystemClock();
    this.#hubId = hubId;
    this.#folder = folder;
    this.#store = openStore({ file: path.join(folder, 'lockhub.db'), key: HubKey.generate() });
    this.#lock = new SimLock({ id: hubId, model: LOCK_MODELS['uc-v2'], address: 2, now: Date.now });
    const driver = createDirectDriver({
      locks: [this.#lock],
      sleep: pause,
      random: Math.random,
      hubNow: () => clock.now().earliest,
      utcOffsetMinutes: (at) => offsetMinutes(TIMEZONE, at),
    });
    const parts = {
      config: config.value,
      drivers: [driver],
      store: this.#store,
      clock,
      log,
      logRing: new LogRing(),
    };
    this.#hub = startHub({ ...parts, version: '0.0.0-fleet' });
  }

  /** Somebody types a PIN at the door, unless somebody did so a moment ago. */
  type(pin: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#openedAtMs < OPENED_EVERY_MS || !this.#lock.typePin(pin).opened) return;
    this.#opened += 1;
    this.#openedAtMs = nowMs;
  }

  facts(): HubFacts {
    const { codes } = this.#lock;
    const pins = codes.slotsInUse().flatMap((slot) => codes.read(slot)?.pin.reveal() ?? []);
    const { outbox } = this.#store;
    return {
      hubId: this.#hubId,
      pins: pins.toSorted(),
      opened: this.#opened,
      events: { epoch: outbox.epoch, head: outbox.head(), acked: outbox.acked() },
      databaseBytes: sizeOf(this.#folder),
    };
  }

  stop(): Promise<void> {
    return this.#hub.stop();
  }
}

function sizeOf(folder: string): number {
  const sizes = readdirSync(folder).map((name) => statSync(path.join(folder, name)).size);
  return sizes.reduce((sum, size) => sum + size, 0);
}
