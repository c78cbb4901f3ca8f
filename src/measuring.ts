import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import { isMeasurementDue, measured } from './core/measured.ts';
import type { NetworkView } from './core/radio-view.ts';
import { HOUR_MS } from './core/time.ts';
import type { Store } from './store/store.ts';

/** How often locks that say nothing are looked at; looking costs no frame. */
const LOOK_EVERY_MS = HOUR_MS;

export interface MeasuringOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** The disk has room for what can be missed. */
  readonly hasRoom: () => boolean;
  readonly networks: () => readonly { readonly network: NetworkView | null }[];
}

/** Keeps how batteries and signals were over time. */
export interface Measuring {
  stop(): Promise<void>;
}

/** Looks at a lock when something of it was stored, and at all of them every hour. It writes a few rows a day. */
export function startMeasuring(options: MeasuringOptions): Measuring {
  const { store, clock, log } = options;
  const stopping = new AbortController();
  const look = (deviceIds: readonly string[]): void => {
    if (!options.hasRoom()) return;
    try {
      // One commit for all of them: each wears the card by some pages.
      store.transaction(() => {
        for (const deviceId of deviceIds) measure(options, deviceId);
      });
    } catch (error) {
      log.error({ err: error }, 'locks could not be measured');
    }
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      look(store.deviceIds());
      await clock.sleepFor(LOOK_EVERY_MS, stopping.signal);
    }
  })();
  store.onCommit(({ deviceIds }) => {
    if (!stopping.signal.aborted) look(deviceIds);
  });
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

function measure({ store, clock, networks }: MeasuringOptions, deviceId: string): void {
  const { history } = store;
  const lock = store.lockState(deviceId)?.lock;
  const at = clock.now().earliest;
  if (lock === undefined || !isMeasurementDue(lock, history.lastMeasured(deviceId), at)) return;
  const nodes = networks().flatMap(({ network }) => network?.nodes ?? []);
  const now = measured(lock, nodes.find((node) => node.deviceId === deviceId) ?? null, at);
  if (now !== null) history.measure(deviceId, now);
}
