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
  /** The lock takes only PINs of the longest length it names: a setting of its own. */
  readonly exactPinLength?: true;
  /** It never answers what a slot holds: nothing is asked, and its answers to writes are all there is. */
  readonly writeOnly?: true;
  /** What a full battery is reported as; 200 by the standard. */
  readonly batteryFull?: number;
  /** It is known to keep no schedules, whatever it claims. */
  readonly noSchedules?: true;
  /** Its lock state says nothing about the bolt. */
  readonly blindBolt?: true;
  readonly constraints?: readonly CodeConstraint[];
}

interface Entry extends Quirks {
  /** Start of the manufacturer's name, without regard to case. */
  readonly manufacturer: string;
  readonly models?: RegExp;
  /** Where the fact is from. */
  readonly source: string;
}

const ENTRIES: readonly Entry[] = [
  {
    manufacturer: 'yale',
    firstSlot: 1,
    slots: 250,
    source:
      'Home Assistant #58355, #81559; SmartThings yale/init.lua: wire 0 is the master code, user N is wire N',
  },
  {
    manufacturer: 'yale',
    models: /YMC420|YMC 420|PSL200/i,
    writeOnly: true,
    source: 'lock_code_manager #1581, #1576: never answers getPinCode nor getUserStatus',
  },
  {
    manufacturer: 'papaiz',
    writeOnly: true,
    source: 'lock_code_manager #1581, #1576: never answers getPinCode nor getUserStatus',
  },
  {
    manufacturer: 'kwikset',
    firstSlot: 0,
    slots: 30,
    noSchedules: true,
    source: 'keymaster #163: users 0 to 29 are normal ones, only unrestricted',
  },
  {
    manufacturer: 'weiser',
    firstSlot: 0,
    slots: 30,
    noSchedules: true,
    source:
      'zigbee2mqtt 9GED18000-009, 9GED21500-005: users 0 to 29, schedules do not appear to be supported',
  },
  {
    manufacturer: 'schlage',
    slots: 30,
    exactPinLength: true,
    source: 'zigbee-herdsman-converters pinCodeCount; keymaster #431, #445: one configured length only',
  },
  {
    manufacturer: 'schlage',
    constraints: [{ type: 'unique_first_four_digits' }],
    source: 'access code facts (g): Schlage wants the first four digits to differ',
  },
  {
    manufacturer: 'danalock',
    slots: 20,
    pinLength: { min: 4, max: 11 },
    noSchedules: true,
    source: 'sprut/Hub #469, attributes of a V3: 20 users, PIN 4 to 11, no schedules',
  },
  {
    manufacturer: 'onesti',
    firstSlot: 3,
    slots: 997,
    batteryFull: 100,
    source: 'converters #6249: 000 to 002 are master codes, users 003 to 999; onesti.js: battery 0 to 100',
  },
  {
    manufacturer: 'nimly',
    firstSlot: 3,
    slots: 997,
    batteryFull: 100,
    source: 'converters #6249: 000 to 002 are master codes, users 003 to 999; onesti.js: battery 0 to 100',
  },
  {
    manufacturer: 'id lock',
    firstSlot: 1,
    slots: 109,
    adminSlots: [108],
    pinLength: { min: 4, max: 10 },
    source: 'converters datek.js; deconz #3750: PIN 4 to 10, user 108 is the service PIN',
  },
  { manufacturer: 'heimgard', slots: 39, source: 'converters pinCodeCount' },
  {
    manufacturer: 'sihas',
    firstSlot: 1,
    slots: 1,
    source: 'converters pinCodeCount: 4, and only user 1 works',
  },
  {
    manufacturer: 'wyze',
    blindBolt: true,
    source: 'converters wyze.js: the lock state report is always "locked"',
  },
];

/** All that is special about one make, later entries winning. */
export function quirksOf(fingerprint: Fingerprint): Quirks {
  return Object.assign({}, ...ENTRIES.filter((entry) => matches(entry, fingerprint))) as Quirks;
}

function matches({ manufacturer, models }: Entry, fingerprint: Fingerprint): boolean {
  return (
    fingerprint.manufacturer.trim().toLowerCase().startsWith(manufacturer) &&
    (models?.test(fingerprint.model) ?? true)
  );
}
