import { randomInt, randomUUID } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { Backups } from './backup/backups.ts';
import { openDoctor } from './doctor/inside.ts';
import { startDiskWatch } from './disk-watch.ts';
import { startHousekeeping } from './housekeeping.ts';
import { NO_FACES, openFaces, type Faces } from './hub-faces.ts';
import type { Http } from './http/http.ts';
import type { HubParts } from './hub-parts.ts';
import { faceOf, listeners, sidesOf, stateOf, sticksOf, type Sides } from './hub-views.ts';
import { keyChangeOf, onceForKey, watchForKey } from './key-change.ts';
import { startMeasuring } from './measuring.ts';
import { CloudWait } from './reconcile/cloud-wait.ts';
import { Reconciler, type ReconcilerOptions } from './reconcile/reconciler.ts';
import { StoreError } from './store/errors.ts';
import { startUpdates } from './update/of-hub.ts';
import { vitalsOf, type Vitals } from './system/vitals.ts';
import { startLeaving } from './wipe/leaving.ts';
import { wipingOf } from './wipe/wiping.ts';

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

/**
 * Tells of this start, and what it is called. A hub that starts on a full disk has codes to take off, which is worth more
 * than to tell that it started.
 */
function announce({ config, store, clock, log, version, safeMode }: HubParts): string {
  const { hubId, policy } = config;
  const bootId = randomUUID();
  const details = { boot_id: bootId, version, ...(safeMode && { safe_mode: safeMode.reason }) };
  try {
    store.append([{ event_type: 'hub.started', occurredAt: clock.now().earliest, details }]);
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'disk') throw error;
    log.warn({ reason: error.message }, 'the hub starts although nothing can be written');
  }
  log.info({ hubId, version, bootId, timezone: policy.timezone }, 'hub started');
  if (safeMode !== undefined) {
    const { reason } = safeMode;
    log.error({ reason }, 'SAFE MODE: codes that have ended are taken off, and nothing else is done');
  }
  return bootId;
}

/** The work of a night. A damaged database gets no backup, which might take the place of a good one. In safe mode no backup is made: a hub that fails again and again is to keep its good ones. */
function nightly(parts: HubParts, reconciler: Reconciler, cloud: Faces['cloud'], backups: Backups): void {
  reconciler.audit();
  cloud?.rotateKeys();
  tidy(parts);
  void (parts.damage?.check() ?? Promise.resolve(true)).then((isSound) => {
    if (isSound && parts.safeMode === undefined) void backups.make('nightly');
  });
}

/** What is not deleted in this night goes in the next one. */
function tidy({ store, clock, log }: HubParts): void {
  try {
    store.tidy(clock.now().earliest, false);
  } catch (error) {
    log.error({ err: error }, 'what is old could not be deleted');
  }
}

/** Ends what runs, then closes the store. */
async function end(
  { store, log }: HubParts,
  { cloud, homeAssistant }: Faces,
  others: readonly ({ stop(): Promise<void> | void } | null)[],
): Promise<void> {
  const ends = { link: cloud?.state(), homeAssistant: homeAssistant?.state() };
  await Promise.all([cloud, homeAssistant, ...others].map(async (each) => each?.stop()));
  try {
    store.close();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    log.error({ reason: error.message }, 'the database did not close well');
  }
  log.info(ends, 'hub stopped');
}

/** What works at the locks, and what that needs; none of it runs yet but the look at the disk. */
function loopsOf(parts: HubParts, told: Pick<ReconcilerOptions, 'onRadioState' | 'onPairing'>) {
  const { config, store, clock, safeMode, restart = () => undefined, damage } = parts;
  const wait = new CloudWait({ store, clock, hasCloud: config.cloud !== null && safeMode === undefined });
  const reconciler: Reconciler = new Reconciler({
    ...parts,
    ...told,
    policy: config.policy,
    draw,
    mayWrite: () => wait.isOver(),
    beforeRisk: () => backups.make('before_risk'),
  });
  const disk = (): ReturnType<typeof diskOf> => diskOf(config.dataDir);
  const diskWatch = startDiskWatch({ ...parts, disk, onRelief: () => reconciler.audit() });
  const hasRoom = (): boolean => diskWatch.hasRoom();
  const keepSticks = (): ReturnType<Reconciler['keepSticks']> => reconciler.keepSticks();
  const onFailure = (): void => void damage?.check();
  const backups = new Backups({ ...parts, keepSticks, hasRoom, restart, onFailure });
  return { wait, reconciler, diskWatch, backups };
}

/** Who takes the order to wipe this hub; `undefined` where nobody would start it anew. */
function wipingIn({ config, store, restart }: HubParts): ReturnType<typeof wipingOf> | undefined {
  const { hubId, dataDir, cloud } = config;
  if (restart === undefined || cloud === null) return undefined;
  const { epoch } = store.outbox;
  const hub = { hubId, epoch, publicKey: cloud.wipePublicKey, urls: [cloud.url].flat() };
  return wipingOf({ dataDir, hub, restart });
}

/** What the cloud may have the hub do with itself. */
function ordersOf(parts: HubParts, backups: Backups, updates: ReturnType<typeof startUpdates>) {
  const { config, safeMode, restart } = parts;
  return {
    backups,
    updates,
    update: updates?.take,
    backUp: (uploadUrl: string | null) => backups.hand(uploadUrl),
    wiping: wipingIn(parts),
    keyChange: safeMode ? undefined : keyChangeOf(config, () => restart?.()),
  };
}

/** `onNew` is called once for each key that this hub comes to. */
function watchKey({ config, store, safeMode, restart }: HubParts, onNew: () => void) {
  onceForKey(store.secrets, store.keyNumber, onNew);
  return watchForKey(config, () => safeMode ?? restart?.());
}

/** Starts the loops of one hub. Radios and cloud need not be there: each is looked for until it is found. */
export function startHub(parts: HubParts): Hub {
  const { config, store, clock, log, version, safeMode } = parts;
  const { policy } = config;
  const bootId = announce(parts);
  const { tell: onPairing, listen: onRadioChange } = listeners();
  let faces = NO_FACES;
  const onRadioState = (): void => {
    faces.cloud?.radiosChanged();
    faces.homeAssistant?.radiosChanged();
    onPairing();
  };
  const { wait, reconciler, diskWatch, backups } = loopsOf(parts, { onRadioState, onPairing });
  reconciler.start();
  const wakeAll = (): void => {
    for (const deviceId of store.deviceIds()) reconciler.wake(deviceId);
  };
  parts.onClockChange?.(wakeAll);
  const face = { ...faceOf(reconciler), sticks: sticksOf(parts, reconciler) };
  const sides = (): Sides => sidesOf(config, faces, backups);
  const doctor = openDoctor(config, { clock, ...face, sides, safeMode: safeMode?.reason ?? null }, log);
  const leaving = startLeaving(parts, reconciler);
  const views = stateOf(parts, bootId, diskWatch, () => faces.cloud);
  const vitals = vitalsOf({ ...parts, ...face, ...views, overdue: () => reconciler.overdue() });
  const updates = startUpdates({ ...parts, ...face, ...views, vitals, diskWatch, backups });
  const shared = {
    ...ordersOf(parts, backups, updates),
    hubId: config.hubId,
    version,
    store,
    clock,
    ...face,
    checkUp: doctor.checkUp,
    onRadioChange,
    ...views,
    policy,
    draw,
    log,
    random: Math.random,
  };
  faces = openFaces(parts, shared);
  const { cloud, http } = faces;
  wait.start(() => cloud?.state().status === 'online', wakeAll);
  const measuring = startMeasuring({ ...shared, hasRoom: () => diskWatch.hasRoom() });
  const keyWatch = watchKey(parts, () => {
    cloud?.rotateKeys(true);
    void backups.make('on_demand');
  });
  const housekeeping = startHousekeeping(policy.timezone, () => nightly(parts, reconciler, cloud, backups));
  return {
    http,
    vitals,
    stop: () => {
      doctor.close();
      const loops = { stop: () => reconciler.stop().then(() => backups.stop()) };
      const others = [leaving, housekeeping, measuring, diskWatch, keyWatch, wait, http, updates, loops];
      return end(parts, faces, others);
    },
  };
}
