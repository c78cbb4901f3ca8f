import type { RefusalReason } from '../../../src/core/operation.ts';
import { Pin } from '../../../src/core/pin.ts';
import type { LocalWindow } from '../../../src/core/slot.ts';
import type { LockModel } from './model.ts';

export type SlotStatus = 'enabled' | 'disabled';

/** A code as the lock holds it. */
export interface HeldCode {
  readonly pin: Pin;
  readonly status: SlotStatus;
}

/** A year-day schedule in the lock's local wall time; `enabled` is what the hub asked for with Enable Set. */
export interface HeldSchedule extends LocalWindow {
  readonly enabled: boolean;
}

export type Refusal = Extract<
  RefusalReason,
  'duplicate_pin' | 'pin_format' | 'slot_out_of_range' | 'unsupported' | 'refused'
>;

/** The slots of one lock with their schedules, and the rules by which the lock takes or refuses a code. */
export class CodeTable {
  readonly #model: LockModel;
  readonly #adminPin: Pin;
  readonly #codes = new Map<number, HeldCode>();
  readonly #schedules = new Map<number, HeldSchedule>();

  constructor(model: LockModel, adminPin: Pin) {
    this.#model = model;
    this.#adminPin = adminPin;
  }

  /** The code that programs the lock, which no user slot may repeat. `null`: this model has none. */
  get admin(): { readonly slot: number; readonly pin: Pin } | null {
    const slot = this.#model.adminSlot;
    return slot === null ? null : { slot, pin: this.#adminPin };
  }

  read(slot: number): HeldCode | undefined {
    return this.#codes.get(slot);
  }

  schedule(slot: number): HeldSchedule | undefined {
    return this.#schedules.get(slot);
  }

  /** Slots that hold a code or a schedule, ascending. */
  slotsInUse(): readonly number[] {
    return [...new Set([...this.#codes.keys(), ...this.#schedules.keys()])].sort((a, b) => a - b);
  }

  hasSlot(slot: number): boolean {
    return Number.isInteger(slot) && slot >= 1 && slot <= this.#model.slots;
  }

  /** Why the lock will not write to this slot at all, if so. */
  slotRefusal(slot: number): Refusal | undefined {
    if (slot === this.#model.adminSlot) return 'refused';
    return this.hasSlot(slot) ? undefined : 'slot_out_of_range';
  }

  /** Takes a code or says why not; what it held stays when it refuses. `text` is what came over the air. */
  set(slot: number, text: string, status: SlotStatus): Refusal | undefined {
    const refusal = this.slotRefusal(slot);
    if (refusal !== undefined) return refusal;
    const pin = Pin.parse(text);
    const { min, max } = this.#model.pinLength;
    if (pin === undefined || pin.length < min || pin.length > max) return 'pin_format';
    const holder = this.holderOf(pin);
    if (holder !== undefined && holder !== slot) return 'duplicate_pin';
    this.#codes.set(slot, { pin, status });
    return undefined;
  }

  /** Enables or disables the code of a slot without touching its digits. */
  setStatus(slot: number, status: SlotStatus): void {
    const held = this.#codes.get(slot);
    if (held !== undefined) this.#codes.set(slot, { ...held, status });
  }

  /** Erases the code. Its schedule stays: locks differ here, and the hub must not rely on it going. */
  clear(slot: number): void {
    this.#codes.delete(slot);
  }

  clearAll(): void {
    this.#codes.clear();
  }

  /** Sets and so enables the schedule of a slot, or erases it. */
  setSchedule(slot: number, window: LocalWindow | null): Refusal | undefined {
    if (!this.#model.schedules) return 'unsupported';
    const refusal = this.slotRefusal(slot);
    if (refusal !== undefined) return refusal;
    if (window === null) this.#schedules.delete(slot);
    else if (window.start >= window.stop) return 'refused';
    else this.#schedules.set(slot, { ...window, enabled: true });
    return undefined;
  }

  /** Switches the schedules of one slot, or with `null` of all slots, on or off. */
  enableSchedules(slot: number | null, enabled: boolean): void {
    for (const [held, schedule] of this.#schedules) {
      if (slot === null || held === slot) this.#schedules.set(held, { ...schedule, enabled });
    }
  }

  /** Which slot holds this PIN, the admin slot included. */
  holderOf(pin: Pin): number | undefined {
    if (this.admin?.pin.equals(pin)) return this.admin.slot;
    for (const [slot, held] of this.#codes) if (held.pin.equals(pin)) return slot;
    return undefined;
  }

  /** Whether the code in a slot opens the door at this local wall time (`YYYY-MM-DDTHH:mm:ss`). */
  opensAt(slot: number, local: string): boolean {
    if (slot === this.admin?.slot) return true;
    if (this.#codes.get(slot)?.status !== 'enabled') return false;
    const schedule = this.#schedules.get(slot);
    return schedule === undefined || !schedule.enabled || (schedule.start <= local && local < schedule.stop);
  }

  /** Factory reset: no code, no schedule. */
  reset(): void {
    this.#codes.clear();
    this.#schedules.clear();
  }
}
