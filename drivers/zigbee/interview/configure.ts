import type { Models } from 'zigbee-herdsman';
import { answerOfError } from '../answer.ts';

/** A lock tells its state at least hourly, by which it is known to be there; and not in bursts (zigbee2mqtt #1871). */
const STATE_REPORT_MAX_S = 3600;
const STATE_REPORT_MIN_S = 1;
/** Its battery at most hourly and at least every 12 hours. */
const BATTERY_REPORT_MIN_S = 3600;
const BATTERY_REPORT_MAX_S = 43_200;
/** Two percent, in halves of one. */
const BATTERY_CHANGE = 4;

/** The library's calls, without the types that it derives from its names. */
interface Configurable {
  bind(cluster: string, target: Models.Endpoint): Promise<void>;
  configureReporting(
    cluster: string,
    items: readonly Record<string, unknown>[],
    options: Record<string, unknown>,
  ): Promise<void>;
}

/**
 * Has a lock report by itself. Once, at its interview: poll control is left as the maker set it, and repeated writes of
 * either kind were seen to drain batteries (field note 5). Resolves to whether the lock took the hourly report.
 */
export async function configure(
  endpoint: Models.Endpoint,
  coordinator: Models.Endpoint,
  timeout: number,
): Promise<boolean> {
  const options = { sendPolicy: 'immediate', disableRecovery: true, timeout };
  const target = endpoint as unknown as Configurable;
  const isReporting = await isTaken(async () => {
    await target.bind('closuresDoorLock', coordinator);
    const report = {
      attribute: 'lockState',
      minimumReportInterval: STATE_REPORT_MIN_S,
      maximumReportInterval: STATE_REPORT_MAX_S,
      reportableChange: 0,
    };
    await target.configureReporting('closuresDoorLock', [report], options);
  });
  if (!endpoint.supportsInputCluster('genPowerCfg')) return isReporting;
  await isTaken(async () => {
    await target.bind('genPowerCfg', coordinator);
    const report = {
      attribute: 'batteryPercentageRemaining',
      minimumReportInterval: BATTERY_REPORT_MIN_S,
      maximumReportInterval: BATTERY_REPORT_MAX_S,
      reportableChange: BATTERY_CHANGE,
    };
    await target.configureReporting('genPowerCfg', [report], options);
  });
  return isReporting;
}

/** A lock without reports works: it is asked. */
async function isTaken(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    answerOfError(error);
    return false;
  }
}
