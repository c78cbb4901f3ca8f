import { schedule } from 'node-cron';

/** When nobody is at the doors and the radio is free: at 3:17 at night, by the wall clock of the site. */
const QUIET_HOUR = '17 3 * * *';

export interface Housekeeping {
  stop(): Promise<void>;
}

/**
 * Starts what is to be done now and then. The schedule of codes never rests on it: a night that is missed because the
 * hub was off, or because clocks were set, costs nothing but a night.
 */
export function startHousekeeping(timezone: string, nightly: () => void): Housekeeping {
  const task = schedule(QUIET_HOUR, nightly, { timezone, unref: true, suppressMissedWarning: true });
  return {
    stop: async () => {
      await task.destroy();
    },
  };
}
