import type { CodeConstraint } from '../../src/core/capability.ts';
import type { AccessMethod } from '../../src/core/lock-event.ts';

/** How a lock identifies its make (Manufacturer Specific CC). */
export interface Fingerprint {
  readonly manufacturerId: number;
  readonly productType: number;
  readonly productId: number;
}

/** Where one make differs from the standard. Data only; a new brand adds an entry and nothing else. */
export interface Quirks {
  /** Slots within the range the lock claims that hold its admin code. */
  readonly adminSlots?: readonly number[];
  /** Configuration parameter whose value is the exact length of all PINs, in digits. Read, never written. */
  readonly pinLengthParameter?: number;
  /** Added by the lock to the slot in its notifications. Lower numbers mean something else (tags). */
  readonly notifiedSlotOffset?: number;
  /** Rules for PINs beyond their length, which no lock tells over the air. */
  readonly constraints?: readonly CodeConstraint[];
  /** Meaning of version 1 alarm types that zwave-js has no mapping for. */
  readonly alarms?: AlarmTable;
}

/** What a report means. `slot`: it may name one. */
export type Meaning =
  | { readonly kind: 'locked' | 'unlocked'; readonly method: AccessMethod; readonly slot: boolean }
  | { readonly kind: 'slot_changed' | 'slot_cleared' | 'duplicate_refused'; readonly slot: boolean }
  | { readonly kind: 'access_denied' | 'jammed' | 'battery_low' };

/** By alarm type; the alarm level is the slot where the report names one. */
type AlarmTable = Readonly<Record<number, Meaning>>;

interface Entry extends Quirks {
  readonly manufacturerId: number;
  readonly productTypes?: readonly number[];
  readonly productIds?: readonly number[];
  /** Where the fact is from. */
  readonly source: string;
}

const KWIKSET = 0x0090;
const YALE = 0x0129;
const SCHLAGE = 0x003b;
const ID_LOCK = 0x0373;

/** Types that Kwikset and Yale share (zwave-js device files 0x0090 kwikset_template, 0x0129 yale_template). */
const DEADBOLT_ALARMS: AlarmTable = {
  9: { kind: 'jammed' },
  18: { kind: 'locked', method: 'keycode', slot: true },
  19: { kind: 'unlocked', method: 'keycode', slot: true },
  21: { kind: 'locked', method: 'manual', slot: false },
  22: { kind: 'unlocked', method: 'manual', slot: false },
  24: { kind: 'locked', method: 'remote', slot: false },
  25: { kind: 'unlocked', method: 'remote', slot: false },
  27: { kind: 'locked', method: 'automatic', slot: false },
  32: { kind: 'slot_cleared', slot: false },
  33: { kind: 'slot_cleared', slot: true },
  112: { kind: 'slot_changed', slot: true },
  113: { kind: 'duplicate_refused', slot: true },
  161: { kind: 'access_denied' },
  167: { kind: 'battery_low' },
  168: { kind: 'battery_low' },
};

const ENTRIES: readonly Entry[] = [
  {
    manufacturerId: KWIKSET,
    alarms: DEADBOLT_ALARMS,
    source: 'zwave-js 0x0090/templates/kwikset_template.json',
  },
  {
    manufacturerId: YALE,
    alarms: DEADBOLT_ALARMS,
    source: 'zwave-js 0x0129/templates/yale_template.json; alarm 113 zwave-js #4737',
  },
  {
    manufacturerId: YALE,
    productTypes: [0x8002],
    productIds: [0x0600, 0x1600, 0x4600],
    adminSlots: [251],
    source: 'zwave-js 0x0129/yrc_yrd_226_246_256_446-zw2.json: slot 251 is the admin code',
  },
  {
    manufacturerId: SCHLAGE,
    pinLengthParameter: 16,
    source: 'keymaster #445: an exact length, not a minimum; changing it erases all codes',
  },
  {
    manufacturerId: SCHLAGE,
    constraints: [{ type: 'unique_first_four_digits' }],
    source: 'access code facts (g): Schlage wants the first four digits to differ',
  },
  {
    manufacturerId: ID_LOCK,
    notifiedSlotOffset: 60,
    source: 'joymyr/no.IDLock #11: user PINs arrive as 60+n, tags from 10',
  },
];

/** All that is special about one make, later entries winning. */
export function quirksOf(fingerprint: Fingerprint): Quirks {
  return Object.assign({}, ...ENTRIES.filter((entry) => matches(entry, fingerprint))) as Quirks;
}

/** The slot that a notification means; `null` when the number is no user slot of ours. */
export function notifiedSlot(reported: number, quirks: Quirks, lastSlot: number): number | null {
  const slot = reported - (quirks.notifiedSlotOffset ?? 0);
  return slot >= 1 && slot <= lastSlot && !quirks.adminSlots?.includes(slot) ? slot : null;
}

function matches(entry: Entry, { manufacturerId, productType, productId }: Fingerprint): boolean {
  return (
    entry.manufacturerId === manufacturerId &&
    (entry.productTypes?.includes(productType) ?? true) &&
    (entry.productIds?.includes(productId) ?? true)
  );
}
