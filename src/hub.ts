import { randomInt, randomUUID } from 'node:crypto';
import { statfsSync } from 'node:fs';
import type { Logger } from 'pino';
import { Backups } from './backup/backups.ts';
import type { Clock } from './clock.ts';
import { startCloud, type Cloud } from './cloud/cloud.ts';
import type { Config } from './config.ts';
import { settingsOf } from './config-shown.ts';
import { startHomeAssistant, type HomeAssistant } from './home-assistant/home-assistant.ts';
import { startHousekeeping } from './housekeeping.ts';
import { startHttp, type Http } from './http/http.ts';
import type { HubState } from './http/page/hub-state.ts';
import type { LogRing } from './http/page/log-ring.ts';
import { startMeasuring } from './measuring.ts';
import type { SimulatedHouse } from './http/simulation.ts';
import type { LockLink } from './core/lock-event.ts';
import type { LockDriver } from './lock-driver.ts';
import type { OfflineCodeIssuer } from './offline-issuer.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import type { Store } from './store/store.ts';

/** All that one hub is made of; `hub.ts` knows no radio and no file. */
export interface HubParts {
  readonly config: Config;
  readonly drivers: readonly LockDriver[];
  /** Who computes offline codes. */
  readonly issuers?: readonly OfflineCodeIssuer[] | undefined;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** The newest lines of that log, for the page. */
  readonly logRing: LogRing;
  /** Of this program, for the cloud. */
  readonly version: string;
  /** Of the demo, whose locks are simulated: what the local API may do there. */
  readonly house?: SimulatedHouse | undefined;
  /** Ends this hub and starts another on its data directory; absent: nobody does. */
  readonly restart?: (() => void) | undefined;
}

export interface Hub {
  /** `null`: switched off. */
  readonly http: Pick<Http, 'listening' | 'replaceKey' | 'loginPath'> | null;
  /** Ends the radios and the link and closes the store. The parts bound their own ends: 3 s. */
  stop(): Promise<void>;
}

/** Cryptographic, because PINs are drawn with it (decision 18). */
function draw(below: number): number {
  return randomInt(below);
}

function diskOf(dataDir: string): { readonly freeBytes: number; readonly totalBytes: number } {
  const { bavail, blocks, bsize } = statfsSync(dataDir);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** Who wants to be told that something changed; what, they look up. */
function listeners() {
  const told = new Set<() => void>();
  return {
    tell: (): void => {
      for (const listener of told) listener();
    },
    listen: (listener: () => void) => {
      told.add(listener);
      return () => void told.delete(listener);
    },
  };
}

/** All of the loops that the cloud's and the technician's side may touch. */
function faceOf(reconciler: Reconciler) {
  return {
    wake: (deviceId: string) => reconciler.wake(deviceId),
    isRadioUp: (radio: LockLink) => reconciler.isRadioUp(radio),
    wakeRadios: () => reconciler.wakeRadios(),
    radios: () => [...reconciler.radios()],
    networks: () => reconciler.networks(),
    pairing: () => reconciler.pairing(),
  };
}

/** What the page is told of the hub as a whole. */
function stateOf(
  { config, clock, logRing }: HubParts,
  bootId: string,
  cloudLink: HubState['cloudLink'],
): HubState {
  return {
    bootId,
    startedMs: clock.monotonicMs(),
    disk: () => diskOf(config.dataDir),
    cloudLink,
    logRing,
    settings: settingsOf(config),
  };
}

function backupsOf(parts: HubParts, reconciler: Reconciler): Backups {
  const { restart = () => undefined } = parts;
  return new Backups({ ...parts, keepSticks: () => reconciler.keepSticks(), restart });
}

/** Starts the loops of one hub. Radios and cloud need not be there: each is looked for until it is found. */
export function startHub(parts: HubParts): Hub {
  const { config, store, clock, log, version, house } = parts;
  const bootId = randomUUID();
  const { policy } = config;
  store.append([
    { event_type: 'hub.started', occurredAt: clock.now().latest, details: { boot_id: bootId, version } },
  ]);
  log.info({ hubId: config.hubId, version, bootId, timezone: policy.timezone }, 'hub started');
  const { tell: onPairing, listen: onRadioChange } = listeners();
  let cloud: Cloud | null = null;
  let homeAssistant: HomeAssistant | null = null;
  const onRadioState = (): void => {
    cloud?.radiosChanged();
    homeAssistant?.radiosChanged();
    onPairing();
  };
  const reconciler = new Reconciler({ ...parts, policy, draw, onRadioState, onPairing });
  reconciler.start();
  const backups = backupsOf(parts, reconciler);
  const shared = {
    backups,
    hubId: config.hubId,
    version,
    store,
    clock,
    ...faceOf(reconciler),
    onRadioChange,
    ...stateOf(parts, bootId, () => cloud?.state() ?? null),
    policy,
    draw,
    log,
    random: Math.random,
  };
  cloud = config.cloud && startCloud({ ...config.cloud, ...shared });
  homeAssistant = config.homeAssistant && startHomeAssistant({ ...config.homeAssistant, ...shared });
  const http =
    config.http && startHttp({ ...config.http, ...shared, hasCloud: config.cloud !== null, house });
  const measuring = startMeasuring(shared);
  const housekeeping = startHousekeeping(policy.timezone, () => {
    reconciler.audit();
    cloud?.rotateKeys();
    void backups.make('nightly');
  });
  return {
    http,
    async stop() {
      const links = { link: cloud?.state(), homeAssistant: homeAssistant?.state() };
      await Promise.all([
        housekeeping.stop(),
        measuring.stop(),
        http?.stop(),
        cloud?.stop(),
        homeAssistant?.stop(),
        reconciler.stop().then(() => backups.stop()),
      ]);
      store.close();
      log.info(links, 'hub stopped');
    },
  };
}
