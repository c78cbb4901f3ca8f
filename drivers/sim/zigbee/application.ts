import type { SimLock } from '../lock/lock.ts';
import type { Attributes } from './attributes.ts';
import type { Bytes } from './bytes.ts';
import type { ApsMessage } from './child.ts';
import type { ZigbeeModel } from './model.ts';
import type { Reporting, ReportSetting } from './reporting.ts';

/** To whom a cluster tells what happens. */
export interface Binding {
  readonly endpoint: number;
  readonly cluster: number;
  readonly target: string;
  readonly targetEndpoint: number;
}

/** What a lock or keypad keeps of what a hub has set up. */
export interface DeviceMemory {
  readonly bindings: readonly Binding[];
  readonly reports: readonly ReportSetting[];
  /** The hub that a keypad is enrolled at; absent: it is at none. */
  readonly panel?: string;
}

/** What there is on the one end point of a lock or keypad. */
export interface SimpleDescription {
  readonly endpoint: number;
  readonly device: number;
  readonly manufacturerCode: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** The application behind a radio. */
export interface RadioDevice {
  readonly simple: SimpleDescription;
  readonly longPollMs: number;
  receive(message: ApsMessage): void;
  bind(binding: Binding): void;
  unbind(binding: Binding): void;
  /** Out of the network: a hub sets up everything anew. */
  forget(): void;
  joined(): void;
  stop(): void;
  toJSON(): DeviceMemory;
}

/** What a handler of commands works with. */
export interface Application {
  readonly lock: SimLock;
  readonly model: ZigbeeModel;
  readonly attributes: (cluster: number) => Attributes | undefined;
  readonly reporting: Reporting;
  readonly settings: Settings;
  /** Begins the interval to the next check-in. */
  checkIn(): void;
}

/** What a hub can set at a lock that is no part of its codes. */
export interface Settings {
  sendPinOta: boolean;
  longPollMs: number;
  checkInMs: number;
  /** Numbers that change nothing in the house, by the name of their attribute. */
  readonly others: Map<string, number>;
}

/** An answer of a cluster: a command with its payload, a bare status, or silence. */
export type Answer =
  | { readonly kind: 'command'; readonly command: number; readonly payload: Bytes }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'silence' };
