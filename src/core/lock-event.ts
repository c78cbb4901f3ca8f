import type { Capabilities } from './capability.ts';
import type { Pin } from './pin.ts';
import type { SlotReading } from './slot.ts';
import type { Instant } from './time.ts';

/** How a bolt was moved (the words of the access code events). */
export type AccessMethod = 'keycode' | 'manual' | 'automatic' | 'remote' | 'unknown';

export type RadioKind = 'zwave' | 'zigbee';

/** By what the hub knows of a lock; `offline`: it reaches no such lock, and its codes are issued by somebody. */
export type LockLink = RadioKind | 'offline';

/** What a radio knows of a lock once it is interviewed. */
export interface LockDescription {
  readonly radio: LockLink;
  /** Z-Wave node id, Zigbee IEEE address as `0x…`, or an issuer's own id of the lock. */
  readonly address: number | string;
  readonly model: string;
  readonly capabilities: Capabilities;
  /** False: the lock joined without the security its class needs; used all the same, with a device warning. */
  readonly secure: boolean;
  readonly batteryLevel: number | null;
  readonly locked: boolean | null;
}

/** What a lock tells without being asked, in the order it was heard. */
export type LockEventBody =
  /**
   * Interviewed and ready, after start or inclusion. `snapshot` holds what the interview read; it can be older
   * than our own table, so it only fills slots that the table has never heard of.
   */
  | {
      readonly kind: 'found';
      readonly description: LockDescription;
      readonly snapshot: readonly SlotReading[];
    }
  | { readonly kind: 'online' }
  /** `radio_down`: the radio is gone, and says nothing about the lock. */
  | { readonly kind: 'offline'; readonly because?: 'radio_down' }
  | { readonly kind: 'unlocked'; readonly method: AccessMethod; readonly slot: number | null }
  | { readonly kind: 'locked'; readonly method: AccessMethod; readonly slot: number | null }
  /**
   * A code was added or changed; also the echo of our own write. `null`: the lock does not say which. `unsure`: the lock
   * only showed another value than before, which an answer that comes late does too.
   */
  | { readonly kind: 'slot_changed'; readonly slot: number | null; readonly unsure?: true }
  /** One slot was emptied; `null`: all of them. */
  | { readonly kind: 'slot_cleared'; readonly slot: number | null }
  | { readonly kind: 'duplicate_refused'; readonly slot: number | null }
  | { readonly kind: 'access_denied' }
  /** Digits were typed at a keypad that asks the hub what to do with them. */
  | { readonly kind: 'keypad_entry'; readonly digits: Pin }
  | { readonly kind: 'jammed' }
  | { readonly kind: 'jam_cleared' }
  /** `endsUntold`: the lock will not tell when it is over. */
  | { readonly kind: 'tampered'; readonly endsUntold?: true }
  | { readonly kind: 'tamper_cleared' }
  /** `level` 0 to 1; `low` when the lock itself says so. */
  | { readonly kind: 'battery'; readonly level: number | null; readonly low: boolean }
  /** The lock speaks only to a hub with keys that this one has not, or no longer. */
  | { readonly kind: 'credentials'; readonly missing: boolean }
  /** Another lock has taken its place in the network; it is met next. */
  | { readonly kind: 'replaced' }
  | { readonly kind: 'removed' };

export interface LockEvent {
  readonly deviceId: string;
  /** When it happened; locks and radios may tell it late. */
  readonly at: Instant;
  readonly body: LockEventBody;
}
