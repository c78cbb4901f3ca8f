import type { RadioKind } from '../core/lock-event.ts';
import type { RadioFault } from '../core/radio-fault.ts';
import type { LockDriver, RadioState } from '../lock-driver.ts';
import type { RadioGate } from './radio-gate.ts';

/** A configured radio, its gate, and how it is. */
export interface Radio {
  readonly driver: LockDriver;
  readonly gate: RadioGate;
  state: RadioState;
  message: string;
  fault: RadioFault | undefined;
}

/** How a radio is, for diagnostics. */
export interface RadioHealth {
  readonly radio: RadioKind;
  readonly state: RadioState;
  readonly message: string;
  /** Why its stick can't be opened, where that is why. */
  readonly fault?: RadioFault;
}
