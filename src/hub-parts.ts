import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { RepairView } from './core/repair-view.ts';
import type { LogRing } from './http/page/log-ring.ts';
import type { SimulatedHouse } from './http/simulation.ts';
import type { LockDriver } from './lock-driver.ts';
import type { OfflineCodeIssuer } from './offline-issuer.ts';
import type { DamageWatch } from './repair/watch.ts';
import type { StickChoice } from './provision/stick-choice.ts';
import type { Reserve } from './store/reserve.ts';
import type { Store } from './store/store.ts';
import type { SafeMode } from './system/safe-mode.ts';
import type { WipeMark } from './wipe/mark.ts';

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
  /** Tells when the clock is another one than could be foreseen; absent: it never is. */
  readonly onClockChange?: (listener: () => void) => void;
  readonly log: Logger;
  /** The newest lines of that log, for the page. */
  readonly logRing: LogRing;
  /** Of this program, for the cloud. */
  readonly version: string;
  /** The ordinary hub could not be kept running: this one only takes off what has ended. */
  readonly safeMode?: SafeMode | undefined;
  /** It was ordered to wipe itself, or was wiped; `null` or absent: neither. */
  readonly wipe?: WipeMark | null | undefined;
  /** How the database is looked after while it runs; `undefined`: nobody does. */
  readonly damage?: DamageWatch | undefined;
  /** The database was damaged, and what was damaged is still kept; `null`: neither. */
  readonly repaired?: RepairView | null | undefined;
  /** What is kept free on the disk for codes; `undefined`: nothing. */
  readonly reserve?: Reserve | undefined;
  /** Of the demo, whose locks are simulated: what the local API may do there. */
  readonly house?: SimulatedHouse | undefined;
  /** Ends this hub and starts another on its data directory; absent: nobody does. */
  readonly restart?: (() => void) | undefined;
}
