import type { Models } from 'zigbee-herdsman';
import { z } from 'zod';
import type { Capabilities } from '../../src/core/capability.ts';
import type { LockDescription } from '../../src/core/lock-event.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import type { RadioStorage } from '../../src/lock-driver.ts';
import { quirksOf, type Quirks } from './quirks.ts';

/** Where the results of interviews are kept, by IEEE address: a restart costs no frame. */
const PROFILES = 'zigbee.profiles';

/** What a lock that tells no number of its users is taken to have; it refuses the others itself. */
const SLOTS_UNTOLD = 10;
const SLOTS_MAX = 1000;
const USERS_UNTOLD: ReadonlySet<number | null> = new Set([null, 0, 0xffff]);

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
  /** It answers what a slot holds. */
  readable: z.boolean(),
  battery: z.number().nullable(),
  lockState: z.number().nullable(),
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
  const quirks = quirksOf({ manufacturer: device.manufacturerName ?? '', model: device.modelID ?? '' });
  const keepsSchedules = findings.scheduleBase !== null && quirks.noSchedules !== true;
  return {
    quirks,
    findings,
    capabilities: {
      ...slotsOf(findings, quirks),
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
  const claimed = users === null || USERS_UNTOLD.has(users) ? SLOTS_UNTOLD : users;
  const count = Math.min(quirks.slots ?? claimed, SLOTS_MAX);
  if (quirks.firstSlot !== undefined)
    return { firstSlot: quirks.firstSlot, lastSlot: quirks.firstSlot + count - 1 };
  return { firstSlot: 1, lastSlot: Math.max(count - 1, 1) };
}

function pinLengthOf({ pinMin, pinMax }: Findings, quirks: Quirks): Capabilities['pinLength'] {
  if (quirks.pinLength) return quirks.pinLength;
  const min = Math.min(Math.max(pinMin ?? PIN_LENGTH_UNTOLD.min, PIN_MIN), PIN_MAX);
  const max = Math.max(min, Math.min(pinMax ?? PIN_LENGTH_UNTOLD.max, PIN_MAX));
  return { min: quirks.exactPinLength ? max : min, max };
}

/** What the hub is told of a lock. */
export function describe(
  device: Models.Device,
  { capabilities, quirks, findings }: LockProfile,
): LockDescription {
  return {
    radio: 'zigbee',
    address: device.ieeeAddr,
    model: `${device.manufacturerName ?? 'Unknown make'} ${device.modelID ?? 'lock'}`.trim(),
    capabilities,
    secure: true,
    batteryLevel:
      findings.battery === null ? null : Math.min(findings.battery / (quirks.batteryFull ?? 200), 1),
    locked: quirks.blindBolt || !findings.lockState ? null : findings.lockState === 1,
  };
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
