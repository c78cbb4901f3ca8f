import path from 'node:path';
import type { Backups } from './backup/backups.ts';
import { progressOf, readReplacement } from './backup/replacement.ts';
import type { ClaimedCloud } from './claim/claimed-cloud.ts';
import type { Cloud } from './cloud/cloud.ts';
import type { Config } from './config.ts';
import { settingsOf } from './config-shown.ts';
import type { LockLink } from './core/lock-event.ts';
import type { DiskWatch } from './disk-watch.ts';
import type { HubInside } from './doctor/inside.ts';
import type { HubState } from './http/page/hub-state.ts';
import type { HubSticks } from './http/route.ts';
import type { Faces } from './hub-faces.ts';
import type { HubParts } from './hub-parts.ts';
import type { Reconciler } from './reconcile/reconciler.ts';
import { shapeOf } from './store/shape.ts';
import type { Store } from './store/store.ts';

/** Who wants to be told that something changed; what, they look up. */
export function listeners() {
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
export function faceOf(reconciler: Reconciler) {
  return {
    wake: (deviceId: string) => reconciler.wake(deviceId),
    isRadioUp: (radio: LockLink) => reconciler.isRadioUp(radio),
    wakeRadios: () => reconciler.wakeRadios(),
    radios: () => [...reconciler.radios()],
    networks: () => reconciler.networks(),
    pairing: () => reconciler.pairing(),
  };
}

export type Sides = ReturnType<HubInside['sides']>;

/** How the links to others are, by the keys of the config that name them, the page and the backups. */
export function sidesOf(
  { homeAssistant: other }: Config,
  { cloud, homeAssistant, http }: Faces,
  backups: Backups,
): Sides {
  const links = [
    ...(cloud === null ? [] : [{ section: 'cloud', ...cloud.state() }]),
    ...(homeAssistant === null || other === null
      ? []
      : [{ section: other.section, ...homeAssistant.state() }]),
  ];
  return { links, pageFailure: http?.failure() ?? null, backupFailure: backups.state().failure };
}

/** What the page is told of the hub as a whole. */
export function stateOf(
  { config, store, clock, logRing, safeMode, wipe, repaired }: HubParts,
  bootId: string,
  diskWatch: DiskWatch,
  cloud: () => Cloud | ClaimedCloud | null,
): Omit<HubState, 'checkUp'> {
  return {
    bootId,
    startedMs: clock.monotonicMs(),
    disk: () => diskWatch.look(),
    cloudLink: () => cloud()?.state() ?? null,
    claim: () => {
      const to = cloud();
      return to !== null && 'claim' in to ? to.claim() : null;
    },
    logRing,
    safeMode: safeMode ?? null,
    wipe: wipe ?? null,
    databaseShape: () => shapeOf(path.join(config.dataDir, 'lockhub.db')),
    repaired: repaired ?? null,
    replaced: replacedOf(config, store),
    settings: settingsOf(config),
  };
}

/** Looks until every lock has answered once; what came before this start is known by then. */
function replacedOf({ dataDir }: Config, store: Store): NonNullable<HubState['replaced']> {
  let replacement = readReplacement(dataDir);
  return () => {
    if (replacement === null) return null;
    const progress = progressOf(replacement, store);
    const { made_at: madeAt } = replacement;
    if (progress.silent.length === 0) replacement = null;
    return replacement && { madeAt, ...progress };
  };
}

/** What the page may do about sticks, where the config leaves them to it. */
export function sticksOf({ sticks }: HubParts, reconciler: Reconciler): HubSticks | undefined {
  return (
    sticks && {
      find: () => sticks.find(),
      chosen: () => sticks.chosen(),
      use: async (radio) => reconciler.useRadio(await sticks.choose(radio)),
    }
  );
}
