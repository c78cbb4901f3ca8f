import { describe, expect, test } from 'vitest';
import { budgetFreeAt, countWrite, isBudgetSpent, isRepeat } from '../../src/core/budget.ts';
import type { LockState } from '../../src/core/lock.ts';
import type { WriteOperation } from '../../src/core/operation.ts';
import { HOUR_MS, MINUTE_MS, type Instant } from '../../src/core/time.ts';
import { exactly, pinOf, SAMPLE_AT, slotWith, stateWith } from '../support/core-samples.ts';
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

/** The state after so many writes for one wish, a minute apart, the first at `SAMPLE_AT`. */
function written(times: number): LockState {
  let state = stateWith({ slots: [slotWith(1)] });
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
    let state = stateWith({ slots: [slotWith(1)] });
    for (const [index, write] of WRITES.entries()) {
      const [row = slotWith(1)] = state.slots;
      expect(isRepeat(row, write, 'a 1')).toBe(false);
      state = writtenOnce(state, 0, 'a 1', write);
      expect(state.slots[0]?.tried).toHaveLength(index + 1);
    }
    const [row = slotWith(1)] = state.slots;
    for (const write of WRITES) {
      expect(isRepeat(row, write, 'a 1')).toBe(true);
      expect(isRepeat(row, write, 'a 2')).toBe(false);
      expect(isRepeat(row, write, 'a 10')).toBe(false);
    }
    expect(state.lock.repeatedWrites).toEqual([]);
    expect(JSON.stringify(row.tried)).not.toContain('4711');
  });

  test('and is counted then, with those of the last hour', () => {
    const once = writtenOnce(stateWith({ slots: [slotWith(1)] }), 0);
    const twice = writtenOnce(once, MINUTE_MS);
    expect(twice.lock.repeatedWrites).toEqual([SAMPLE_AT + MINUTE_MS]);
    expect(twice.slots).toEqual(once.slots);
    const thrice = writtenOnce(twice, HOUR_MS);
    expect(thrice.lock.repeatedWrites).toEqual([SAMPLE_AT + MINUTE_MS, SAMPLE_AT + HOUR_MS]);
    const later = writtenOnce(thrice, MINUTE_MS + HOUR_MS);
    expect(later.lock.repeatedWrites).toEqual([SAMPLE_AT + HOUR_MS, SAMPLE_AT + MINUTE_MS + HOUR_MS]);
  });

  test('of the present wish: what was tried for an earlier one is forgotten', () => {
    const first = writtenOnce(stateWith({ slots: [slotWith(1)] }), 0);
    const second = writtenOnce(first, 0, 'a 10');
    expect(second.slots[0]?.tried).toHaveLength(1);
    expect(writtenOnce(second, 0).lock.repeatedWrites).toEqual([]);
  });
});

describe('the budget of an hour', () => {
  test('is spent by the 15th repeat, for an hour', () => {
    expect(freeAt(written(15), 14 * MINUTE_MS, false)).toBeNull();
    const spent = written(16);
    const until = 15 * MINUTE_MS + HOUR_MS;
    expect(freeAt(spent, 15 * MINUTE_MS, false)).toBe(SAMPLE_AT + until);
    expect(freeAt(spent, until - 1, false)).toBe(SAMPLE_AT + until);
    expect(freeAt(spent, until, false)).toBeNull();
  });

  test('is spent no longer by a repeat that was made all the same', () => {
    expect(written(20).lock.repeatsBlockedUntil).toBe(written(16).lock.repeatsBlockedUntil);
  });

  test('leaves removals the last five', () => {
    expect(freeAt(written(20), 19 * MINUTE_MS, true)).toBeNull();
    const spent = written(21);
    expect(freeAt(spent, 20 * MINUTE_MS, true)).toBe(SAMPLE_AT + MINUTE_MS + HOUR_MS);
    expect(freeAt(spent, MINUTE_MS + HOUR_MS - 1, true)).toBe(SAMPLE_AT + MINUTE_MS + HOUR_MS);
    expect(freeAt(spent, MINUTE_MS + HOUR_MS, true)).toBeNull();
  });

  test('is not spent for ever when the clock is set back', () => {
    const { lock } = written(16);
    const until = 15 * MINUTE_MS;
    expect(isBudgetSpent(lock, exactly(SAMPLE_AT + until))).toBe(true);
    expect(isBudgetSpent(lock, exactly(SAMPLE_AT + until - 1))).toBe(false);
    expect(isBudgetSpent(stateWith().lock, exactly(SAMPLE_AT))).toBe(false);
  });
});
