import type { CodeConstraint } from '../../../src/core/capability.ts';
import type { Product } from './label.ts';

/** How a model speaks of its codes on the air. */
type Family = 'user_code_v1' | 'user_code_v2' | 'user_credential' | 'door_lock';

/** Which command class gives a model its time, if any. */
type ClockSource = 'none' | 'clock' | 'time_parameters';

/** Models with Z-Wave; those with Zigbee have a table of their own. */
export type ModelName = 'uc-v1' | 'uc-v1-masked' | 'uc-v2' | 'u3c';

/** What a house model can do. Data only: a new model is a new entry of `LOCK_MODELS`. */
export interface LockModel {
  readonly name: string;
  readonly family: Family;
  /** User slots, numbered from 1. At most 255: zwave-js's mock cannot parse wider ids (field note 6). */
  readonly slots: number;
  /** The slot of the admin code, outside the user slots. `null`: the model has none. */
  readonly adminSlot: number | null;
  readonly pinLength: { readonly min: number; readonly max: number };
  /** Rules for PINs that it enforces. As in the field they go over no air: only the direct face tells them. */
  readonly constraints: readonly (CodeConstraint & { readonly type: 'no_all_same_digits' })[];
  /** It joined with S2 Access Control and confirms writes (Supervision, or reports of its own). */
  readonly secure: boolean;
  /** It answers `**********` instead of the digits. */
  readonly masksPins: boolean;
  /** An empty slot reads `0000`, so that only its status tells that it is empty (field note 7). */
  readonly emptyReadsZeros: boolean;
  /** It enforces one year-day schedule per slot, by its own clock. */
  readonly schedules: boolean;
  /** Week-day schedules per slot; 0: it has none. A slot goes by the kind of schedule that was set last. */
  readonly weekDaySchedules: number;
  /** A user has a type, which alone decides whether its schedules count, and without one nobody gets in. */
  readonly userTypes: boolean;
  /** It can tell one checksum over all its codes. */
  readonly checksum: boolean;
  /** It reports codes that were set over the air as if they had been typed in. */
  readonly echoesRadioWrites: boolean;
  readonly clock: ClockSource;
  /** It blinks or beeps when it is asked to show which one it is. */
  readonly identifies: boolean;
  readonly product: Product;
}

/** A maker that no device file of zwave-js knows, so that no quirk of a real lock is applied to ours. */
const NO_PRODUCT: Product = {
  genericDeviceClass: 0x40,
  specificDeviceClass: 0x03,
  manufacturerId: 0x7fff,
  productType: 1,
  productId: 0,
};

/** What a model has that sets no trap. */
export const PLAIN: Omit<LockModel, 'name' | 'family'> = {
  slots: 30,
  adminSlot: null,
  pinLength: { min: 4, max: 8 },
  constraints: [],
  secure: false,
  masksPins: false,
  emptyReadsZeros: false,
  schedules: false,
  weekDaySchedules: 0,
  userTypes: false,
  checksum: false,
  echoesRadioWrites: false,
  clock: 'none',
  identifies: false,
  product: NO_PRODUCT,
};

/** The models of the house, one of each family and the traps that real locks set (field note 7). */
export const LOCK_MODELS: Readonly<Record<ModelName, LockModel>> = {
  'uc-v1': { ...PLAIN, name: 'uc-v1', family: 'user_code_v1', product: { ...NO_PRODUCT, productId: 1 } },
  'uc-v1-masked': {
    ...PLAIN,
    name: 'uc-v1-masked',
    family: 'user_code_v1',
    masksPins: true,
    emptyReadsZeros: true,
    product: { ...NO_PRODUCT, productId: 2 },
  },
  'uc-v2': {
    ...PLAIN,
    name: 'uc-v2',
    family: 'user_code_v2',
    slots: 50,
    adminSlot: 51,
    secure: true,
    schedules: true,
    weekDaySchedules: 7,
    checksum: true,
    echoesRadioWrites: true,
    clock: 'time_parameters',
    identifies: true,
    product: { ...NO_PRODUCT, productId: 3 },
  },
  u3c: {
    ...PLAIN,
    name: 'u3c',
    family: 'user_credential',
    slots: 40,
    constraints: [{ type: 'no_all_same_digits' }],
    secure: true,
    clock: 'clock',
    identifies: true,
    product: { ...NO_PRODUCT, productId: 4 },
  },
};
