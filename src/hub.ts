import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import { startCloud } from './cloud/cloud.ts';
import type { Config } from './config.ts';
import { DEFAULT_POLICY, type Policy } from './core/lock.ts';
import type { LockDriver } from './lock-driver.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import type { Store } from './store/store.ts';

/** All that one hub is made of; `hub.ts` knows no radio and no file. */
export interface HubParts {
  readonly config: Config;
  readonly drivers: readonly LockDriver[];
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of this program, for the cloud. */
  readonly version: string;
}

export interface Hub {
  /** Ends the radios and the link and closes the store. The parts bound their own ends: 3 s. */
  stop(): Promise<void>;
}

/** Starts the loops of one hub. Radios and cloud need not be there: each is looked for until it is found. */
export function startHub(parts: HubParts): Hub {
  const { config, drivers, store, clock, log, version } = parts;
  const bootId = randomUUID();
  const policy: Policy = {
    ...DEFAULT_POLICY,
    timezone: config.timezone,
    jitLeadMs: config.jitLeadMs,
    nativePreloadMs: config.nativePreloadMs,
    strictStart: config.strictStart,
  };
  store.append([
    { event_type: 'hub.started', occurredAt: clock.now().latest, details: { boot_id: bootId, version } },
  ]);
  log.info({ hubId: config.hubId, version, bootId, timezone: config.timezone }, 'hub started');
  const reconciler = new Reconciler({ store, drivers, clock, policy, log });
  reconciler.start();
  const cloud =
    config.cloud === null
      ? undefined
      : startCloud({
          ...config.cloud,
          hubId: config.hubId,
          version,
          bootId,
          store,
          clock,
          policy,
          wake: (deviceId) => reconciler.wake(deviceId),
          log,
          random: Math.random,
        });
  return {
    async stop() {
      await Promise.all([cloud?.stop(), reconciler.stop()]);
      store.close();
      log.info('hub stopped');
    },
  };
}
