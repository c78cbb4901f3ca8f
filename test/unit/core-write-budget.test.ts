import { describe, expect, test } from 'vitest';
import { budgetFreeAt, countWrite, isBudgetSpent } from '../../src/core/plan/budget.ts';
import type { LockState } from '../../src/core/lock.ts';
import type { WriteOperation } from '../../src/core/operation.ts';
import { HOUR_MS, MINUTE_MS, type Instant } from '../../src/core/time.ts';
import { exactly, pinOf, SAMPLE_AT, slotWith, stateWith, triedOften } from '../support/core-samples.ts';
import { POLICY } from '../support/core-world.ts';

const WINDOW = { start: '2026-03-10T11:00', stop: '2026-03-12T11:00' };
const SET_PIN: WriteOperation = { kind: 'set_pin', slot: 1, pin: pinOf('4711'), enabled: true };
const WRITES: readonly WriteOperation[] = [
  SET_PIN,
  { ...SET_PIN, enabled: false },
  { kind: 'set_schedule', slot: 1, window: WINDOW },
  { kind: 'set_schedule', slot: 1, window: { ...WINDOW, stop: '2026-03-13T11:00' } },
  { kind: 'clear_slot', slot: 1 },
  { kind: 'clear_schedule', slot: 1 },
];

/** A slot where every write has been made so often for one wish that the next one is a repeat. */
function triedAll(): LockState {
  return stateWith({ slots: [slotWith(1, { tried: WRITES.flatMap((write) => triedOften(write, 'a 1')) })] });
}

/** The state after so many repeats, a minute apart, the first at `SAMPLE_AT`. */
function repeated(times: number): LockState {
  let state = triedAll();
  for (let count = 0; count < times; count += 1) state = writtenOnce(state, count * MINUTE_MS);
  return state;
}

function writtenOnce(state: LockState, afterMs: number, wish = 'a 1', write = SET_PIN): LockState {
  return countWrite(state, write, wish, POLICY, exactly(SAMPLE_AT + afterMs));
}

function freeAt({ lock }: LockState, afterMs: number, isRemoval: boolean): Instant | null {
  return budgetFreeAt(lock, POLICY, exactly(SAMPLE_AT + afterMs), isRemoval);
}

describe('a write is a repeat', () => {
  test('when the same was written to that slot for the same wish, and only then', () => {
    for (const write of WRITES) {
      const counted = (tried: readonly string[], wish: string): number =>
        writtenOnce(stateWith({ slots: [slotWith(1, { tried })] }), 0, wish, write).lock.repeatedWrites
          .length;
      const others = WRITES.filter((other) => other !== write).flatMap((other) => triedOften(other, 'a 1'));
      expect(counted(triedOften(write, 'a 1'), 'a 1')).toBe(1);
      expect(counted(triedOften(write, 'a 1'), 'a 2')).toBe(0);
      expect(counted(triedOften(write, 'a 1'), 'a 10')).toBe(0);
      expect(counted(others, 'a 1')).toBe(0);
      expect(counted([], 'a 1')).toBe(0);
      expect(triedOften(write, 'a 1').join()).not.toContain('4711');
    }
  });

  test('and is counted then, with those of the last hour', () => {
    const once = repeated(1);
    expect(once.lock.repeatedWrites).toEqual([SAMPLE_AT]);
    const twice = writtenOnce(once, HOUR_MS - 1);
    expect(twice.lock.repeatedWrites).toEqual([SAMPLE_AT, SAMPLE_AT + HOUR_MS - 1]);
    const later = writtenOnce(twice, HOUR_MS);
    expect(later.lock.repeatedWrites).toEqual([SAMPLE_AT + HOUR_MS - 1, SAMPLE_AT + HOUR_MS]);
  });

  test('and not before, however many others were made', () => {
    let state = stateWith({ slots: [slotWith(1)] });
    for (const write of WRITES) state = writtenOnce(state, 0, 'a 1', write);
    expect(state.slots[0]?.tried).toHaveLength(WRITES.length);
    expect(state.lock.repeatedWrites).toEqual([]);
  });

  test('of the present wish: what was tried for an earlier one is forgotten', () => {
    const second = writtenOnce(repeated(1), 0, 'a 10');
    expect(second.slots[0]?.tried).toHaveLength(1);
    expect(writtenOnce(second, 0).lock.repeatedWrites).toEqual([SAMPLE_AT]);
  });
});

describe('the budget of an hour', () => {
  test('is spent by the 15th repeat, for an hour', () => {
    expect(freeAt(repeated(14), 13 * MINUTE_MS, false)).toBeNull();
    const spent = repeated(15);
    const until = 14 * MINUTE_MS + HOUR_MS;
    expect(freeAt(spent, 14 * MINUTE_MS, false)).toBe(SAMPLE_AT + until);
    expect(freeAt(spent, until - 1, false)).toBe(SAMPLE_AT + until);
    expect(freeAt(spent, until, false)).toBeNull();
  });

  test('is spent no longer by a repeat that was made all the same', () => {
    expect(repeated(20).lock.repeatsBlockedUntil).toBe(repeated(15).lock.repeatsBlockedUntil);
  });

  test('leaves removals the last five', () => {
    expect(freeAt(repeated(19), 18 * MINUTE_MS, true)).toBeNull();
    const spent = repeated(20);
    expect(freeAt(spent, 19 * MINUTE_MS, true)).toBe(SAMPLE_AT + HOUR_MS);
    expect(freeAt(spent, HOUR_MS - 1, true)).toBe(SAMPLE_AT + HOUR_MS);
    expect(freeAt(spent, HOUR_MS, true)).toBeNull();
  });

  test('is not spent for ever when the clock is set back', () => {
    const { lock } = repeated(15);
    const at = SAMPLE_AT + 14 * MINUTE_MS;
    expect(isBudgetSpent(lock, exactly(at))).toBe(true);
    expect(isBudgetSpent(lock, exactly(at - 1))).toBe(false);
    expect(isBudgetSpent(stateWith().lock, exactly(SAMPLE_AT))).toBe(false);
  });
});
