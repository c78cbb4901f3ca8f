import type { HubParts } from '../hub-parts.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import { expireAndLeave } from './expiring.ts';

/** Begins what a hub does that was ordered to wipe itself; `null`: this one was not. */
export function startLeaving(
  { config, store, clock, log, wipe, restart }: HubParts,
  reconciler: Reconciler,
): { stop(): void } | null {
  if (wipe?.phase !== 'expiring' || restart === undefined) return null;
  const stopping = new AbortController();
  void expireAndLeave(
    {
      dataDir: config.dataDir,
      mark: wipe,
      store,
      clock,
      policy: config.policy,
      log,
      wake: (deviceId) => reconciler.wake(deviceId),
      areRadiosUp: () => reconciler.radios().every(({ state }) => state === 'ready'),
      resetSticks: () => reconciler.resetSticks(),
      restart,
    },
    stopping.signal,
  );
  // A stick that is slow to forget does not keep the hub from ending: the next start begins there anew.
  return { stop: () => stopping.abort() };
}
