import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { RepairView } from './core/repair-view.ts';
import type { Instant } from './core/time.ts';
import { openData, reserveOf } from './data.ts';
import { openSound } from './repair/open.ts';
import { damageWatch, type DamageWatch } from './repair/watch.ts';
import type { Reserve } from './store/reserve.ts';
import type { Store } from './store/store.ts';
import type { HubTime } from './time/hub-time.ts';

/** What a hub works with, for as long as it has its data directory. */
interface HubData {
  readonly store: Store;
  /** `null`: the database was not damaged, now or lately. */
  readonly repaired: RepairView | null;
  readonly damage: DamageWatch;
  /** What is kept free for codes on the disk. */
  readonly reserve: Reserve;
}

/**
 * Opens the database of a hub, repairs one that is damaged, and starts the hub's clock with what it remembers. `onDamage`
 * is told when damage shows later on. Rejects with the `StoreError` of what only a person can mend.
 */
export async function hubData(
  config: Config,
  { clock, start }: HubTime,
  log: Logger,
  onDamage: () => void,
): Promise<HubData> {
  const earliest = (): Instant => clock.now().earliest;
  const warn = (message: string): void => log.warn(message);
  // What happens before the clock is started is told by that of the machine, if it is not behind.
  const about = (): Instant => Math.max(earliest(), Date.now());
  let damage: DamageWatch | undefined;
  const { store, repaired, tell } = await openSound(config, log, about, () =>
    openData(config, warn, earliest, (error) => damage?.noticed(error.message)),
  );
  damage = damageWatch(config.dataDir, log, onDamage);
  await start(store, log);
  tell(earliest());
  return { store, repaired, damage, reserve: reserveOf(config) };
}
