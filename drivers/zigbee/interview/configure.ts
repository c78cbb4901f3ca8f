import type { Models } from 'zigbee-herdsman';
import { answerOfError, type Silence } from '../answer.ts';

/** A lock tells its state at least hourly, by which it is known to be there; and not in bursts (zigbee2mqtt #1871). */
const STATE_REPORT_MAX_S = 3600;
const STATE_REPORT_MIN_S = 1;
/** Its battery at most hourly and at least every 12 hours. */
const BATTERY_REPORT_MIN_S = 3600;
const BATTERY_REPORT_MAX_S = 43_200;
/** Two percent, in halves of one. */
const BATTERY_CHANGE = 4;

interface Report {
  readonly attribute: string;
  readonly minimumReportInterval: number;
  readonly maximumReportInterval: number;
  readonly reportableChange: number;
}

/** The library's calls, without the types that it derives from its names. */
interface Configurable {
  bind(cluster: string, target: Models.Endpoint): Promise<void>;
  configureReporting(
    cluster: string,
    items: readonly Report[],
    options: Record<string, unknown>,
  ): Promise<void>;
}

/** A state that ends or begins is told at once, and again with the battery. */
const ALARM_REPORT_MIN_S = 0;

/**
 * Has a lock report by itself. Once, at its interview: poll control is left as the maker set it, and repeated writes of
 * either kind were seen to drain batteries (field note 5). A lock that takes none of it works: it is asked.
 */
export async function configure(
  endpoint: Models.Endpoint,
  coordinator: Models.Endpoint,
  timeout: number,
): Promise<void> {
  await bindTo(endpoint, 'closuresDoorLock', coordinator);
  await report(endpoint, 'closuresDoorLock', timeout, {
    attribute: 'lockState',
    minimumReportInterval: STATE_REPORT_MIN_S,
    maximumReportInterval: STATE_REPORT_MAX_S,
    reportableChange: 0,
  });
  // Where jams and open covers are told.
  if (endpoint.supportsInputCluster('genAlarms')) await bindTo(endpoint, 'genAlarms', coordinator);
  await reportBattery(endpoint, coordinator, timeout);
}

/** Has a lock or a keypad report its battery, if it has one to tell of. */
export async function reportBattery(
  endpoint: Models.Endpoint,
  coordinator: Models.Endpoint,
  timeout: number,
): Promise<void> {
  if (!endpoint.supportsInputCluster('genPowerCfg')) return;
  await bindTo(endpoint, 'genPowerCfg', coordinator);
  await report(endpoint, 'genPowerCfg', timeout, {
    attribute: 'batteryPercentageRemaining',
    minimumReportInterval: BATTERY_REPORT_MIN_S,
    maximumReportInterval: BATTERY_REPORT_MAX_S,
    reportableChange: BATTERY_CHANGE,
  });
  await report(endpoint, 'genPowerCfg', timeout, {
    attribute: 'batteryAlarmState',
    minimumReportInterval: ALARM_REPORT_MIN_S,
    maximumReportInterval: BATTERY_REPORT_MAX_S,
    reportableChange: 0,
  });
}

/** Has what a cluster tells by itself sent to the hub. `null`: done; otherwise why not. */
export function bindTo(
  endpoint: Models.Endpoint,
  cluster: string,
  coordinator: Models.Endpoint,
): Promise<Silence | null> {
  return tried(() => (endpoint as unknown as Configurable).bind(cluster, coordinator));
}

async function report(
  endpoint: Models.Endpoint,
  cluster: string,
  timeout: number,
  item: Report,
): Promise<void> {
  const options = { sendPolicy: 'immediate', disableRecovery: true, timeout };
  await tried(() => (endpoint as unknown as Configurable).configureReporting(cluster, [item], options));
}

async function tried(work: () => Promise<void>): Promise<Silence | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return answerOfError(error);
  }
}
