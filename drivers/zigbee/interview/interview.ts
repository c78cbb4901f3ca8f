import type { Models } from 'zigbee-herdsman';
import { readNumber, writeAttributes } from '../attributes.ts';
import type { Line } from '../door-lock.ts';
import { fingerprintOf, profileOf, type Findings } from '../profile.ts';
import { quirksOf } from '../quirks.ts';
import { configure } from './configure.ts';
import { probe } from './probe.ts';

const NUMBERS = {
  users: ['closuresDoorLock', 'numOfPinUsersSupported'],
  pinMin: ['closuresDoorLock', 'minPinLen'],
  pinMax: ['closuresDoorLock', 'maxPinLen'],
  weekDays: ['closuresDoorLock', 'numOfWeekDaySchedulesSupportedPerUser'],
  yearDays: ['closuresDoorLock', 'numOfYearDaySchedulesSupportedPerUser'],
} as const;

/** What is asked so that the library has it (`shownBy`). */
const SHOWN = {
  lockState: ['closuresDoorLock', 'lockState'],
  battery: ['genPowerCfg', 'batteryPercentageRemaining'],
} as const;

/** Questions that are asked again before the interview counts as failed. */
const ATTEMPTS_MAX = 2;

const NOT_PROBED = {
  readable: true,
  keepsDisabled: false,
  scheduleBase: null,
  weekDayProven: false,
} as const;

/**
 * Asks a lock what it can do, and tries it. `null`: it was not there for all of it, and is to be asked again.
 *
 * @param coordinator where its reports go
 * @param onProgress 0 to 1
 */
export async function interview(
  device: Models.Device,
  line: Line,
  coordinator: Models.Endpoint,
  onProgress: (progress: number) => void,
): Promise<Findings | null> {
  const quirks = quirksOf(fingerprintOf(device));
  const told: Record<string, number | null> = {};
  const names = Object.entries({ ...NUMBERS, ...SHOWN });
  for (const [index, [name, [cluster, attribute]]] of names.entries()) {
    onProgress(index / (names.length + 2));
    const value = line.endpoint.supportsInputCluster(cluster) ? await ask(line, cluster, attribute) : null;
    if (value === undefined) return null;
    if (name in NUMBERS) told[name] = value;
  }
  // Without it many locks show no PINs (SmartThings writes it before any question).
  await writeAttributes(line, 'closuresDoorLock', { sendPinOta: 1 });
  await configure(line.endpoint, coordinator, line.times.questionMs);
  onProgress(names.length / (names.length + 2));
  const findings: Findings = { ...UNTOLD, ...told, ...NOT_PROBED, readable: quirks.writeOnly !== true };
  if (!findings.readable || quirks.noCodes) return findings;
  const { capabilities } = profileOf(device, findings);
  const probed = await probe(line, {
    firstSlot: capabilities.firstSlot,
    lastSlot: capabilities.lastSlot,
    pinDigits: capabilities.pinLength.max,
    claimsYearDays: (findings.yearDays ?? 0) > 0 && quirks.noSchedules !== true,
    claimsWeekDays: (findings.weekDays ?? 0) > 0,
  });
  return probed === null ? null : { ...findings, ...probed };
}

const UNTOLD = {
  users: null,
  pinMin: null,
  pinMax: null,
  weekDays: null,
  yearDays: null,
} as const;

/** What a lock that was just asked shows, or `null` for what it does not tell. */
export function shownBy({ endpoint }: Pick<Line, 'endpoint'>): Record<keyof typeof SHOWN, unknown> {
  const [lockState, battery] = [SHOWN.lockState, SHOWN.battery].map(([cluster, attribute]) =>
    endpoint.getClusterAttributeValue(cluster, attribute),
  );
  return { lockState, battery };
}

async function ask(line: Line, cluster: string, attribute: string): Promise<number | null | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const answer = await readNumber(line, cluster, attribute);
    if (answer.kind === 'answer') return answer.payload;
    if (answer.kind === 'default' || answer.kind === 'unreadable') return null;
  }
  return undefined;
}
