import type { Random } from '../../drivers/sim/random.ts';
import type { Fault } from '../../drivers/sim/lock/fault.ts';
import { LOCK_MODELS, type LockModel, type ModelName } from '../../drivers/sim/lock/model.ts';
import { ZIGBEE_MODELS, type ZigbeeModelName } from '../../drivers/sim/zigbee/model.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/core/lock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../src/core/time.ts';
import type { FaceName } from './faces/face.ts';

/**
 * `torture`: everything fails all the time. `calm`: guests come and go for weeks, and now and then something fails.
 * `full`: a torture whose disk is full now and then.
 * `brisk`: a torture of minutes, for radios whose libraries are too slow for days.
 */
export type Kind = 'torture' | 'calm' | 'brisk' | 'full';

/** How long what fails stays so, at most. */
interface Outages {
  readonly powerMs: readonly [short: number, long: number];
  readonly internetMs: number;
  readonly radioMs: number;
  /** Something wrong at a lock. */
  readonly faultMs: number;
  readonly diskMs: number;
  /** The hub's clock, off without knowing it. */
  readonly clockStepMs: number;
}

/** Mean times between what happens to the whole house. */
interface Rhythm {
  /** A document for some lock changes. */
  readonly wishMs: number;
  /** An old message is delivered again. */
  readonly repeatMs: number;
  readonly acknowledgeMs: number;
  readonly internetMs: number;
  readonly powerMs: number;
  readonly radioMs: number;
  /** Something is wrong at a lock's radio for a while. */
  readonly faultMs: number;
  /** Somebody edits a code at a lock. */
  readonly programMs: number;
  /** Somebody types a PIN. */
  readonly typeMs: number;
  /** The hub's clock turns out to be wrong. */
  readonly clockStepMs: number;
  /** A lock's clock is wrong all of a sudden. */
  readonly lockClockMs: number;
  /** A backup code is pulled. */
  readonly pullMs: number;
  /** A code is handed back: it stays on its lock, and the hub has nothing to do with it any more. */
  readonly handBackMs: number;
  /** A code that was found on a lock is adopted or deleted. */
  readonly adoptMs: number;
  /** All locks are compared with the hub's table. */
  readonly auditMs: number;
  /** Somebody fills the disk; `null`: nobody does. */
  readonly diskMs: number | null;
}

export interface Setting {
  readonly kind: Kind;
  readonly start: Instant;
  readonly lastsMs: number;
  readonly policy: Policy;
  readonly models: readonly LockModel[];
  readonly rhythm: Rhythm;
  readonly outages: Outages;
  /** What can be wrong at a lock besides what can be on every radio. */
  readonly faults: readonly Fault[];
  /** Longest that a hub takes from its start until it hears its locks. */
  readonly startsMs: number;
  /** Frames that real radios need for one of ours: they agree on nonces and repeat themselves. */
  readonly framesPerFrame: number;
  /** What real libraries and sleeping locks may add to the promised times. */
  readonly slackMs: number;
  /** At each begin and end of an operation, that the hub's power goes. */
  readonly crashProbability: number;
  /** At the same moments, that the document changes. */
  readonly secondThoughtProbability: number;
  /** At the same moments, that somebody edits a code at that lock within seconds. */
  readonly meddlingProbability: number;
  /** Codes of one lock at a time. */
  readonly codesMax: number;
  /** How far ahead codes are asked for, and how long they last, at most. */
  readonly aheadMaxMs: number;
  readonly stayMinMs: number;
  readonly stayMaxMs: number;
  /** A code stays in the document for so long after its end. */
  readonly leavesAfterMs: number;
}

const MODELS: readonly ModelName[] = ['uc-v1', 'uc-v1-masked', 'uc-v2', 'u3c'];

/** Locks of the houses behind real radios, just as they are; those whose users have the numbers of the house's slots. */
const RADIO_MODELS: Readonly<Record<Exclude<FaceName, 'direct'>, readonly (ModelName | ZigbeeModelName)[]>> =
  {
    zwave: MODELS,
    zigbee: ['dl-schedules', 'dl-plain', 'dl-short-events'],
    both: ['uc-v1', 'uc-v2', 'dl-schedules', 'dl-plain'],
  };

/** Of how many locks the admin code is in a slot among those of the users. */
const ADMIN_INSIDE = 0.25;

/** The highest slot that such an admin code has: hands and guests use the lower ones. */
const ADMIN_SLOT_MAX = 12;

/** Of how many masking locks report what is written over the air as if somebody had typed it in. */
const MASKED_ECHOES = 0.4;

/** A lock of the house, with traps that its model does not always have. */
function lockOf(name: ModelName, random: Random): LockModel {
  const model = LOCK_MODELS[name];
  return {
    ...model,
    adminSlot: random() < ADMIN_INSIDE ? 1 + Math.floor(random() * ADMIN_SLOT_MAX) : model.adminSlot,
    echoesRadioWrites: model.masksPins ? random() < MASKED_ECHOES : model.echoesRadioWrites,
  };
}

const TORTURE: Rhythm = {
  wishMs: 6 * MINUTE_MS,
  repeatMs: 3 * HOUR_MS,
  acknowledgeMs: 10 * MINUTE_MS,
  internetMs: 5 * HOUR_MS,
  powerMs: 4 * HOUR_MS,
  radioMs: 9 * HOUR_MS,
  faultMs: 20 * MINUTE_MS,
  programMs: 30 * MINUTE_MS,
  typeMs: 20 * MINUTE_MS,
  clockStepMs: 7 * HOUR_MS,
  lockClockMs: 8 * HOUR_MS,
  pullMs: 2 * HOUR_MS,
  handBackMs: 3 * HOUR_MS,
  adoptMs: HOUR_MS,
  auditMs: 3 * HOUR_MS,
  diskMs: null,
};

const CALM: Rhythm = {
  wishMs: 5 * HOUR_MS,
  repeatMs: 2 * DAY_MS,
  acknowledgeMs: HOUR_MS,
  internetMs: 3 * DAY_MS,
  powerMs: 6 * DAY_MS,
  radioMs: 8 * DAY_MS,
  faultMs: 30 * HOUR_MS,
  programMs: 36 * HOUR_MS,
  typeMs: 3 * HOUR_MS,
  clockStepMs: 5 * DAY_MS,
  lockClockMs: 5 * DAY_MS,
  pullMs: 2 * DAY_MS,
  handBackMs: 4 * DAY_MS,
  adoptMs: DAY_MS,
  auditMs: DAY_MS,
  diskMs: null,
};

const BRISK: Rhythm = {
  wishMs: 25 * SECOND_MS,
  repeatMs: 5 * MINUTE_MS,
  acknowledgeMs: MINUTE_MS,
  internetMs: 6 * MINUTE_MS,
  powerMs: 6 * MINUTE_MS,
  radioMs: 8 * MINUTE_MS,
  faultMs: 75 * SECOND_MS,
  programMs: 75 * SECOND_MS,
  typeMs: 20 * SECOND_MS,
  clockStepMs: 30 * MINUTE_MS,
  lockClockMs: HOUR_MS,
  pullMs: 5 * MINUTE_MS,
  handBackMs: 6 * MINUTE_MS,
  adoptMs: 3 * MINUTE_MS,
  auditMs: 5 * MINUTE_MS,
  diskMs: null,
};

/** Places whose clocks change soon after: forward or back, by an hour or by half of one, or not at all. */
const PLACES: readonly { readonly timezone: string; readonly change: string }[] = [
  { timezone: 'America/New_York', change: '2026-03-08T07:00:00Z' },
  { timezone: 'America/New_York', change: '2026-11-01T06:00:00Z' },
  { timezone: 'Europe/Berlin', change: '2026-10-25T01:00:00Z' },
  { timezone: 'Australia/Lord_Howe', change: '2026-04-04T15:00:00Z' },
  { timezone: 'Australia/Lord_Howe', change: '2026-10-03T15:30:00Z' },
  { timezone: 'Asia/Kathmandu', change: '2026-06-01T00:00:00Z' },
];

/** What one seed's world is like. `lastsMs` is without the peace at its end. */
export function settingOf(kind: Kind, lastsMs: number, random: Random, face: FaceName): Setting {
  const { timezone, change } = PLACES[Math.floor(random() * PLACES.length)] ?? PLACES_FIRST;
  // The change comes somewhere between the first hour and the end.
  const start = Date.parse(change) - Math.floor(random() * lastsMs);
  const models =
    face === 'direct' ? MODELS.map((name) => lockOf(name, random)) : RADIO_MODELS[face].map(modelOf);
  const policy = { ...DEFAULT_POLICY, ...(kind === 'brisk' ? HURRY : {}), timezone };
  const radio = face === 'direct' ? DIRECT : RADIO;
  return { kind, start, lastsMs, models, policy, ...radio, ...KINDS[kind] };
}

function modelOf(name: ModelName | ZigbeeModelName): LockModel {
  return name in ZIGBEE_MODELS ? ZIGBEE_MODELS[name as ZigbeeModelName] : LOCK_MODELS[name as ModelName];
}

/** Codes come and go within minutes, and so do their leads. */
const HURRY = { jitLeadMs: MINUTE_MS, nativePreloadMs: 4 * MINUTE_MS } as const;

const DIRECT = { faults: [], startsMs: 2 * SECOND_MS, framesPerFrame: 1, slackMs: 0 } as const;

const RADIO = {
  faults: [{ kind: 'garbled', probability: 0.3 }],
  startsMs: 30 * SECOND_MS,
  framesPerFrame: 2,
  slackMs: 20 * SECOND_MS,
} as const;

type KindSetting = Omit<Setting, 'kind' | 'start' | 'lastsMs' | 'models' | 'policy' | keyof typeof RADIO>;

const TORTURE_SETTING: KindSetting = {
  rhythm: TORTURE,
  outages: {
    powerMs: [MINUTE_MS, 2 * HOUR_MS],
    internetMs: 6 * HOUR_MS,
    radioMs: 10 * MINUTE_MS,
    faultMs: 40 * MINUTE_MS,
    clockStepMs: HOUR_MS,
    diskMs: HOUR_MS,
  },
  crashProbability: 0.06,
  secondThoughtProbability: 0.1,
  meddlingProbability: 0.01,
  codesMax: 12,
  aheadMaxMs: 10 * HOUR_MS,
  stayMinMs: 30 * MINUTE_MS,
  stayMaxMs: 8 * HOUR_MS,
  leavesAfterMs: HOUR_MS,
};

const KINDS: Readonly<Record<Kind, KindSetting>> = {
  torture: TORTURE_SETTING,
  full: { ...TORTURE_SETTING, rhythm: { ...TORTURE, diskMs: HOUR_MS } },
  calm: {
    rhythm: CALM,
    outages: {
      powerMs: [MINUTE_MS, 2 * HOUR_MS],
      internetMs: 6 * HOUR_MS,
      radioMs: 10 * MINUTE_MS,
      faultMs: 3 * HOUR_MS,
      clockStepMs: HOUR_MS,
      diskMs: HOUR_MS,
    },
    crashProbability: 0.001,
    secondThoughtProbability: 0.002,
    meddlingProbability: 0.002,
    codesMax: 25,
    aheadMaxMs: 8 * DAY_MS,
    stayMinMs: 30 * MINUTE_MS,
    stayMaxMs: 4 * DAY_MS,
    leavesAfterMs: HOUR_MS,
  },
  brisk: {
    rhythm: BRISK,
    outages: {
      powerMs: [10 * SECOND_MS, 2 * MINUTE_MS],
      internetMs: 4 * MINUTE_MS,
      radioMs: 2 * MINUTE_MS,
      faultMs: 2 * MINUTE_MS,
      clockStepMs: 2 * MINUTE_MS,
      diskMs: 2 * MINUTE_MS,
    },
    crashProbability: 0.02,
    secondThoughtProbability: 0.05,
    meddlingProbability: 0.01,
    codesMax: 10,
    aheadMaxMs: 8 * MINUTE_MS,
    stayMinMs: 30 * SECOND_MS,
    stayMaxMs: 8 * MINUTE_MS,
    leavesAfterMs: 2 * MINUTE_MS,
  },
};

const PLACES_FIRST = { timezone: 'UTC', change: '2026-01-01T00:00:00Z' };
