import { randomInt, randomUUID } from 'node:crypto';
import { statfsSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import { openDoctor, type HubInside } from './doctor/inside.ts';
import { startCloud, type Cloud } from './cloud/cloud.ts';
import type { Config } from './config.ts';
import { settingsOf } from './config-shown.ts';
import { startHomeAssistant, type HomeAssistant } from './home-assistant/home-assistant.ts';
import { startHousekeeping } from './housekeeping.ts';
import { startHttp, type Http } from './http/http.ts';
import type { HubState } from './http/page/hub-state.ts';
import type { HubSticks } from './http/route.ts';
import type { LogRing } from './http/page/log-ring.ts';
import { startMeasuring } from './measuring.ts';
import type { SimulatedHouse } from './http/simulation.ts';
import type { LockLink } from './core/lock-event.ts';
import type { LockDriver } from './lock-driver.ts';
import type { OfflineCodeIssuer } from './offline-issuer.ts';
import type { StickChoice } from './provision/stick-choice.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import type { Store } from './store/store.ts';
import type { SafeMode } from './system/safe-mode.ts';
import { vitalsOf, type Vitals } from './system/vitals.ts';

/** All that one hub is made of; `hub.ts` knows no radio and no file. */
export interface HubParts {
  readonly config: Config;
  readonly drivers: readonly LockDriver[];
  /** Who computes offline codes. */
  readonly issuers?: readonly OfflineCodeIssuer[] | undefined;
  /** With `radios: auto`: the sticks of this machine, of which somebody chooses. */
  readonly sticks?: StickChoice | undefined;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** The newest lines of that log, for the page. */
  readonly logRing: LogRing;
  /** Of this program, for the cloud. */
  readonly version: string;
  /** The ordinary hub could not be kept running: this one only takes off what has ended. */
  readonly safeMode?: SafeMode | undefined;
  /** Of the demo, whose locks are simulated: what the local API may do there. */
  readonly house?: SimulatedHouse | undefined;
}

export interface Hub {
  /** `null`: switched off. */
  readonly http: Pick<Http, 'listening' | 'replaceKey' | 'loginPath'> | null;
  readonly vitals: Vitals;
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

type Sides = ReturnType<HubInside['sides']>;

/** How the links to others are, by the keys of the config that name them, and the page. */
function sidesOf(
  { homeAssistant: other }: Config,
  cloud: Cloud | null,
  homeAssistant: HomeAssistant | null,
  http: Http | null,
): Sides {
  const links = [
    ...(cloud === null ? [] : [{ section: 'cloud', ...cloud.state() }]),
    ...(homeAssistant === null || other === null
      ? []
      : [{ section: other.section, ...homeAssistant.state() }]),
  ];
  return { links, pageFailure: http?.failure() ?? null };
}

/** What the page is told of the hub as a whole. */
function stateOf(
  { config, clock, logRing, safeMode }: HubParts,
  bootId: string,
  cloudLink: HubState['cloudLink'],
): Omit<HubState, 'checkUp'> {
  return {
    bootId,
    startedMs: clock.monotonicMs(),
    disk: () => diskOf(config.dataDir),
    cloudLink,
    logRing,
    safeMode: safeMode ?? null,
    settings: settingsOf(config),
  };
}

/** What the page may do about sticks, where the config leaves them to it. */
function sticksOf({ sticks }: HubParts, reconciler: Reconciler): HubSticks | undefined {
  return (
    sticks && {
      find: () => sticks.find(),
      chosen: () => sticks.chosen(),
      use: async (radio) => reconciler.useRadio(await sticks.choose(radio)),
    }
  );
}

function tellStart({ config, store, clock, version, log, safeMode }: HubParts): string {
  const bootId = randomUUID();
  const details = { boot_id: bootId, version, ...(safeMode && { safe_mode: safeMode.reason }) };
  store.append([{ event_type: 'hub.started', occurredAt: clock.now().latest, details }]);
  log.info({ hubId: config.hubId, version, bootId, timezone: config.policy.timezone }, 'hub started');
  if (safeMode !== undefined) {
    const { reason } = safeMode;
    log.error({ reason }, 'SAFE MODE: codes that have ended are taken off, and nothing else is done');
  }
  return bootId;
}

/** Starts the loops of one hub. Radios and cloud need not be there: each is looked for until it is found. */
export function startHub(parts: HubParts): Hub {
  const { config, store, clock, log, version, house } = parts;
  const { policy } = config;
  const bootId = tellStart(parts);
  const { tell: onPairing, listen: onRadioChange } = listeners();
  let cloud: Cloud | null = null;
  let homeAssistant: HomeAssistant | null = null;
  let http: Http | null = null;
  const onRadioState = (): void => {
    cloud?.radiosChanged();
    homeAssistant?.radiosChanged();
    onPairing();
  };
  const reconciler = new Reconciler({ ...parts, policy, draw, onRadioState, onPairing });
  reconciler.start();
  const face = faceOf(reconciler);
  const sides = (): Sides => sidesOf(config, cloud, homeAssistant, http);
  const doctor = openDoctor(config, { clock, ...face, sides }, log);
  const shared = {
    hubId: config.hubId,
    version,
    store,
    clock,
    ...face,
    sticks: sticksOf(parts, reconciler),
    checkUp: doctor.checkUp,
    onRadioChange,
    ...stateOf(parts, bootId, () => cloud?.state() ?? null),
    policy,
    draw,
    log,
    random: Math.random,
  };
  cloud = config.cloud && startCloud({ ...config.cloud, ...shared });
  homeAssistant = config.homeAssistant && startHomeAssistant({ ...config.homeAssistant, ...shared });
  http = config.http && startHttp({ ...config.http, ...shared, hasCloud: cloud !== null, house });
  const measuring = startMeasuring(shared);
  const housekeeping = startHousekeeping(policy.timezone, () => {
    reconciler.audit();
    cloud?.rotateKeys();
  });
  return {
    http,
    vitals: vitalsOf({ ...shared, overdue: () => reconciler.overdue() }),
    async stop() {
      doctor.close();
      const ends = { link: cloud?.state(), homeAssistant: homeAssistant?.state() };
      await Promise.all([
        housekeeping.stop(),
        measuring.stop(),
        http?.stop(),
        cloud?.stop(),
        homeAssistant?.stop(),
        reconciler.stop(),
      ]);
      store.close();
      log.info(ends, 'hub stopped');
    },
  };
}
