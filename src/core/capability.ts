/** Schedules that a lock enforces by its own clock, in its own local time. */
export interface NativeScheduling {
  readonly kind: 'year_day';
  /** Smallest unit of a boundary (Z-Wave Schedule Entry Lock: one minute). */
  readonly granuleMs: number;
}

/** What one lock can do, read from the lock itself and never from a table of brands (decision 2). */
export interface Capabilities {
  /** Lowest and highest user slot, in the lock's own numbers. */
  readonly firstSlot: number;
  readonly lastSlot: number;
  /** Slots inside that range that hold admin or master codes: read perhaps, written never. */
  readonly adminSlots: readonly number[];
  /** PIN lengths the lock takes, in digits. */
  readonly pinLength: { readonly min: number; readonly max: number };
  /** `null`: the lock keeps no schedules, so its codes are put on and taken off just in time. */
  readonly nativeScheduling: NativeScheduling | null;
  /** A checksum over all occupied slots can be asked for (audit for two frames). */
  readonly checksum: boolean;
}

/** True for a slot that access codes may use. */
export function isUserSlot(capabilities: Capabilities, slot: number): boolean {
  return (
    slot >= capabilities.firstSlot && slot <= capabilities.lastSlot && !capabilities.adminSlots.includes(slot)
  );
}
