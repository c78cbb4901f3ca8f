import type { LockEventBody, RadioKind } from './core/lock-event.ts';
import type { Operation, Outcome } from './core/operation.ts';
import type { Instant } from './core/time.ts';

/**
 * The identity a lock claims when a driver meets it. `network` and `address` name it on its radio network;
 * `serial` is its own (serial number, IEEE address) where it has one.
 */
export interface LockIdentity {
  readonly radio: RadioKind;
  readonly network: string;
  readonly address: string;
  readonly serial: string | null;
}

/** State of the radio hardware itself. */
export type RadioState = 'starting' | 'ready' | 'down';

/** What a driver is given to live in the hub. */
export interface DriverHost {
  /** The hub's `device_id` (a UUID) for a lock, the same for ever. */
  readonly deviceIdOf: (identity: LockIdentity) => string;
  /** Told everything a lock says, in the order it was heard; `at` where the lock says that it happened before. Never throws. */
  readonly onEvent: (deviceId: string, body: LockEventBody, at?: Instant) => void;
  readonly onRadioState: (state: RadioState, message: string) => void;
}

/**
 * The port: all that the hub may ask of a radio. A driver turns `Operation`s into frames and frames into
 * `Outcome`s and `LockEvent`s; it decides nothing about access codes.
 */
export interface LockDriver {
  readonly radio: RadioKind;
  /** Resolves when the first attempt to open the radio has ended, well or not; it goes on trying by itself. */
  start(host: DriverHost): Promise<void>;
  /**
   * Executes exactly one operation and answers within its own deadline (at most 30 s). Rejects only on a bug.
   * The caller never runs two operations on one lock at a time, and starts another lock's only when this one has
   * ended or taken 3 s.
   */
  execute(deviceId: string, operation: Operation): Promise<Outcome>;
  /** Asks a lock that was lost whether it is back; true when it answered. At most 5 s. */
  ping(deviceId: string): Promise<boolean>;
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
