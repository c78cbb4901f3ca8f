import type { Logger } from 'pino';
import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import type { Clock } from '../../../src/clock.ts';
import type { LockDriver } from '../../../src/lock-driver.ts';
import type { Store } from '../../../src/store/store.ts';

/** How the hub of a world reaches its locks: straight, or through real radio libraries. */
export type FaceName = 'direct' | 'zwave' | 'zigbee' | 'both';

/** What one life of a hub gives its drivers. */
export interface Hosting {
  readonly clock: Clock;
  readonly store: Store;
  readonly log: Logger;
  /** The power has gone. */
  readonly isDead: () => boolean;
}

/** The radios of a world. They outlive the hub. */
export interface Face {
  readonly locks: readonly SimLock[];
  /** The drivers of a hub that is about to start. */
  drivers(hosting: Hosting): readonly LockDriver[];
  /** Takes the sticks away, or gives them back. */
  setPlugged(plugged: boolean): void;
  /** The hub's power goes: not one more frame of it gets out. */
  cut(): void;
  /** Has the locks join that are in no network yet. `drivers`: those of a hub that runs. */
  admit(drivers: readonly LockDriver[]): Promise<void>;
  close(): Promise<void>;
}
