import { newCode, plainRequest, type AccessCode } from '../../src/core/access-code.ts';
import { countWrite } from '../../src/core/plan/budget.ts';
import { DEFAULT_POLICY, unmetLock, type Lock, type LockState } from '../../src/core/lock.ts';
import type { WriteOperation } from '../../src/core/operation.ts';
import { Pin } from '../../src/core/pin.ts';
import type { Slot, SlotBelief } from '../../src/core/slot.ts';
import type { Instant, TimeReading } from '../../src/core/time.ts';

/** The instant at which a code of `codeWith` was made. */
export const SAMPLE_AT: Instant = Date.parse('2026-03-02T12:00:00Z');

/** A clock that knows the time exactly. */
export function exactly(at: Instant): TimeReading {
  return { earliest: at, latest: at };
}

export function pinOf(digits: string): Pin {
  const pin = Pin.parse(digits);
  if (pin === undefined) throw new Error('not a PIN');
  return pin;
}

/** A slot that holds an enabled PIN. */
export function holding(digits: string): SlotBelief {
  return { kind: 'pin', pin: pinOf(digits), enabled: true };
}

/** A code of the cloud of which nothing was done yet, with PIN 1234. */
export function codeWith(accessCodeId: string, more: Partial<AccessCode> = {}): AccessCode {
  return {
    ...newCode(plainRequest(accessCodeId), 'cloud', SAMPLE_AT),
    pin: pinOf('1234'),
    ...more,
  };
}

/** A row for a slot that was read at `SAMPLE_AT` and found empty, and is nobody's. */
export function slotWith(slot: number, more: Partial<Slot> = {}): Slot {
  return {
    slot,
    owner: null,
    content: { kind: 'empty' },
    recheck: 'no',
    pending: null,
    schedule: { kind: 'known', window: null },
    proof: 'read_back',
    provenAt: SAMPLE_AT,
    writtenAt: null,
    tried: [],
    unmanaged: null,
    ...more,
  };
}

/** A lock with id `lock` that nobody has met but for what is named; one with abilities was met by Z-Wave. */
export function lockWith(more: Partial<Lock> = {}): Lock {
  const isMet = (more.capabilities ?? null) !== null;
  return { ...unmetLock('lock'), ...(isMet ? { radio: 'zwave' } : {}), ...more };
}

export function stateWith(more: Partial<LockState> = {}): LockState {
  return { lock: lockWith(), codes: [], slots: [], ...more };
}

/** Writes after which one more of the same kind is a repeat in every sense. */
const WRITES_TILL_REPEAT = 3;

/** What a row remembers once this was written so often for a wish that the next write is a repeat. */
export function triedOften(operation: WriteOperation, wish: string): readonly string[] {
  const policy = { ...DEFAULT_POLICY, timezone: 'UTC' };
  let state = stateWith({ slots: [slotWith(operation.slot)] });
  for (let count = 0; count < WRITES_TILL_REPEAT; count += 1) {
    state = countWrite(state, operation, wish, policy, exactly(SAMPLE_AT));
  }
  return state.slots.flatMap(({ tried }) => tried);
}
