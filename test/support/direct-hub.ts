import path from 'node:path';
import type { Logger } from 'pino';
import { createDirectDriver } from '../../drivers/sim/direct.ts';
import { SimLock } from '../../drivers/sim/lock/lock.ts';
import { LOCK_MODELS } from '../../drivers/sim/lock/model.ts';
import { seededRandom } from '../../drivers/sim/random.ts';
import { SystemClock } from '../../src/clock.ts';
import { parseConfig } from '../../src/config.ts';
import { offsetMinutes } from '../../src/core/timing/local-time.ts';
import { startHub, type Hub } from '../../src/hub.ts';
import { LogRing } from '../../src/http/page/log-ring.ts';
import { HubKey } from '../../src/store/key.ts';
import { openStore } from '../../src/store/open-store.ts';

const TIMEZONE = 'Europe/Berlin';

export interface DirectHubOptions {
  /** For this hub alone; there already. */
  readonly folder: string;
  readonly seed: number;
  readonly lockCount: number;
  /** Of each lock. */
  readonly slots: number;
  /** The radio and the locks are so many times as fast as real ones. */
  readonly haste: number;
  readonly log: Logger;
  /** What the page is shown of the log; without one, nothing. */
  readonly logRing?: LogRing;
}

/** A whole hub of this process, whose radio reaches its locks directly. Its API has a free port of loopback. */
export interface DirectHub {
  readonly hub: Hub;
  readonly http: NonNullable<Hub['http']>;
  readonly locks: readonly SimLock[];
  readonly databaseFile: string;
}

export function startDirectHub(options: DirectHubOptions): DirectHub {
  const { folder, seed, slots, haste, log } = options;
  const model = {
    ...LOCK_MODELS['uc-v2'],
    slots,
    adminSlot: slots + 1,
    pinLength: { min: 4, max: 10 },
  };
  const locks = Array.from(
    { length: options.lockCount },
    (_, index) => new SimLock({ id: `lock-${index}`, model, address: 2 + index, now: Date.now }),
  );
  const driver = createDirectDriver({
    locks,
    sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs / haste)),
    random: seededRandom(seed),
    hubNow: Date.now,
    utcOffsetMinutes: (at) => offsetMinutes(TIMEZONE, at),
  });
  const config = parseConfig(
    {
      hub_id: 'hub-1',
      site: { timezone: TIMEZONE },
      data_dir: '.',
      http: { requests_per_minute: 1_000_000 },
    },
    folder,
  );
  if (!config.ok || config.value.http === null) throw new Error('this is no config with a local API');
  const databaseFile = path.join(folder, 'hub.db');
  const hub = startHub({
    // A free port, which no config file can ask for.
    config: { ...config.value, http: { ...config.value.http, port: 0 } },
    drivers: [driver],
    store: openStore({ file: databaseFile, key: HubKey.generate() }),
    clock: new SystemClock(),
    version: '0.0.0-test',
    log,
    logRing: options.logRing ?? new LogRing(),
  });
  if (hub.http === null) throw new Error('the local API is switched off');
  return { hub, http: hub.http, locks, databaseFile };
}
