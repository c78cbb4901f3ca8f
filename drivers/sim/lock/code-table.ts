import type { RefusalReason } from '../../../src/core/operation.ts';
import { Pin } from '../../../src/core/pin.ts';
import type { LocalWindow, WeekDayWindow } from '../../../src/core/slot.ts';
import { checksumOf } from './checksum.ts';
import type { LockModel } from './model.ts';
import { ScheduleTable, type HeldSchedule, type HeldWeekDay } from './schedule-table.ts';

export type SlotStatus = 'enabled' | 'disabled';

/** A code as the lock holds it. */
export interface HeldCode {
  readonly pin: Pin;
  readonly status: SlotStatus;
}

export type Refusal = Extract<
  RefusalReason,
  'duplicate_pin' | 'pin_format' | 'slot_out_of_range' | 'unsupported' | 'refused'
>;

/** Who a user is to a lock that distinguishes: the types of the Zigbee door lock cluster. */
export type UserType = 'unrestricted' | 'year_day' | 'week_day' | 'master' | 'no_access';

/** The slots of one lock with their schedules, and the rules by which the lock takes or refuses a code. */
export class CodeTable {
  readonly #model: LockModel;
  readonly #adminPin: Pin;
  readonly #codes = new Map<number, HeldCode>();
  readonly #schedules = new ScheduleTable();
  readonly #userTypes = new Map<number, UserType>();

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

  /** Unrestricted where nobody said otherwise. */
  userType(slot: number): UserType {
    if (slot === this.#model.adminSlot) return 'master';
    return this.#userTypes.get(slot) ?? 'unrestricted';
  }

  /** Says who a user is. Its code and schedules stay as they are. */
  setUserType(slot: number, type: UserType): Refusal | undefined {
    if (!this.#model.userTypes && type !== 'unrestricted') return 'unsupported';
    const refusal = this.slotRefusal(slot);
    if (refusal === undefined) this.#userTypes.set(slot, type);
    return refusal;
  }

  /** The year-day schedule of a slot. */
  schedule(slot: number): HeldSchedule | undefined {
    return this.#schedules.yearDay(slot);
  }

  /** The week-day schedules of a slot, ascending by their number. */
  weekDays(slot: number): readonly HeldWeekDay[] {
    return this.#schedules.weekDays(slot);
  }

  /** Slots that hold a code or a schedule, ascending. */
  slotsInUse(): readonly number[] {
    return [...new Set([...this.#codes.keys(), ...this.#schedules.slotsInUse()])].sort((a, b) => a - b);
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
    if (pin === undefined || pin.length < min || pin.length > max || this.#breaksRule(pin))
      return 'pin_format';
    const holder = this.holderOf(pin);
    if (holder !== undefined && holder !== slot) return 'duplicate_pin';
    this.#codes.set(slot, { pin, status });
    return undefined;
  }

  #breaksRule(pin: Pin): boolean {
    const isAllSame = /^(\d)\1*$/.test(pin.reveal());
    return isAllSame && this.#model.constraints.some(({ type }) => type === 'no_all_same_digits');
  }

  /** Enables or disables the code of a slot without touching its digits. */
  setStatus(slot: number, status: SlotStatus): void {
    const held = this.#codes.get(slot);
    if (held !== undefined) this.#codes.set(slot, { ...held, status });
  }

  /** Erases the code. Its schedule stays: locks differ here, and the hub must not rely on it going. */
  clear(slot: number): void {
    this.#codes.delete(slot);
    this.#userTypes.delete(slot);
  }

  clearAll(): void {
    this.#codes.clear();
    this.#userTypes.clear();
  }

  /** What the lock answers when it is asked for the checksum over all user codes; the admin code does not count. */
  checksum(): number {
    const occupied = [...this.#codes].sort(([a], [b]) => a - b);
    return checksumOf(
      occupied.map(([slot, { pin, status }]) => ({ slot, pin, enabled: status === 'enabled' })),
    );
  }

  /** Sets and so enables the year-day schedule of a slot, or erases it. */
  setSchedule(slot: number, window: LocalWindow | null): Refusal | undefined {
    if (!this.#model.schedules) return 'unsupported';
    const refusal = this.slotRefusal(slot);
    if (refusal !== undefined) return refusal;
    if (window !== null && window.start >= window.stop) return 'refused';
    this.#schedules.setYearDay(slot, window);
    return undefined;
  }

  /** Sets and so enables one week-day schedule of a slot, or erases it. `entry` counts from 1. */
  setWeekDay(slot: number, entry: number, window: WeekDayWindow | null): Refusal | undefined {
    if (entry < 1 || entry > this.#model.weekDaySchedules) return 'unsupported';
    const refusal = this.slotRefusal(slot);
    if (refusal !== undefined) return refusal;
    if (window !== null && window.start >= window.stop) return 'refused';
    this.#schedules.setWeekDay(slot, entry, window);
    return undefined;
  }

  /** Switches the schedules of one slot, or with `null` of all slots, on or off. */
  enableSchedules(slot: number | null, enabled: boolean): void {
    this.#schedules.enable(slot, enabled);
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
    if (!this.#model.userTypes) return this.#schedules.allowsAt(slot, local);
    const type = this.userType(slot);
    if (type === 'year_day' || type === 'week_day') return this.#schedules.allowsByKindAt(slot, type, local);
    return type !== 'no_access';
  }

  /** Factory reset: no code, no schedule. */
  reset(): void {
    this.#codes.clear();
    this.#userTypes.clear();
    this.#schedules.reset();
  }
}
