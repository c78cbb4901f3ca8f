import { plainRequest, type AccessCodeRequest } from '../../src/core/access-code.ts';
import {
  accept,
  type Acceptance,
  type DesiredDocument,
  type DesiredEntry,
} from '../../src/core/request/accept.ts';
import { advance } from '../../src/core/settle/advance.ts';
import type { Capabilities } from '../../src/core/capability.ts';
import type { DomainEvent, Step } from '../../src/core/event.ts';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import { DEFAULT_POLICY, unmetLock, type LockState, type Policy } from '../../src/core/lock.ts';
import { observe } from '../../src/core/observe/observe.ts';
import { tenantOf } from '../../src/core/observe/tenure.ts';
import { ownerOf, slotOf } from '../../src/core/plan/assign.ts';
import type { HeldPin, Operation, Outcome } from '../../src/core/operation.ts';
import { Pin } from '../../src/core/pin.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { replenish } from '../../src/core/request/pool.ts';
import { begin } from '../../src/core/settle/begin.ts';
import { settle } from '../../src/core/settle/settle.ts';
import type { Schedule, SlotContent, SlotReading } from '../../src/core/slot.ts';
import { MINUTE_MS, type Instant, type TimeReading } from '../../src/core/time.ts';
import { seededDraw } from './seeded-draw.ts';

/** Operations one call of `work` may take before it is taken for a loop. */
const OPERATIONS_MAX = 200;

export const POLICY: Policy = { ...DEFAULT_POLICY, timezone: 'America/New_York' };

export const PLAIN: Capabilities = {
  firstSlot: 1,
  lastSlot: 5,
  adminSlots: [],
  pinLength: { min: 4, max: 8 },
  constraints: [],
  nativeScheduling: null,
  weekDaySchedules: 0,
  disabledCodes: false,
  checksum: false,
  offline: null,
};

export const SCHEDULING: Capabilities = {
  ...PLAIN,
  nativeScheduling: { kind: 'year_day', granuleMs: MINUTE_MS },
};

export function pin(digits: string): Pin {
  const parsed = Pin.parse(digits);
  if (parsed === undefined) throw new Error('not a PIN');
  return parsed;
}

/** A request with everything but its id and PIN at the defaults of the create call. */
export function request(
  accessCodeId: string,
  digits: string,
  more: Partial<AccessCodeRequest> = {},
): Extract<DesiredEntry, { kind: 'valid' }> {
  return {
    kind: 'valid',
    request: {
      ...plainRequest(accessCodeId),
      name: accessCodeId,
      pin: pin(digits),
      ...more,
    },
  };
}

/** The core over one lock that does what it is told at once, with everything it did written down. */
export class CoreWorld {
  now: Instant = Date.parse('2026-03-02T12:00:00Z');
  state: LockState;
  readonly done: string[] = [];
  readonly events: DomainEvent[] = [];
  /** What the lock holds. */
  readonly pins = new Map<number, string>();
  readonly schedules = new Map<number, Schedule>();
  /** Slots whose PIN is held disabled. */
  readonly disabled = new Set<number>();
  masks = false;
  /** How far the lock's clock is ahead; a stuck one does not become right when it is set. */
  clockAheadMs = 0;
  isClockStuck = false;
  /** The lock enables what is to be held disabled. */
  refusesDisabled = false;
  /** Happens after the lock did the next operation and before its answer is there. */
  meanwhile: (() => void) | null = null;
  /** How long each operation takes. */
  tookMs = 50;
  /** The other locks of the hub. */
  siblings: readonly LockState[] = [];
  readonly draw = seededDraw(1);
  /** Answers instead of the lock, for the next operation only. */
  nextOutcome: Outcome | null = null;
  #version = 0;

  constructor(capabilities: Capabilities, deviceId = 'lock') {
    this.state = { lock: unmetLock(deviceId), codes: [], slots: [] };
    this.hear({
      kind: 'found',
      description: {
        radio: 'zwave',
        address: 2,
        model: 'test lock',
        capabilities,
        secure: true,
        batteryLevel: 1,
        locked: true,
      },
      snapshot: [],
    });
  }

  get reading() {
    return { earliest: this.now, latest: this.now };
  }

  /** A new version of the desired document. */
  desire(...codes: readonly DesiredEntry[]): void {
    this.desireAndBury(codes, []);
  }

  /** A new version of the desired document, with tombstones. */
  desireAndBury(codes: readonly DesiredEntry[], tombstones: readonly string[]): void {
    this.#version += 1;
    this.take(this.offer({ generation: 1, version: this.#version, codes, tombstones }).step);
  }

  /** What would come of a document. */
  offer(document: Partial<DesiredDocument>, now: TimeReading = this.reading): Acceptance {
    const whole = { generation: 1, version: 1, codes: [], tombstones: [], ...document };
    return accept(this.state, whole, { draw: this.draw, siblings: () => this.siblings }, now, POLICY);
  }

  hear(body: LockEventBody): void {
    const slot = body.kind === 'locked' || body.kind === 'unlocked' ? body.slot : null;
    const row = this.state.slots.find((other) => other.slot === slot);
    const tenant = row && (tenantOf(row, ownerOf(this.state, row)) ?? undefined);
    const event = { deviceId: this.state.lock.deviceId, at: this.now, body };
    this.take(observe(this.state, event, tenant, POLICY, this.reading));
  }

  take(step: Step<LockState>): void {
    this.state = step.state;
    for (const event of step.events) this.events.push(event);
  }

  /** Lets time pass to an instant, turn by turn as a loop would, and does what is planned. */
  passTo(instant: Instant): void {
    for (;;) {
      this.work();
      const { wakeAt } = plan(this.state, POLICY, this.reading);
      if (wakeAt === null || wakeAt > instant) break;
      this.now = wakeAt;
    }
    this.now = Math.max(this.now, instant);
    this.work();
  }

  /** Does all that is planned now. */
  work(): void {
    for (let count = 0; count < OPERATIONS_MAX; count += 1) {
      if (!this.step()) return;
    }
    throw new Error(`Still working after ${OPERATIONS_MAX} operations: ${this.done.slice(-6).join(', ')}`);
  }

  /** Does one planned operation; false when there is none. */
  step(): boolean {
    this.take(advance(this.state, POLICY, this.reading));
    this.take(replenish(this.state, POLICY, this.draw, this.reading));
    const [planned] = plan(this.state, POLICY, this.reading).operations;
    if (planned === undefined) return false;
    this.state = begin(this.state, planned, POLICY, this.reading);
    const { operation } = planned;
    this.done.push('slot' in operation ? `${operation.kind} ${operation.slot}` : operation.kind);
    // What is said of a clock is ordered by time, so these operations take some.
    if (operation.kind === 'set_clock' || operation.kind === 'read_clock') this.now += 1;
    const begunWith = 'slot' in operation ? slotOf(this.state, operation.slot) : null;
    const outcome = this.nextOutcome ?? this.#execute(operation);
    this.meanwhile?.();
    this.meanwhile = null;
    this.nextOutcome = null;
    this.take(settle(this.state, planned, { outcome, tookMs: this.tookMs, begunWith }, POLICY, this.reading));
    return true;
  }

  code(accessCodeId: string) {
    return this.state.codes.find((code) => code.accessCodeId === accessCodeId);
  }

  /** Types and ids of what was told since the last call. */
  told(): readonly string[] {
    return this.events
      .splice(0)
      .map((event) => [event.event_type, event.access_code_id].filter(Boolean).join(' '));
  }

  /** Operations since the last call. */
  worked(): readonly string[] {
    return this.done.splice(0);
  }

  #execute(operation: Operation): Outcome {
    switch (operation.kind) {
      case 'read_slot':
        return { kind: 'done', proof: 'read_back', reading: this.#read(operation.slot) };
      case 'set_pin':
        this.pins.set(operation.slot, operation.pin.reveal());
        if (operation.enabled || this.refusesDisabled) this.disabled.delete(operation.slot);
        else this.disabled.add(operation.slot);
        return { kind: 'done', proof: 'read_back', reading: this.#read(operation.slot) };
      case 'clear_slot':
        this.pins.delete(operation.slot);
        this.disabled.delete(operation.slot);
        this.schedules.delete(operation.slot);
        break;
      case 'set_schedule':
        this.schedules.set(operation.slot, operation.window);
        break;
      case 'clear_schedule':
        this.schedules.delete(operation.slot);
        break;
      case 'set_clock':
        if (!this.isClockStuck) this.clockAheadMs = 0;
        break;
      case 'read_clock':
        return { kind: 'done', proof: 'read_back', clockAheadMs: this.clockAheadMs };
      case 'compare_checksum':
        return { kind: 'done', proof: 'checksum', matches: this.#holds(operation.held) };
    }
    return { kind: 'done', proof: 'supervision' };
  }

  #holds(held: readonly HeldPin[]): boolean {
    const named = held.map((row) => `${row.slot} ${row.pin.reveal()} ${row.enabled}`);
    const actual = [...this.pins].map(([slot, digits]) => `${slot} ${digits} ${!this.disabled.has(slot)}`);
    return named.length === actual.length && actual.every((row) => named.includes(row));
  }

  #read(slot: number): SlotReading {
    const digits = this.pins.get(slot);
    const enabled = !this.disabled.has(slot);
    const masked: SlotContent = { kind: 'masked', enabled };
    const content: SlotContent =
      digits === undefined
        ? { kind: 'empty' }
        : this.masks
          ? masked
          : { kind: 'pin', pin: pin(digits), enabled };
    return { slot, content, schedule: this.schedules.get(slot) ?? null };
  }
}
