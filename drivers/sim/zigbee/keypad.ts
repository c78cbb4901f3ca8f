import type { Fault } from '../lock/fault.ts';
import { Membership } from '../lock/membership.ts';
import { PLAIN } from '../lock/model.ts';
import type { Owner } from './child.ts';
import type { ZigbeeKeypadModel } from './keypad-model.ts';

/** Short address of a keypad that is in no network. */
const NO_ADDRESS = 0xfffe;

/** Arm modes of the keys. */
export const ARM_MODE = { disarm: 0, armAll: 3 } as const;
type ArmKey = keyof typeof ARM_MODE;

/** What somebody does at a keypad, or happens to it. */
export type KeypadAct =
  | { readonly kind: 'arm'; readonly key: ArmKey; readonly digits: string }
  /** Somebody comes near: it asks how the panel is. */
  | { readonly kind: 'panel' }
  | { readonly kind: 'panic' }
  /** Its alarms or its battery have changed. */
  | { readonly kind: 'state' };

/** A Zigbee keypad without a lock (IAS ACE): it asks its hub about codes, and shows what the hub answers. */
export class SimZigbeeKeypad implements Owner {
  /** Its name in the control interface. */
  readonly id: string;
  readonly model: ZigbeeKeypadModel;
  readonly ieee: string;
  readonly serial: string;
  readonly membership: Membership;
  /** Short address. */
  address = NO_ADDRESS;
  fault: Fault = { kind: 'none' };
  /** How often it has blinked because it was asked to by radio. */
  identified = 0;
  readonly frames = { received: 0, sent: 0 };
  /** How often it showed what. */
  readonly shown = { accepted: 0, denied: 0 };
  /** State of the panel as the hub told it last; `null`: never. */
  panel: number | null = null;
  #tampered = false;
  #batteryPercent = 100;
  readonly #listeners = new Set<(act: KeypadAct) => void>();

  /** Asks to join, as new ones do. */
  constructor(id: string, ieee: string, model: ZigbeeKeypadModel) {
    this.id = id;
    this.ieee = ieee;
    this.model = model;
    this.serial = `SIM-${model.name}-${id}`;
    this.membership = new Membership(this.serial, PLAIN.product, false);
    this.membership.askToJoin();
  }

  get tampered(): boolean {
    return this.#tampered;
  }

  /** Whole percent, 0 to 100. */
  get batteryPercent(): number {
    return this.#batteryPercent;
  }

  onAct(listener: (act: KeypadAct) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Somebody types digits and presses a key. */
  type(digits: string, key: ArmKey = 'disarm'): void {
    const { sendsAfter } = this.model;
    if (sendsAfter === null) {
      this.#tell({ kind: 'arm', key, digits });
      return;
    }
    for (let at = 0; at + sendsAfter <= digits.length; at += sendsAfter)
      this.#tell({ kind: 'arm', key, digits: digits.slice(at, at + sendsAfter) });
  }

  approach(): void {
    this.#tell({ kind: 'panel' });
  }

  pressPanic(): void {
    this.#tell({ kind: 'panic' });
  }

  setTampered(tampered: boolean): void {
    this.#tampered = tampered;
    this.#tell({ kind: 'state' });
  }

  setBatteryPercent(percent: number): void {
    this.#batteryPercent = percent;
    this.#tell({ kind: 'state' });
  }

  frameReceived(): void {
    this.frames.received += 1;
  }

  frameSent(): void {
    this.frames.sent += 1;
  }

  #tell(act: KeypadAct): void {
    for (const listener of this.#listeners) listener(act);
  }
}
