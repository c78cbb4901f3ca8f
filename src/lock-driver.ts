import type { LockEventBody, LockLink, RadioKind } from './core/lock-event.ts';
import type { Operation, Outcome } from './core/operation.ts';
import type { RadioFault } from './core/radio-fault.ts';
import type { LinkCheck, NetworkView, PairingProgress } from './core/radio-view.ts';
import type { Instant } from './core/time.ts';

/**
 * The identity a lock claims when a driver meets it. `network` and `address` name it on its radio network;
 * `serial` is its own (serial number, IEEE address) where it has one.
 */
export interface LockIdentity {
  readonly radio: LockLink;
  readonly network: string;
  readonly address: string;
  readonly serial: string | null;
  /** The `device_id` whose place it has taken, until a driver has asked once: whatever it was before, it is that now. */
  readonly inPlaceOf?: string;
}

/** State of the radio hardware itself. */
export type RadioState = 'starting' | 'ready' | 'down';

/** What a driver is given to live in the hub. */
export interface DriverHost {
  /** The hub's `device_id` (a UUID) for a lock, the same for ever. */
  readonly deviceIdOf: (identity: LockIdentity) => string;
  /** Told everything a lock says, in the order it was heard; `at` where the lock says that it happened before. Never throws. */
  readonly onEvent: (deviceId: string, body: LockEventBody, at?: Instant) => void;
  /** `fault`: why its port can't be opened, where the system says so. */
  readonly onRadioState: (state: RadioState, message: string, fault?: RadioFault) => void;
  /** The progress of a pairing, replacement or removal is another one. Never throws. */
  readonly onPairing: () => void;
}

/**
 * `identify`: the lock beeps or blinks. `reinterview`: everything that is known of its abilities is asked again. A keypad
 * shows whether what was typed is accepted.
 */
export type LockAction = 'lock' | 'unlock' | 'identify' | 'reinterview' | 'show_accepted' | 'show_denied';

/** Like an outcome of an operation, and a bolt that stuck. */
export type ActionOutcome =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'jammed' | 'refused' | 'unsupported' | 'unreachable' | 'unknown' | 'radio_down';
      /** A sentence for a person. */
      readonly message: string;
    };

/** What a check of the way to a lock found, or why there was none. */
export type LinkOutcome =
  | { readonly kind: 'done'; readonly check: LinkCheck }
  | Exclude<ActionOutcome, { readonly kind: 'done' }>;

/** Who may join, and how it proves itself. */
export interface PairingRequest {
  /** At most 300 s. */
  readonly durationMs: number;
  /** The text of the QR code on the lock; `null` without one. */
  readonly qr: string | null;
  /** Five digits that the lock shows or has on its label; `null`: only what joins without is let in. */
  readonly pin: string | null;
  /** Somebody can be asked: a lock that has to prove itself puts the stage to `pin_needed`, where `enterPin` is waited for. */
  readonly asksForPin: boolean;
}

/** How a pairing or a removal ended. */
export type PairingEnd =
  /** Locks that joined, or the one that left. */
  | { readonly kind: 'done'; readonly deviceIds: readonly string[] }
  /** Nothing happened in its time. */
  | { readonly kind: 'timed_out' }
  /** It was stopped. */
  | { readonly kind: 'stopped'; readonly deviceIds: readonly string[] }
  | {
      readonly kind: 'failed';
      /** `still_there`: a lock that is to be replaced still answers. `no_lock`: nobody came but what is none. */
      readonly reason:
        | 'busy'
        | 'radio_down'
        | 'invalid_qr'
        | 'unsupported'
        | 'insecure'
        | 'still_there'
        | 'no_lock';
      readonly message: string;
    };

/** A radio whose driver can't do that. */
export const NO_PAIRING: Pairing = {
  start: () =>
    Promise.resolve({ kind: 'failed', reason: 'unsupported', message: 'This radio cannot pair locks.' }),
  stop: () => undefined,
  remove: () =>
    Promise.resolve({ kind: 'failed', reason: 'unsupported', message: 'This radio cannot remove locks.' }),
  replace: () =>
    Promise.resolve({ kind: 'failed', reason: 'unsupported', message: 'This radio cannot replace locks.' }),
  enterPin: () => false,
  progress: () => null,
};

/** Lets locks into the radio network and out of it: one at a time, never for longer than asked. */
export interface Pairing {
  /** Resolves when the network is closed again: at the first lock that joined and was met, in time, or at `stop`. */
  start(request: PairingRequest): Promise<PairingEnd>;
  /**
   * Closes the network; without a pairing under way it does nothing. The pairing then ends as `stopped`, or as `insecure`
   * where a lock is in the network already, has no keys and can't be taken off its list.
   */
  stop(): void;
  /**
   * Takes a lock out: at once where it no longer answers, otherwise the network listens for at most 60 s for the
   * lock to be told so at its keypad. Tells `removed` of it when it has left.
   */
  remove(deviceId: string): Promise<PairingEnd>;
  /**
   * Lets a lock in that takes the place of one that no longer answers, and so is the same device to the hub. Tells
   * `replaced` of it, then `found` when it was met.
   */
  replace(deviceId: string, request: PairingRequest): Promise<PairingEnd>;
  /**
   * The five digits that are waited for in `pin_needed`; `null`: nobody has them, and the lock gets in with what needs
   * no proof, if at all. False when nothing waits for them.
   */
  enterPin(pin: string | null): boolean;
  /** How far it is; `null` while nothing is under way. */
  progress(): PairingProgress | null;
}

/**
 * The port: all that the hub may ask of a radio. A driver turns `Operation`s into frames and frames into
 * `Outcome`s and `LockEvent`s; it decides nothing about access codes.
 */
export interface LockDriver {
  readonly radio: RadioKind;
  /** How many locks it is asked to speak to at a time; absent: one. */
  readonly locksAtOnce?: number;
  /** Resolves when the first attempt to open the radio has ended, well or not; it goes on trying by itself. */
  start(host: DriverHost): Promise<void>;
  /**
   * Executes exactly one operation and answers within its own deadline (at most 30 s). Rejects only on a bug.
   * The caller never runs two operations on one lock at a time. While `locksAtOnce` are under way it starts another
   * lock's only when one of them has ended or taken 3 s.
   */
  execute(deviceId: string, operation: Operation): Promise<Outcome>;
  /**
   * Does what a person at the lock could do, and answers within its own deadline (at most 30 s). `done` only when the
   * lock itself says so: of a door, when its bolt is where it was sent. Rejects only on a bug. Takes turns with
   * `execute` like any operation.
   */
  act(deviceId: string, action: LockAction): Promise<ActionOutcome>;
  /** Lets locks into the radio network and out of it. */
  readonly pairing: Pairing;
  /** Asks a lock that was lost whether it is back; true when it answered. At most 5 s. */
  ping(deviceId: string): Promise<boolean>;
  /** Sends some rounds of frames to a lock and back. Takes turns with `execute`; at most 30 s. Rejects only on a bug. */
  checkLink(deviceId: string): Promise<LinkOutcome>;
  /** What the radio's library knows of the network right now, without a frame; `null` while the radio is not there. */
  network(): NetworkView | null;
  /**
   * Keeps in the radio's storage what another stick needs to take the place of this one, and answers whether it is kept.
   * Nobody is to speak to a lock meanwhile: the radio may be silent, at most ten minutes. Rejects only on a bug.
   */
  keepStick?(): Promise<boolean>;
  /**
   * Has the stick forget its network, with all keys in it, and answers whether it says so: no lock hears it any more.
   * At most a minute; the driver is of no more use then. Rejects only on a bug.
   */
  resetStick?(): Promise<boolean>;
  /** Closes the radio. Bounded to 3 s. */
  stop(): Promise<void>;
}

/**
 * Where a radio library keeps its state: rows of (file, key) with text values, encrypted at rest.
 * All calls are synchronous from the caller's view; writes may be batched and lost in a crash, which must never
 * cost a code.
 */
export interface RadioStorage {
  entries(file: string): readonly (readonly [key: string, value: string])[];
  set(file: string, key: string, value: string): void;
  delete(file: string, key: string): void;
  clear(file: string): void;
  /** Writes what is batched. */
  flush(): void;
}
