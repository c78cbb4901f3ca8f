import type { AccessCode } from './access-code.ts';
import type { Capabilities } from './capability.ts';
import type { RadioKind } from './lock-event.ts';
import type { Slot } from './slot.ts';
import type { Instant } from './time.ts';

/** One lock as the hub knows it. Before it is interviewed, `capabilities` is `null` and nothing is planned. */
export interface Lock {
  readonly deviceId: string;
  readonly radio: RadioKind | null;
  readonly address: number | string | null;
  readonly model: string | null;
  readonly capabilities: Capabilities | null;
  readonly secure: boolean;
  readonly online: boolean;
  /** 0 to 1. */
  readonly batteryLevel: number | null;
  /** Its own warning, or a level that says the same; told once until it is over. */
  readonly batteryLow: boolean;
  readonly locked: boolean | null;
  readonly jammed: boolean;
  readonly tampered: boolean;
  /** It shows `****` instead of digits; learned from its first occupied slot. */
  readonly masksPins: boolean;
  /** It refused a schedule although it lists them: its codes go on just in time instead. */
  readonly nativeRefused: boolean;
  /** When its clock was last set, and the zone's offset then; `null` if never. */
  readonly clockSet: { readonly at: Instant; readonly offsetMinutes: number } | null;
  /** Version of the newest desired document; zeros before the first. */
  readonly generation: number;
  readonly versionReceived: number;
  readonly versionApplied: number;
  /** Failed attempts in a row to reach this lock, and when to try again. */
  readonly failures: number;
  readonly retryAt: Instant | null;
}

/** All that is planned over: one lock with its codes and its rows of the code slot table. */
export interface LockState {
  readonly lock: Lock;
  readonly codes: readonly AccessCode[];
  /** Only slots we know something of, ascending. */
  readonly slots: readonly Slot[];
}

/** Site-wide settings that planning depends on. */
export interface Policy {
  /** IANA zone of the site: the wall time of its locks. */
  readonly timezone: string;
  readonly jitLeadMs: number;
  readonly nativePreloadMs: number;
  /** Just-in-time codes are enabled no earlier than their start (decision 22). */
  readonly strictStart: boolean;
}

/** A lock nobody has met yet, for documents that arrive before it. */
export function unmetLock(deviceId: string): Lock {
  return {
    deviceId,
    radio: null,
    address: null,
    model: null,
    capabilities: null,
    secure: true,
    online: false,
    batteryLevel: null,
    locked: null,
    jammed: false,
    tampered: false,
    batteryLow: false,
    masksPins: false,
    nativeRefused: false,
    clockSet: null,
    generation: 0,
    versionReceived: 0,
    versionApplied: 0,
    failures: 0,
    retryAt: null,
  };
}
