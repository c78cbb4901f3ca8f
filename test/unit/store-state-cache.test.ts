import { expect, test } from 'vitest';
import { StateCache } from '../../src/store/state-cache.ts';
import { hubPlace } from './store-fixture.ts';
import { accessCode, lockState, slotRow } from './store-rows.ts';

function fail(): never {
  throw new Error('the disk is full');
}

test('a state that was committed keeps the identity of its rows', () => {
  const store = hubPlace().open();
  const state = lockState('a', { codes: [accessCode('one')] });
  store.commit(undefined, state, []);
  expect(store.lockState('a')).toBe(state);
  const next = { ...state, codes: [...state.codes, accessCode('two')] };
  store.commit(state, next, []);
  expect(store.lockState('a')?.codes[0]).toBe(state.codes[0]);
});

test('what was rolled back is not remembered, whether or not the outer work goes on', () => {
  const store = hubPlace().open();
  const state = lockState('a', { slots: [slotRow(1)] });
  store.commit(undefined, state, []);
  const changed = { ...state, slots: [] };
  expect(() =>
    store.transaction(() => {
      store.commit(state, changed, []);
      fail();
    }),
  ).toThrow('the disk is full');
  expect(store.lockState('a')?.slots).toHaveLength(1);
  const before = store.lockState('a');
  store.transaction(() => {
    try {
      store.transaction(() => {
        store.commit(before, { ...state, slots: [] }, []);
        fail();
      });
    } catch {
      // The outer work does without it.
    }
  });
  expect(store.lockState('a')?.slots).toHaveLength(1);
});

test('what was used longest ago goes when there are too many rows', () => {
  const cache = new StateCache(5);
  for (const id of ['a', 'b']) cache.set(id, lockState(id, { slots: [slotRow(1)] }));
  cache.get('a');
  cache.set('c', lockState('c', { slots: [slotRow(1)] }));
  expect([cache.get('a'), cache.get('b'), cache.get('c')].map((state) => state?.lock.deviceId)).toEqual([
    'a',
    undefined,
    'c',
  ]);
  cache.set('c', lockState('c'));
  cache.set('d', lockState('d', { slots: [slotRow(1)] }));
  expect(cache.get('a')).toBeDefined();
});
