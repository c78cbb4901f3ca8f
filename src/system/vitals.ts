import type { RadioKind } from '../core/lock-event.ts';
import { StoreError } from '../store/errors.ts';
import type { Store } from '../store/store.ts';
import type { SafeMode } from './safe-mode.ts';

/** What of a hub shows that it goes on. */
export interface Vitals {
  /** Locks whose loops should have gone on long ago. */
  overdue(): readonly string[];
  /** Why the database takes no write; `null`: it does. A disk that refuses is told elsewhere, and no restart mends it. */
  blocked(): StoreError | null;
  /** How the hub is, in one line for `systemctl status`. */
  status(): string;
}

interface VitalsParts {
  readonly store: Store;
  readonly overdue: () => readonly string[];
  readonly radios: () => readonly { readonly radio: RadioKind; readonly state: string }[];
  readonly cloudLink: () => { readonly status: string } | null;
  readonly safeMode?: SafeMode | null | undefined;
}

const RADIO_NAMES: Readonly<Record<RadioKind, string>> = { zwave: 'Z-Wave', zigbee: 'Zigbee' };

/** Watches a hub's loops and database. */
export function vitalsOf(parts: VitalsParts): Vitals {
  return {
    overdue: parts.overdue,
    blocked: () => blocked(parts.store),
    status: () => statusOf(parts),
  };
}

function blocked(store: Store): StoreError | null {
  try {
    store.tryWrite();
    return null;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return error.kind === 'disk' ? null : error;
  }
}

function statusOf({ store, radios, cloudLink, safeMode }: VitalsParts): string {
  const locks = store.deviceIds().flatMap((deviceId) => store.lockState(deviceId)?.lock ?? []);
  const lost = locks.filter(({ online }) => !online).length;
  const link = cloudLink();
  return [
    ...(safeMode == null ? [] : ['SAFE MODE, only ended codes are taken off']),
    `${locks.length} ${locks.length === 1 ? 'lock' : 'locks'}${lost === 0 ? '' : `, ${lost} out of reach`}`,
    ...radios().map(({ radio, state }) => `${RADIO_NAMES[radio]} ${state}`),
    ...(link === null ? [] : [`cloud ${link.status}`]),
  ].join('; ');
}
