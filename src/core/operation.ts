import type { Pin } from './pin.ts';
import type { Proof, Schedule, SlotReading } from './slot.ts';
import type { Instant } from './time.ts';

/** A slot with what its table row says it holds, for a comparison with the lock. */
export interface HeldPin {
  readonly slot: number;
  readonly pin: Pin;
  readonly enabled: boolean;
}

/** One thing a radio driver can be asked to do to one lock. Each is journalled, executed and settled alone. */
export type Operation =
  /** Content and, on a lock with native scheduling, the schedule of one slot. Never answered from a cache. */
  | { readonly kind: 'read_slot'; readonly slot: number }
  /**
   * Writes the PIN, enabled or (only where `disabledCodes` says so) disabled. Leaves the slot's schedule as it is.
   * The digits are always sent: what a library has cached may be asterisks (field note 2).
   */
  | { readonly kind: 'set_pin'; readonly slot: number; readonly pin: Pin; readonly enabled: boolean }
  /** Erases the PIN and then any schedule of the slot. Done only when the slot is proven empty. */
  | { readonly kind: 'clear_slot'; readonly slot: number }
  | { readonly kind: 'set_schedule'; readonly slot: number; readonly window: Schedule }
  | { readonly kind: 'clear_schedule'; readonly slot: number }
  /** Gives the lock the hub's time and the site's zone. */
  | { readonly kind: 'set_clock' }
  /** Asks for the lock's time. */
  | { readonly kind: 'read_clock' }
  /** Asks for the checksum over all slots, only where `checksum` says so; `held` are all occupied ones, ascending. */
  | { readonly kind: 'compare_checksum'; readonly held: readonly HeldPin[] };

export type OperationKind = Operation['kind'];

/** What changes a slot of the lock, and is journalled with that slot before the radio is touched. */
export type WriteOperation = Extract<
  Operation,
  { readonly kind: 'set_pin' | 'clear_slot' | 'set_schedule' | 'clear_schedule' }
>;

export function isWrite(operation: Operation): operation is WriteOperation {
  switch (operation.kind) {
    case 'set_pin':
    case 'clear_slot':
    case 'set_schedule':
    case 'clear_schedule':
      return true;
    case 'read_slot':
    case 'set_clock':
    case 'read_clock':
    case 'compare_checksum':
      return false;
  }
}

/** Why a lock will not do what it was asked, and will not until something changes. */
export type RefusalReason =
  | 'duplicate_pin'
  | 'pin_format'
  | 'slot_out_of_range'
  | 'no_space'
  | 'unsupported'
  | 'refused';

/** What came of an operation, and what the caller should do next. A bug throws; everything expected is here. */
export type Outcome =
  /** It happened. `reading` is what the lock showed, where the proof is a read. */
  | {
      readonly kind: 'done';
      readonly proof: Proof;
      readonly reading?: SlotReading;
      /** After `read_clock`: how far the lock's clock is ahead of the hub's, in milliseconds. */
      readonly clockAheadMs?: number;
      /** After `read_clock`: what the lock's clock shows, of one that has a date. */
      readonly clockShows?: Instant;
      /** After `compare_checksum`: the lock holds exactly what was named. */
      readonly matches?: boolean;
    }
  /** The lock said no. It holds what it held. Not to be tried again until something changes. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly message: string }
  /** The lock did not acknowledge: try again later. It may have executed all the same (a lost acknowledgement). */
  | { readonly kind: 'unreachable'; readonly message: string }
  /** Sent, but nobody knows what the lock did with it: read before anything is written there. */
  | { readonly kind: 'unknown'; readonly message: string }
  /** The radio itself is gone; the lock saw nothing. Says nothing about the lock. */
  | { readonly kind: 'radio_down'; readonly message: string };
