import { openIssuers } from '../drivers/offline/issuers.ts';
import { atStart } from './at-start.ts';
import type { Config } from './config.ts';
import type { Instant } from './core/time.ts';
import { holdData, markData, openData, reserveOf } from './data.ts';
import { startHub, type Hub } from './hub.ts';
import type { HubParts } from './hub-parts.ts';
import { followKey } from './key-change.ts';
import type { HubLog } from './log.ts';
import { keysToTakeOver, radiosOf } from './radios.ts';
import { openSound } from './repair/open.ts';
import { damageWatch, type DamageWatch } from './repair/watch.ts';
import { issuingDoors } from './store/doors.ts';
import { hubTime } from './time/hub-time.ts';
import type { Machine } from './time/interval-clock.ts';
import { ownVersion } from './version.ts';

/** What a hub is told by whoever opens it. */
export type HubExtras = Pick<HubParts, 'house' | 'restart' | 'safeMode' | 'wipe'> & {
  readonly onDamage?: () => void;
  /** In place of this machine; its clock is not vouched for. */
  readonly machine?: Machine | undefined;
};

/** Wires a hub together. Creates nothing before the files that the config names for the start are known to be right. */
export async function openHub(
  config: Config,
  { log: to, ring }: HubLog,
  { onDamage = () => undefined, machine, ...more }: HubExtras,
): Promise<Hub> {
  // The radio library sets the clocks of locks by the local time of this process, so that has to be the site's.
  process.env['TZ'] = config.policy.timezone;
  // In safe mode the hub's own copy has to do: the file may be what kept it from starting.
  const takenOver = more.safeMode ? [] : await Promise.all(config.radios.map(keysToTakeOver));
  return atStart(async () => {
    const release = holdData(config);
    followKey(config, to);
    const { clock, now, start, onChange: onClockChange } = hubTime(config.trustsSystemClock, machine);
    const warn = (message: string): void => to.warn(message);
    const earliest = (): Instant => clock.now().earliest;
    let damage: DamageWatch | undefined;
    // The clock of the hub starts with what the database remembers of it.
    const about = (): Instant => Math.max(earliest(), Date.now());
    const { store, repaired, tell } = await openSound(config, to, about, () =>
      openData(config, warn, earliest, (error) => damage?.noticed(error.message)),
    );
    damage = damageWatch(config.dataDir, to, onDamage);
    await start(store, to);
    tell(earliest());
    const radios = await radiosOf(config, takenOver, store, now, to, repaired?.restoredFrom === null);
    const issuers = await openIssuers(config.offline, {
      storage: store.radioStorage,
      zone: config.policy.timezone,
      now: () => clock.now().earliest,
      log: to,
      ...issuingDoors(store),
    });
    const hub = startHub({
      config,
      ...radios,
      issuers,
      store,
      reserve: reserveOf(config),
      clock,
      onClockChange,
      damage,
      repaired,
      log: to,
      logRing: ring,
      version: ownVersion(),
      ...more,
    });
    markData(config);
    return {
      ...hub,
      stop: async () => {
        await clock.stop();
        await hub.stop();
        release();
      },
    };
  });
}
