import type { Models } from 'zigbee-herdsman';
import { z } from 'zod';
import type { Capabilities } from '../../src/core/capability.ts';
import type { LockDescription } from '../../src/core/lock-event.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import type { RadioStorage } from '../../src/lock-driver.ts';
import { batteryLevel } from './battery.ts';
import type { AnswerTimes } from './lock.ts';
import { quirksOf, type Fingerprint, type Quirks } from './quirks.ts';

/** Where the results of interviews are kept, by IEEE address: a restart costs no frame. */
const PROFILES = 'zigbee.profiles';

/** What a lock that tells no number of its users is taken to have; it refuses the others itself. */
const SLOTS_UNTOLD = 10;
const SLOTS_MAX = 1000;
const USERS_UNTOLD: ReadonlySet<number> = new Set([0, 0xffff]);

/** What a lock has that no hub can put codes on. */
const NO_SLOTS = { firstSlot: 1, lastSlot: 0 } as const;

/** Attribute lockState; 0 is neither. */
const LOCKED = 1;
const UNLOCKED = 2;

/** Ends of what a keypad takes in this project. */
const PIN_MIN = 4;
const PIN_MAX = 12;
/** ZCL's defaults of the two attributes. */
const PIN_LENGTH_UNTOLD = { min: 4, max: 8 };

const stored = z.object({
  users: z.number().nullable(),
  pinMin: z.number().nullable(),
  pinMax: z.number().nullable(),
  /** How many week-day entries and year-day entries it claims, per user. */
  weekDays: z.number().nullable(),
  yearDays: z.number().nullable(),
  /** The probe: a schedule was set and read back; the number of its first one. */
  scheduleBase: z.number().nullable(),
  weekDayProven: z.boolean(),
  /** The probe: a disabled PIN was set and read back as one. */
  keepsDisabled: z.boolean(),
  /** The probe: digits of the PIN that was taken. */
  pinDigits: z.number().nullable(),
  /** It answers what a slot holds. */
  readable: z.boolean(),
});

/** What the interview found; numbers that the lock does not tell are `null`. */
export type Findings = z.infer<typeof stored>;

/** What is known of a lock's abilities. */
export interface LockProfile {
  readonly capabilities: Capabilities;
  readonly quirks: Quirks;
  readonly findings: Findings;
}

/** What a lock can do, from what it told and from what its make is known for. */
export function profileOf(device: Models.Device, findings: Findings): LockProfile {
  const quirks = quirksOf(fingerprintOf(device));
  const keepsSchedules = findings.scheduleBase !== null && quirks.noSchedules !== true;
  return {
    quirks,
    findings,
    capabilities: {
      ...(quirks.noCodes ? NO_SLOTS : slotsOf(findings, quirks)),
      adminSlots: quirks.adminSlots ?? [],
      pinLength: pinLengthOf(findings, quirks),
      constraints: quirks.constraints ?? [],
      nativeScheduling: keepsSchedules ? { kind: 'year_day', granuleMs: MINUTE_MS } : null,
      weekDaySchedules: keepsSchedules && findings.weekDayProven ? (findings.weekDays ?? 0) : 0,
      disabledCodes: findings.keepsDisabled,
      checksum: false,
      offline: null,
    },
  };
}

/** A lock without a quirk may keep its master code at 0, and may count its users from 0 or from 1: both ends stay free. */
function slotsOf({ users }: Findings, quirks: Quirks): Pick<Capabilities, 'firstSlot' | 'lastSlot'> {
  const isTold = users !== null && !USERS_UNTOLD.has(users);
  const count = Math.min(isTold ? users : SLOTS_MAX, quirks.slots ?? (isTold ? SLOTS_MAX : SLOTS_UNTOLD));
  if (quirks.firstSlot !== undefined)
    return { firstSlot: quirks.firstSlot, lastSlot: quirks.firstSlot + count - 1 };
  return { firstSlot: 1, lastSlot: Math.max(count - 1, 1) };
}

function pinLengthOf({ pinMin, pinMax, pinDigits }: Findings, quirks: Quirks): Capabilities['pinLength'] {
  if (quirks.pinLength) return quirks.pinLength;
  const min = Math.min(Math.max(pinMin ?? PIN_LENGTH_UNTOLD.min, PIN_MIN), PIN_MAX);
  const max = Math.max(min, Math.min(pinMax ?? PIN_LENGTH_UNTOLD.max, PIN_MAX));
  return quirks.exactPinLength && pinDigits !== null ? { min: pinDigits, max: pinDigits } : { min, max };
}

/**
 * What the hub is told of a lock.
 *
 * @param shown what the lock shows at the moment, as the library keeps it. Absent for a lock that was not asked just
 *   now: of it the hub knows more itself.
 */
export function describe(
  device: Models.Device,
  { capabilities, quirks }: LockProfile,
  shown?: { readonly lockState: unknown; readonly battery: unknown },
): LockDescription {
  const bolt = quirks.blindBolt ? undefined : shown?.lockState;
  return {
    radio: 'zigbee',
    address: device.ieeeAddr,
    model: `${device.manufacturerName ?? 'Unknown make'} ${device.modelID ?? 'lock'}`.trim(),
    capabilities,
    // All frames of a network are encrypted, and no lock says whether its keys were handed over by an install code.
    secure: true,
    batteryLevel: batteryLevel(shown?.battery, quirks),
    locked: bolt === LOCKED || bolt === UNLOCKED ? bolt === LOCKED : null,
  };
}

/** A slow make is given for a question what others have for a write. */
export function timesOf(device: Models.Device, times: AnswerTimes): AnswerTimes {
  return quirksOf(fingerprintOf(device)).slow ? { ...times, questionMs: times.writeMs } : times;
}

export function fingerprintOf({ manufacturerName, modelID }: Models.Device): Fingerprint {
  return { manufacturer: manufacturerName ?? '', model: modelID ?? '' };
}

/** The end point that has the Door Lock cluster, whichever number it has (field note 6). */
export function lockEndpointOf(device: Models.Device): Models.Endpoint | undefined {
  return device.endpoints.find((endpoint) => endpoint.supportsInputCluster('closuresDoorLock'));
}

/** What an earlier interview found; `undefined` if there was none. */
export function knownFindings(ieee: string, storage: RadioStorage): Findings | undefined {
  const text = storage.entries(PROFILES).find(([key]) => key === ieee)?.[1];
  if (text === undefined) return undefined;
  const parsed = stored.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}

export function keepFindings(ieee: string, findings: Findings, storage: RadioStorage): void {
  storage.set(PROFILES, ieee, JSON.stringify(findings));
  storage.flush();
}

export function forgetFindings(ieee: string, storage: RadioStorage): void {
  storage.delete(PROFILES, ieee);
}
