import { PLAIN, type LockModel } from '../lock/model.ts';

/** Names of the Zigbee locks that a house can have. */
export const ZIGBEE_MODEL_NAMES = [
  'dl-schedules',
  'dl-plain',
  'dl-write-only',
  'dl-base-0',
  'dl-endpoint-2',
  'dl-short-events',
  'dl-install-code',
  'dl-last-action',
  'dl-forgets-schedules',
  'dl-no-codes',
] as const;
export type ZigbeeModelName = (typeof ZIGBEE_MODEL_NAMES)[number];

/** What a lock shows of its codes: digits, digits once it was told to (sendPinOta), or no answer at all. */
type ReadBack = 'clear' | 'when_allowed' | 'never';

/** How a lock speaks on the air, as far as locks differ (field note 6). */
interface ZigbeeProfile {
  readonly manufacturer: string;
  readonly modelId: string;
  readonly manufacturerCode: number;
  /** Where its door lock cluster is. */
  readonly endpoint: number;
  /** The user number on the wire of the house's slot 1. */
  readonly firstUser: 0 | 1;
  /** How many users it says that it has, which may be more than it can hold. */
  readonly claimedUsers: number;
  readonly readBack: ReadBack;
  /** Week-day schedules per user on the wire. Each can name several days. */
  readonly weekSchedules: number;
  /** Its events lack the text at their end. */
  readonly shortEvents: boolean;
  /** Instead of events it reports who moved the bolt, and the PIN that was typed, in attributes of its maker. */
  readonly lastAction: boolean;
  /** It says that it keeps schedules and takes them, and keeps none. */
  readonly forgetsSchedules: boolean;
  /** It knows no command about codes. */
  readonly noCodes: boolean;
  /** What a full battery reads as: the standard says 200, in half percents. */
  readonly batteryFull: 100 | 200;
  readonly pollControl: boolean;
  readonly alarms: boolean;
  readonly timeServer: boolean;
  /** It joins only a network that was given its install code. */
  readonly needsInstallCode: boolean;
  /** How often it asks for frames while nothing happens. */
  readonly longPollMs: number;
}

export interface ZigbeeModel extends LockModel {
  readonly name: ZigbeeModelName;
  readonly family: 'door_lock';
  readonly zigbee: ZigbeeProfile;
}

const WEEK = 7;

const PROFILE: ZigbeeProfile = {
  manufacturer: 'lockhub simulation',
  modelId: 'dl-plain',
  manufacturerCode: 0x7fff,
  endpoint: 1,
  firstUser: 1,
  claimedUsers: 20,
  readBack: 'clear',
  weekSchedules: 0,
  shortEvents: false,
  lastAction: false,
  forgetsSchedules: false,
  noCodes: false,
  batteryFull: 200,
  pollControl: true,
  alarms: false,
  timeServer: false,
  needsInstallCode: false,
  longPollMs: 1000,
};

function modelOf(
  name: ZigbeeModelName,
  profile: Partial<ZigbeeProfile>,
  rest: Partial<Omit<LockModel, 'name' | 'family'>> = {},
): ZigbeeModel {
  const slots = rest.slots ?? 20;
  const zigbee = { ...PROFILE, modelId: name, claimedUsers: slots, ...profile };
  return { ...PLAIN, slots, identifies: true, ...rest, name, family: 'door_lock', zigbee };
}

/** One of each trap that real locks set. */
export const ZIGBEE_MODELS: Readonly<Record<ZigbeeModelName, ZigbeeModel>> = {
  // As Yale numbers its users: 0 is the master, whom no hub may write (HA #58355).
  'dl-schedules': modelOf(
    'dl-schedules',
    { readBack: 'when_allowed', weekSchedules: WEEK, alarms: true, timeServer: true },
    {
      slots: 30,
      adminSlot: 0,
      schedules: true,
      weekDaySchedules: WEEK * WEEK,
      userTypes: true,
      echoesRadioWrites: true,
      clock: 'time_parameters',
    },
  ),
  // Danalock V3 says that it has no schedules, and takes 4 to 10 digits (sprut/Hub #469).
  'dl-plain': modelOf('dl-plain', {}, { pinLength: { min: 4, max: 10 } }),
  // Papaiz PSL200 never answers what it holds (lock_code_manager #1581).
  'dl-write-only': modelOf('dl-write-only', { readBack: 'never', pollControl: false }, { slots: 50 }),
  'dl-base-0': modelOf('dl-base-0', { firstUser: 0, alarms: true }, { slots: 30 }),
  // Kwikset and Weiser: endpoint 2, users from 0, only unrestricted ones (keymaster #163).
  'dl-endpoint-2': modelOf('dl-endpoint-2', { endpoint: 2, firstUser: 0, alarms: true }, { slots: 30 }),
  // Yale YMC420 and YDM60 (yale.js); their fingerprint kin say 250 and hold 30.
  'dl-short-events': modelOf(
    'dl-short-events',
    { shortEvents: true, claimedUsers: 250, batteryFull: 100, pollControl: false },
    { slots: 30, echoesRadioWrites: true },
  ),
  'dl-install-code': modelOf('dl-install-code', { needsInstallCode: true }),
  // Nimly: endpoint 11, users 0 to 2 are its masters (onesti.ts of zigbee-herdsman-converters, #6249).
  'dl-last-action': modelOf(
    'dl-last-action',
    {
      manufacturer: 'Onesti Products AS',
      modelId: 'NimlyPRO',
      endpoint: 11,
      firstUser: 0,
      claimedUsers: 1000,
      lastAction: true,
      batteryFull: 100,
    },
    { slots: 40 },
  ),
  // Some locks tell 65535 users (lock_code_manager).
  'dl-forgets-schedules': modelOf('dl-forgets-schedules', {
    forgetsSchedules: true,
    claimedUsers: 65_535,
  }),
  // Samsung SDS has no model and no standard way to a code (SmartThings).
  'dl-no-codes': modelOf('dl-no-codes', { manufacturer: 'SAMSUNG SDS', modelId: '', noCodes: true }),
};

/** The model as a Zigbee one; `undefined` for locks of other radios. */
export function zigbeeModelOf(model: LockModel): ZigbeeModel | undefined {
  const name = ZIGBEE_MODEL_NAMES.find((known) => known === model.name);
  return name === undefined ? undefined : ZIGBEE_MODELS[name];
}
