import { describe, expect, test } from 'vitest';
import { withCode, withLock, withSlot } from '../../src/core/with.ts';
import { codeWith, lockWith, slotWith, stateWith } from '../support/core-samples.ts';

describe('a changed lock', () => {
  test('is another state, with codes and slots as they were', () => {
    const state = stateWith({ codes: [codeWith('a')], slots: [slotWith(1)] });
    const after = withLock(state, { online: true, failures: 2 });
    expect(after).toEqual({ ...state, lock: lockWith({ online: true, failures: 2 }) });
    expect(after.codes).toBe(state.codes);
    expect(state.lock.online).toBe(false);
  });

  test('to what it was is the same state', () => {
    const state = stateWith();
    expect(withLock(state, { online: false, failures: 0 })).toBe(state);
    expect(withLock(state, { online: false, failures: 1 })).not.toBe(state);
  });
});

describe('a changed code', () => {
  const state = stateWith({ codes: [codeWith('a'), codeWith('b'), codeWith('c')] });

  test('replaces the one of its id in its place', () => {
    const after = withCode(state, 'b', (code) => ({ ...code, uses: code.uses + 1 }));
    expect(after.codes.map(({ accessCodeId, uses }) => [accessCodeId, uses])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 0],
    ]);
    expect(after.codes[0]).toBe(state.codes[0]);
  });

  test.each([null, 'd'])('of id %s changes nothing', (accessCodeId) => {
    expect(withCode(state, accessCodeId, (code) => ({ ...code, uses: 1 }))).toBe(state);
  });
});

describe('a changed row of the slot table', () => {
  test.each([
    ['replaces the one of its slot', 3, [1, 3, 5]],
    ['comes before higher slots', 0, [0, 1, 3, 5]],
    ['comes between its neighbours', 4, [1, 3, 4, 5]],
    ['comes after lower slots', 9, [1, 3, 5, 9]],
  ])('%s', (_where, slot, expected) => {
    const state = stateWith({ slots: [slotWith(1), slotWith(3), slotWith(5)] });
    const row = slotWith(slot, { owner: 'a' });
    const after = withSlot(state, row);
    expect(after.slots.map((other) => other.slot)).toEqual(expected);
    expect(after.slots.filter((other) => other.owner === 'a')).toEqual([row]);
    expect(state.slots).toHaveLength(3);
  });

  test('is the first one of an empty table', () => {
    expect(withSlot(stateWith(), slotWith(2)).slots).toEqual([slotWith(2)]);
  });
});
