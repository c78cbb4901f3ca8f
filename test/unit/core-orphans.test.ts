import { expect, it } from 'vitest';
import { withOrphans } from '../../src/core/observe/orphans.ts';
import { DAY_MS } from '../../src/core/time.ts';
import {
  codeWith,
  holding,
  lockWith,
  pinOf,
  SAMPLE_AT,
  slotWith,
  stateWith,
} from '../support/core-samples.ts';

it('a slot whose code was lost keeps it, as a code that ends', () => {
  const row = slotWith(2, { owner: 'lost', content: holding('2468'), writtenAt: SAMPLE_AT - DAY_MS });
  const after = withOrphans(stateWith({ lock: lockWith({}), codes: [], slots: [row] }), SAMPLE_AT);
  expect(after.slots).toEqual([row]);
  expect(after.codes).toMatchObject([
    {
      accessCodeId: 'lost',
      origin: 'cloud',
      slot: 2,
      startsAt: SAMPLE_AT - DAY_MS,
      endsAt: SAMPLE_AT + 14 * DAY_MS,
      preferNativeScheduling: false,
      everOnDevice: true,
    },
  ]);
  expect(after.codes[0]?.pin?.equals(pinOf('2468'))).toBe(true);
});

it('a write that nobody knows the end of is kept as well', () => {
  const row = slotWith(2, { owner: 'lost', pending: { pin: pinOf('2468'), overEmpty: true } });
  const after = withOrphans(stateWith({ lock: lockWith({}), codes: [], slots: [row] }), SAMPLE_AT);
  expect(after.codes[0]?.pin?.equals(pinOf('2468'))).toBe(true);
});

it('a slot without digits is nobody’s, and found out by a look', () => {
  const slots = [
    slotWith(2, { owner: 'lost', content: { kind: 'masked', enabled: true } }),
    slotWith(3, { owner: 'gone', content: { kind: 'empty' } }),
  ];
  const after = withOrphans(stateWith({ lock: lockWith({}), codes: [], slots }), SAMPLE_AT);
  expect(after.codes).toEqual([]);
  expect(after.slots.map(({ owner }) => owner)).toEqual([null, null]);
});

it('what is known is left alone', () => {
  const state = stateWith({
    lock: lockWith({}),
    codes: [codeWith('known', { slot: 2 })],
    slots: [slotWith(2, { owner: 'known', content: holding('2468') }), slotWith(3)],
  });
  expect(withOrphans(state, SAMPLE_AT)).toBe(state);
});
