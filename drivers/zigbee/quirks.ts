import type { CodeConstraint } from '../../src/core/capability.ts';

/** How a lock names itself (Basic cluster). */
export interface Fingerprint {
  readonly manufacturer: string;
  readonly model: string;
}

/** Where one make differs from the standard. Data only; a new brand adds an entry and nothing else. */
export interface Quirks {
  /** Number on the wire of the lowest slot that access codes may use. */
  readonly firstSlot?: number;
  /** Slots that it really has, where it claims another number or none. */
  readonly slots?: number;
  /** Slots within its range that hold admin or master codes. */
  readonly adminSlots?: readonly number[];
  readonly pinLength?: { readonly min: number; readonly max: number };
  /** The lock takes only PINs of one length, a setting of its own that it does not tell: the length is tried. */
  readonly exactPinLength?: true;
  /** It never answers what a slot holds: nothing is asked, and its answers to writes are all there is. */
  readonly writeOnly?: true;
  /** What a full battery is reported as; 200 by the standard. More than that is a placeholder. */
  readonly batteryFull?: number;
  /** It is known to keep no schedules, whatever it claims. */
  readonly noSchedules?: true;
  /** Its lock state says nothing about the bolt. */
  readonly blindBolt?: true;
  /** Its events come without a movement of the bolt, or with another meaning per firmware: its lock state tells the way. */
  readonly boltFromReports?: true;
  /** It reports who moved the bolt last in an attribute of its own, 0x0100. */
  readonly tellsLastAction?: true;
  /** It takes up to 8 s for any answer. */
  readonly slow?: true;
  /** No hub can put access codes on it over the standard clusters: it has no slots. */
  readonly noCodes?: true;
  readonly constraints?: readonly CodeConstraint[];
  /** A keypad that sends what was typed after so many digits, whatever follows. */
  readonly keypadDigits?: number;
}

interface Entry extends Quirks {
  /** Starts of the manufacturer's name in the Basic cluster, without regard to case. */
  readonly manufacturers: readonly string[];
  readonly models?: RegExp;
  /** Where the fact is from. */
  readonly source: string;
}

/** Names of Yale's own modules and of those that iRevo makes for it. */
const YALE = ['yale', 'assa abloy irevo'];

const ENTRIES: readonly Entry[] = [
  {
    manufacturers: YALE,
    firstSlot: 1,
    slots: 250,
    source:
      'Home Assistant #58355, #81559; SmartThings yale/init.lua: wire 0 is the master code, user N is wire N',
  },
  {
    manufacturers: YALE,
    models: /^(iZBModule01|c700000202|0700000001|06ffff2027)$/i,
    slots: 30,
    source: 'SmartThings yale-fingerprint-lock: 30 users, whatever the lock says',
  },
  {
    manufacturers: YALE,
    models: /^06e0152204$/i,
    slots: 100,
    source: 'converters #8095, YMI70A: 100 users',
  },
  {
    manufacturers: YALE,
    models:
      /^(YR[DL]2[12]0|YRD220\/240|YRD216|YRD246 |SOLIS01|iZBModule01|c700000202|0[67]00000001|06ffff20|06e01d220c)/i,
    batteryFull: 100,
    source: 'converters yale.ts (undivided percentage); SmartThings yale-bad-battery-reporter',
  },
  {
    manufacturers: YALE,
    models: /^(YMC ?420|YDM60|SOLIS01)/i,
    boltFromReports: true,
    source: 'converters yale.ts: phantom unlocks from events; codes differ per generation of the firmware',
  },
  {
    manufacturers: YALE,
    models: /^YMC ?420/i,
    writeOnly: true,
    source: 'lock_code_manager #1581, #1576: never answers getPinCode nor getUserStatus',
  },
  {
    manufacturers: ['papaiz'],
    writeOnly: true,
    source: 'lock_code_manager #1581, #1576: never answers getPinCode nor getUserStatus',
  },
  {
    manufacturers: ['yale'],
    models: /^(YRD256-TSDB)?$/,
    noCodes: true,
    source:
      'converters yale.ts: modules for Control4 (some without a model) keep codes by commands of their own',
  },
  {
    manufacturers: ['kwikset'],
    firstSlot: 0,
    slots: 30,
    noSchedules: true,
    source: 'keymaster #163: users 0 to 29 are normal ones, only unrestricted',
  },
  {
    manufacturers: ['weiser'],
    firstSlot: 0,
    slots: 30,
    noSchedules: true,
    source:
      'zigbee2mqtt 9GED18000-009, 9GED21500-005: users 0 to 29, schedules do not appear to be supported',
  },
  {
    manufacturers: ['schlage'],
    slots: 30,
    exactPinLength: true,
    source: 'zigbee-herdsman-converters pinCodeCount; keymaster #431, #445: one configured length only',
  },
  {
    manufacturers: ['schlage'],
    constraints: [{ type: 'unique_first_four_digits' }],
    source: 'access code facts (g): Schlage wants the first four digits to differ',
  },
  {
    manufacturers: ['danalock'],
    slots: 20,
    pinLength: { min: 4, max: 11 },
    noSchedules: true,
    source: 'sprut/Hub #469, attributes of a V3: 20 users, PIN 4 to 11, no schedules',
  },
  {
    manufacturers: ['onesti', 'easyaccess'],
    models: /^(nimly|easy)/i,
    firstSlot: 3,
    slots: 997,
    batteryFull: 100,
    boltFromReports: true,
    tellsLastAction: true,
    slow: true,
    source:
      'converters #6249: 000 to 002 are master codes, users 003 to 999; onesti.ts: battery 0 to 100, last action, ' +
      'meaning of events; zigbee2mqtt #17205: answers after 3 to 8 s',
  },
  {
    manufacturers: ['datek'],
    models: /^ID Lock/i,
    firstSlot: 1,
    slots: 109,
    adminSlots: [108],
    pinLength: { min: 4, max: 10 },
    source: 'converters datek.ts; deconz #3750: PIN 4 to 10, user 108 is the service PIN',
  },
  {
    manufacturers: ['heimgard', 'home control as'],
    models: /^H[CT]-SLM-/i,
    slots: 39,
    source: 'converters heimgard_technologies.ts pinCodeCount; zigbee2mqtt #16268, #18108: names',
  },
  {
    manufacturers: ['shinasystem'],
    models: /^DLM-300Z/i,
    firstSlot: 1,
    slots: 1,
    pinLength: { min: 4, max: 4 },
    source: 'converters shinasystem.ts: 4 users, of which only 1 can be set, with 4 digits',
  },
  {
    manufacturers: ['yunding'],
    models: /^Ford$/i,
    blindBolt: true,
    noCodes: true,
    source: 'Wyze; converters wyze.ts: the state report is always "locked", all else is in frames of its own',
  },
  {
    manufacturers: ['samsung sds'],
    noCodes: true,
    source: 'SmartThings samsungsds/init.lua: only unlocks, by a command of its own',
  },
  {
    manufacturers: ['_ty', '_tz'],
    noCodes: true,
    source: 'zigbee2mqtt #22515, tuya-local #2735: codes only as datapoints that look encrypted',
  },
  {
    manufacturers: ['universal electronics'],
    models: /^URC4450/i,
    keypadDigits: 4,
    source: 'ZHA #692: the keypad XHK1-UE sends after the fourth digit',
  },
  {
    manufacturers: ['lumi', 'aqara'],
    noCodes: true,
    source: 'ZHA #729, AqaraGateway #185: key events that can only be read; newer ones need their own hub',
  },
];

/** All that is special about one make, later entries winning. */
export function quirksOf(fingerprint: Fingerprint): Quirks {
  return Object.assign({}, ...ENTRIES.filter((entry) => matches(entry, fingerprint))) as Quirks;
}

function matches({ manufacturers, models }: Entry, { manufacturer, model }: Fingerprint): boolean {
  const name = manufacturer.trim().toLowerCase();
  return manufacturers.some((start) => name.startsWith(start)) && (models?.test(model.trim()) ?? true);
}
