import type { Pin } from './pin.ts';
import type { Instant } from './time.ts';

/** Evidence that a slot holds what we say, strongest first (decision 4). */
export type Proof = 'read_back' | 'checksum' | 'event' | 'supervision';

/** What a lock answers when a slot is read. */
export type SlotContent =
  | { readonly kind: 'empty' }
  | { readonly kind: 'pin'; readonly pin: Pin; readonly enabled: boolean }
  /** Occupied, but the lock shows `****` or nothing instead of the digits. */
  | { readonly kind: 'masked'; readonly enabled: boolean };

/** What we believe of a slot: as read, or `unknown` when nobody can say without reading. */
export type SlotBelief = SlotContent | { readonly kind: 'unknown' };

/**
 * A window in the lock's local wall time, as the lock stores it: `YYYY-MM-DDTHH:mm`, no zone.
 * `stop` is the first minute in which the code no longer opens.
 */
export interface LocalWindow {
  readonly start: string;
  readonly stop: string;
}

/** The schedule a slot has on the lock. `null` means none: a PIN there is valid at any time. */
export type ScheduleBelief =
  | { readonly kind: 'known'; readonly window: LocalWindow | null }
  | { readonly kind: 'unknown' };

/** One reading of one slot, as a driver delivers it. */
export interface SlotReading {
  readonly slot: number;
  readonly content: SlotContent;
  /** Absent when the lock has no schedules or they were not asked for. */
  readonly schedule?: LocalWindow | null;
}

/** A write whose result is not known yet, or was lost with the power. */
export interface PendingWrite {
  readonly pin: Pin;
  /** The slot was proven empty when the write began, so an occupied slot can only hold this PIN. */
  readonly overEmpty: boolean;
}

/**
 * Whether somebody may have touched a slot since it was proven: `edited` after a report that can't be the echo of our
 * own write, `perhaps` after one that can. It matters where a lock masks: then a mask is an edit, or is none.
 */
export type Recheck = 'no' | 'perhaps' | 'edited';

/** One row of the code slot table. */
export interface Slot {
  readonly slot: number;
  /** `access_code_id` of the code this slot is kept for; `null` when it is free or not ours. */
  readonly owner: string | null;
  readonly content: SlotBelief;
  /** What we believe holds until the slot is read again, which is soon. */
  readonly recheck: Recheck;
  readonly pending: PendingWrite | null;
  readonly schedule: ScheduleBelief;
  readonly proof: Proof | null;
  /** When the content was last proven; `null` if never. */
  readonly provenAt: Instant | null;
  /** When we last wrote to this slot; tells the echo of our own write from somebody's edit. */
  readonly writtenAt: Instant | null;
}
