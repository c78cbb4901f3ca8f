import { openIssuers } from '../drivers/offline/issuers.ts';
import { atStart } from './at-start.ts';
import type { Config } from './config.ts';
import { holdData, markData } from './data.ts';
import { hubData } from './hub-data.ts';
import { startHub, type Hub } from './hub.ts';
import type { HubParts } from './hub-parts.ts';
import { followKey } from './key-change.ts';
import type { HubLog } from './log.ts';
import { keysToTakeOver, radiosOf } from './radios.ts';
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
    const time = hubTime(config.trustsSystemClock, machine);
    const { clock, now, onChange: onClockChange } = time;
    const data = await hubData(config, time, to, onDamage);
    const radios = await radiosOf(config, takenOver, data, now, to);
    const issuers = await openIssuers(config.offline, {
      storage: data.store.radioStorage,
      zone: config.policy.timezone,
      now: () => clock.now().earliest,
      log: to,
      ...issuingDoors(data.store),
    });
    const hub = startHub({
      config,
      ...radios,
      issuers,
      ...data,
      clock,
      onClockChange,
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
