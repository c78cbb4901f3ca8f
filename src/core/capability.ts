import type { OfflineCapability } from './offline/window.ts';

/** Schedules that a lock enforces by its own clock, in its own local time. */
export interface NativeScheduling {
  readonly kind: 'year_day';
  /** Smallest unit of a boundary (Z-Wave Schedule Entry Lock: one minute). */
  readonly granuleMs: number;
}

/**
 * A rule for the codes of a lock (spec section g). `name_…` rules are about the name, all others about the PIN or
 * the window.
 */
export type CodeConstraint =
  | { readonly type: Exclude<ConstraintType, 'name_length'> }
  | { readonly type: 'name_length'; readonly min: number | null; readonly max: number | null };

export type ConstraintType =
  | 'no_zeros'
  | 'cannot_start_with_12'
  | 'no_triple_consecutive_ints'
  | 'cannot_specify_pin_code'
  | 'pin_code_matches_existing_set'
  | 'start_date_in_future'
  | 'no_ascending_or_descending_sequence'
  | 'at_least_three_unique_digits'
  | 'no_all_same_digits'
  | 'unique_first_four_digits'
  | 'cannot_contain_089'
  | 'cannot_contain_0789'
  | 'name_length'
  | 'name_must_be_unique';

/** What one lock can do, read from the lock itself and never from a table of brands (decision 2). */
export interface Capabilities {
  /** Lowest and highest user slot, in the lock's own numbers. */
  readonly firstSlot: number;
  readonly lastSlot: number;
  /** Slots inside that range that hold admin or master codes: read perhaps, written never. */
  readonly adminSlots: readonly number[];
  /** PIN lengths the lock takes, in digits. */
  readonly pinLength: { readonly min: number; readonly max: number };
  /** Further rules of this model, from its quirks; most locks tell none. */
  readonly constraints: readonly CodeConstraint[];
  /** `null`: the lock keeps no schedules, so its codes are put on and taken off just in time. */
  readonly nativeScheduling: NativeScheduling | null;
  /** Week-day schedules per slot; 0: the lock has none. */
  readonly weekDaySchedules: number;
  /** It can hold a code that is disabled, and enables it when the same PIN is written enabled ("armed"). */
  readonly disabledCodes: boolean;
  /** It is no lock but a keypad that asks the hub: it has no bolt, and no slots. */
  readonly isKeypad?: true;
  /** A checksum over all occupied slots can be asked for (audit for two frames). */
  readonly checksum: boolean;
  /** `null`: the lock takes no offline codes. */
  readonly offline: OfflineCapability | null;
}

/** True for a slot that access codes may use. */
export function isUserSlot(capabilities: Capabilities, slot: number): boolean {
  return (
    slot >= capabilities.firstSlot && slot <= capabilities.lastSlot && !capabilities.adminSlots.includes(slot)
  );
}

/** False for a lock of a make that keeps its codes in a way of its own: it has no slot that a hub can write. */
export function takesCodes(capabilities: Capabilities): boolean {
  return userSlotCount(capabilities) > 0;
}

/** How many slots access codes may use. */
export function userSlotCount({ firstSlot, lastSlot, adminSlots }: Capabilities): number {
  const admins = new Set(adminSlots.filter((slot) => slot >= firstSlot && slot <= lastSlot));
  return lastSlot - firstSlot + 1 - admins.size;
}
