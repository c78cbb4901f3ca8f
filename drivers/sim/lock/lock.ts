import type { LockEventBody } from '../../../src/core/lock-event.ts';
import { Pin } from '../../../src/core/pin.ts';
import type { LocalWindow, WeekDayWindow } from '../../../src/core/slot.ts';
import type { Instant } from '../../../src/core/time.ts';
import { Aftermath } from './aftermath.ts';
import { CodeTable, type HeldCode, type Refusal, type SlotStatus, type UserType } from './code-table.ts';
import type { Fault } from './fault.ts';
import { LockClock } from './lock-clock.ts';
import { Membership } from './membership.ts';
import type { LockModel } from './model.ts';

/** What a lock tells by itself; a radio face turns it into frames. */
export type LockReport = Exclude<LockEventBody, { kind: 'found' | 'online' | 'offline' | 'removed' }>;

/** Battery a frame costs, in percent: a set of batteries lasts about 100,000 frames. */
const FRAME_COST_PERCENT = 0.001;
/** Below this the lock says that its battery is low. */
const BATTERY_LOW_PERCENT = 10;
const DEFAULT_ADMIN_PIN = '80246135';

/** A user of a User Credential lock, who has the PIN in the slot of the same number, or none yet. */
export interface LockUser {
  readonly active: boolean;
  readonly name: string;
}

export interface SimLockOptions {
  /** Its name in the control interface. */
  readonly id: string;
  readonly model: LockModel;
  /** Its address on its radio network (Z-Wave: node id, Zigbee: short address). */
  readonly address: number;
  /** The address that a Zigbee lock keeps for life: `0x` and 16 hex digits. */
  readonly ieee?: string;
  /** The true time. */
  readonly now: () => Instant;
  readonly driftPpm?: number;
  /** Does something later, in the time that `now` tells; without it a lock fights back only when it is next used. */
  readonly later?: (delayMs: number, work: () => void) => void;
  /** 4 to 8 digits; models without an admin slot ignore it. */
  readonly adminPin?: string;
}

/**
 * A keypad lock: the truth that every radio face shows and that tests compare with.
 * Methods called `radio…` are commands that arrived over the air; the others are hands at the lock.
 */
export class SimLock {
  readonly id: string;
  readonly model: LockModel;
  /** Its address on its radio network; it may get another one when it joins again. */
  address: number;
  /** `null`: it has another radio than Zigbee. */
  readonly ieee: string | null;
  readonly serial: string;
  readonly codes: CodeTable;
  readonly clock: LockClock;
  readonly membership: Membership;
  fault: Fault = { kind: 'none' };
  /** How long it keeps to itself what it has to tell, in milliseconds. */
  delayReportsMs = 0;
  bolt: 'locked' | 'unlocked' = 'locked';
  /** How long its bolt takes when it is sent by radio, in milliseconds. */
  boltTravelMs = 0;
  /** How often it has blinked because it was asked to by radio. */
  identified = 0;
  jammed = false;
  tampered = false;
  /** Wrong PINs typed since the last right one. */
  wrongCodes = 0;
  /** Users of a User Credential lock, by id; other locks have none. */
  readonly users = new Map<number, LockUser>();
  readonly frames = { received: 0, sent: 0 };
  /** Commands to set or clear a code that arrived by radio, refused ones too, by slot; 0 means all slots. */
  readonly writes = new Map<number, number>();
  /** The same for schedules. */
  readonly scheduleWrites = new Map<number, number>();
  #batteryPercent = 100;
  readonly #now: () => Instant;
  readonly #later: (delayMs: number, work: () => void) => void;
  readonly #aftermath = new Aftermath();
  readonly #listeners = new Set<(report: LockReport) => void>();

  constructor(options: SimLockOptions) {
    this.id = options.id;
    this.model = options.model;
    this.address = options.address;
    this.ieee = options.ieee ?? null;
    this.serial = `SIM-${options.model.name}-${options.id}`;
    this.membership = new Membership(this.serial, options.model.product, options.model.secure);
    this.#now = options.now;
    this.#later = options.later ?? (() => undefined);
    this.clock = new LockClock(options.now, options.driftPpm ?? 0);
    const adminPin = Pin.parse(options.adminPin ?? DEFAULT_ADMIN_PIN);
    if (adminPin === undefined) throw new Error(`lock ${options.id}: the admin PIN must be 4 to 12 digits`);
    this.codes = new CodeTable(options.model, adminPin);
  }

  /** Whole percent, 0 to 100. */
  get batteryPercent(): number {
    return Math.ceil(this.#batteryPercent);
  }

  /** Hears what the lock tells by itself, until the returned function is called. */
  onReport(listener: (report: LockReport) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What this lock shows of a slot when it is asked; with stale reads that is not what it holds. */
  shown(slot: number): HeldCode | undefined {
    return this.#aftermath.shown(slot, this.codes.read(slot), this.#now());
  }

  frameReceived(): void {
    this.#fightBack();
    this.frames.received += 1;
    this.#drain();
  }

  frameSent(): void {
    this.frames.sent += 1;
    this.#drain();
  }

  /** A hub writes a code. `undefined`: taken. */
  radioSetPin(slot: number, digits: string, status: SlotStatus = 'enabled'): Refusal | undefined {
    count(this.writes, slot);
    if (this.fault.kind === 'drops_writes') return undefined;
    const before = this.codes.read(slot);
    const refusal = this.#setPin(slot, digits, this.#statusKept(status), this.model.echoesRadioWrites);
    if (refusal === undefined) this.#written(slot, before);
    return refusal;
  }

  /** A hub enables or disables a code without sending its digits. */
  radioSetStatus(slot: number, status: SlotStatus): void {
    count(this.writes, slot);
    if (this.fault.kind === 'drops_writes') return;
    const before = this.codes.read(slot);
    this.codes.setStatus(slot, this.#statusKept(status));
    this.#written(slot, before);
  }

  /** A hub erases a code; 0 erases all. */
  radioClearPin(slot: number): Refusal | undefined {
    count(this.writes, slot);
    const refusal = slot === 0 ? undefined : this.codes.slotRefusal(slot);
    if (refusal !== undefined) return refusal;
    if (this.fault.kind === 'drops_writes') return undefined;
    const before = this.codes.read(slot);
    this.#clearPin(slot, this.model.echoesRadioWrites);
    if (slot !== 0) this.#written(slot, before);
    return undefined;
  }

  /** A hub sets the year-day schedule of a slot, or erases it with `null`. */
  radioSetSchedule(slot: number, window: LocalWindow | null): Refusal | undefined {
    count(this.scheduleWrites, slot);
    return this.fault.kind === 'drops_writes' ? undefined : this.codes.setSchedule(slot, window);
  }

  /** A hub sets one week-day schedule of a slot, counted from 1, or erases it with `null`. */
  radioSetWeekDay(slot: number, entry: number, window: WeekDayWindow | null): Refusal | undefined {
    count(this.scheduleWrites, slot);
    return this.fault.kind === 'drops_writes' ? undefined : this.codes.setWeekDay(slot, entry, window);
  }

  /** A hub says who a user is. */
  radioSetUserType(slot: number, type: UserType): Refusal | undefined {
    return this.fault.kind === 'drops_writes' ? undefined : this.codes.setUserType(slot, type);
  }

  /** A hub sends the bolt somewhere. It arrives later where it takes time, and stays where it is when it jams. */
  radioSetBolt(bolt: 'locked' | 'unlocked'): Refusal | undefined {
    const move = (): void => this.#moveBolt(bolt, { kind: bolt, method: 'remote', slot: null });
    if (this.boltTravelMs > 0) this.#later(this.boltTravelMs, move);
    else move();
    return this.jammed && this.boltTravelMs === 0 ? 'refused' : undefined;
  }

  /** A hub wants to see which lock it is. */
  radioIdentify(): Refusal | undefined {
    if (!this.model.identifies) return 'unsupported';
    this.identified += 1;
    return undefined;
  }

  /** Somebody types digits. Opens when a code holds them and its schedule, by the lock's own clock, allows it. */
  typePin(digits: string): { readonly opened: boolean; readonly slot: number | null } {
    this.#fightBack();
    const pin = Pin.parse(digits);
    const slot = pin === undefined ? undefined : this.codes.holderOf(pin);
    if (slot === undefined || this.jammed || !this.codes.opensAt(slot, this.clock.local())) {
      this.wrongCodes += 1;
      this.#report({ kind: 'access_denied' });
      return { opened: false, slot: slot ?? null };
    }
    this.wrongCodes = 0;
    this.#moveBolt('unlocked', { kind: 'unlocked', method: 'keycode', slot });
    return { opened: true, slot };
  }

  /** Somebody presses the lock button of the keypad. False: the bolt is stuck. */
  pressLock(): boolean {
    this.#moveBolt('locked', { kind: 'locked', method: 'manual', slot: null });
    return !this.jammed;
  }

  /** Somebody programs a code at the lock. `undefined`: taken. */
  programPin(slot: number, digits: string): Refusal | undefined {
    return this.#setPin(slot, digits, 'enabled', true);
  }

  /** Somebody erases a code at the lock; 0 erases all. */
  unprogramPin(slot: number): Refusal | undefined {
    const refusal = slot === 0 ? undefined : this.codes.slotRefusal(slot);
    if (refusal === undefined) this.#clearPin(slot, true);
    return refusal;
  }

  setJammed(jammed: boolean): void {
    this.jammed = jammed;
    this.#report({ kind: jammed ? 'jammed' : 'jam_cleared' });
  }

  setTampered(tampered: boolean): void {
    this.tampered = tampered;
    this.#report({ kind: tampered ? 'tampered' : 'tamper_cleared' });
  }

  setBatteryPercent(percent: number): void {
    this.#batteryPercent = percent;
    this.#reportBattery();
  }

  /** Factory reset of what the lock keeps. It stays in its radio network, so that the hub can repair it. */
  reset(): void {
    this.codes.reset();
    this.users.clear();
    this.#aftermath.forget();
    this.clock.zone = { standardMinutes: 0, dstMinutes: 0, dst: null };
    this.wrongCodes = 0;
    this.#report({ kind: 'slot_cleared', slot: null });
  }

  /** A lock that knows no disabled codes takes them as enabled ones. */
  #statusKept(asked: SlotStatus): SlotStatus {
    return this.fault.kind === 'refuses_disabled' ? 'enabled' : asked;
  }

  #written(slot: number, before: HeldCode | undefined): void {
    this.#aftermath.written(this.fault, slot, before, this.#now());
    if (this.fault.kind !== 'fights_back') return;
    const { delayMs } = this.fault;
    const dueAt = this.#now() + delayMs;
    this.#later(delayMs, () => this.#fightBack(dueAt));
  }

  /** Puts back what the lock wants to have, as if somebody had edited it there. */
  #fightBack(dueAt = Number.NEGATIVE_INFINITY): void {
    // A timer may come a moment early by the clock that it was set by.
    for (const [slot, held] of this.#aftermath.takeDue(Math.max(dueAt, this.#now()))) {
      if (held === undefined) this.#clearPin(slot, true);
      else this.#setPin(slot, held.pin.reveal(), held.status, true);
    }
  }

  #setPin(slot: number, digits: string, status: SlotStatus, tell: boolean): Refusal | undefined {
    const refusal = this.codes.set(slot, digits, status);
    if (refusal === 'duplicate_pin') this.#report({ kind: 'duplicate_refused', slot });
    if (refusal === undefined && tell) this.#report({ kind: 'slot_changed', slot });
    return refusal;
  }

  #clearPin(slot: number, tell: boolean): void {
    if (slot === 0) this.codes.clearAll();
    else this.codes.clear(slot);
    if (tell) this.#report({ kind: 'slot_cleared', slot: slot === 0 ? null : slot });
  }

  #moveBolt(bolt: 'locked' | 'unlocked', report: LockReport): void {
    if (this.jammed) {
      this.#report({ kind: 'jammed' });
      return;
    }
    this.bolt = bolt;
    this.#report(report);
  }

  #drain(): void {
    const before = this.batteryPercent;
    this.#batteryPercent = Math.max(0, this.#batteryPercent - FRAME_COST_PERCENT);
    if (this.batteryPercent !== before) this.#reportBattery();
  }

  #reportBattery(): void {
    const level = this.batteryPercent;
    this.#report({ kind: 'battery', level: level / 100, low: level < BATTERY_LOW_PERCENT });
  }

  #report(report: LockReport): void {
    for (const listener of this.#listeners) listener(report);
  }
}

function count(writes: Map<number, number>, slot: number): void {
  writes.set(slot, (writes.get(slot) ?? 0) + 1);
}
