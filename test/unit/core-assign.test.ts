import { describe, expect, test } from 'vitest';
import { holderOf, ownerOf, slotOf, vacancy } from '../../src/core/plan/assign.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import {
  codeWith,
  exactly,
  holding,
  pinOf,
  SAMPLE_AT,
  slotWith,
  stateWith,
} from '../support/core-samples.ts';
import { PLAIN } from '../support/core-world.ts';

const NONE_TAKEN: ReadonlySet<number> = new Set();
const SOON = exactly(SAMPLE_AT + MINUTE_MS - 1);

describe('the row of a slot', () => {
  const rows = [2, 3, 7, 8, 250].map((slot) => slotWith(slot, { writtenAt: slot }));
  const state = stateWith({ slots: rows });

  test.each([2, 3, 7, 8, 250])('%i is found', (slot) => {
    expect(slotOf(state, slot)).toBe(rows.find((row) => row.slot === slot));
  });

  test.each([0, 1, 4, 100, 251])('%i is made up: nobody knows what it holds', (slot) => {
    expect(slotOf(state, slot)).toEqual({
      slot,
      owner: null,
      content: { kind: 'unknown' },
      recheck: 'no',
      pending: null,
      schedule: { kind: 'unknown' },
      proof: null,
      provenAt: null,
      writtenAt: null,
      tried: [],
      unmanaged: null,
    });
  });

  test('is found in a table of any size', () => {
    for (let size = 0; size < 20; size += 1) {
      const slots = Array.from({ length: size }, (_, index) => slotWith(index * 2 + 1));
      for (const row of slots) expect(slotOf(stateWith({ slots }), row.slot)).toBe(row);
      for (let slot = 0; slot <= size * 2; slot += 2) {
        expect(slotOf(stateWith({ slots }), slot).content.kind).toBe('unknown');
      }
    }
  });
});

describe('a new code goes', () => {
  test.each([
    ['into the lowest slot that was just found empty', [slotWith(1), slotWith(2)], { kind: 'free', slot: 1 }],
    [
      'past slots that hold something',
      [
        slotWith(1, { content: holding('9999') }),
        slotWith(2, { content: { kind: 'masked', enabled: true } }),
        slotWith(3, { owner: 'a' }),
        slotWith(4, { pending: { pin: pinOf('9999'), overEmpty: true } }),
        slotWith(5),
      ],
      { kind: 'free', slot: 5 },
    ],
    ['rather into a proven slot than into a lower unread one', [slotWith(4)], { kind: 'free', slot: 4 }],
    [
      'else into the lowest unread one, once it is read',
      [slotWith(1, { owner: 'a' })],
      { kind: 'unread', slot: 2 },
    ],
    [
      'nowhere when every slot is held',
      [1, 2, 3, 4, 5].map((slot) => slotWith(slot, { owner: 'a' })),
      { kind: 'full' },
    ],
    [
      'not into what somebody else has put there',
      [1, 2, 3, 4, 5].map((slot) => slotWith(slot, { content: holding(`999${slot}`) })),
      { kind: 'full' },
    ],
  ])('%s', (_where, slots, expected) => {
    expect(vacancy(stateWith({ slots }), PLAIN, NONE_TAKEN, SOON)).toEqual(expected);
  });

  test.each([
    ['unknown', slotWith(1, { content: { kind: 'unknown' } })],
    ['perhaps touched since', slotWith(1, { recheck: 'perhaps' })],
    ['never proven', slotWith(1, { provenAt: null })],
  ])('into a slot that is %s only after a look', (_how, row) => {
    const others = [2, 3, 4, 5].map((slot) => slotWith(slot, { owner: 'a' }));
    const found = vacancy(stateWith({ slots: [row, ...others] }), PLAIN, NONE_TAKEN, SOON);
    expect(found).toEqual({ kind: 'unread', slot: 1 });
  });

  test.each([
    ['a minute ago', SAMPLE_AT + MINUTE_MS],
    ['in the future, before the clock was set back', SAMPLE_AT - 1],
  ])('into a slot that was found empty %s only after a look', (_when, at) => {
    const found = vacancy(stateWith({ slots: [slotWith(1)] }), PLAIN, NONE_TAKEN, exactly(at));
    expect(found).toEqual({ kind: 'unread', slot: 1 });
  });

  test('into no admin slot, no slot outside the range and none that was promised already', () => {
    const capabilities = { ...PLAIN, firstSlot: 2, lastSlot: 4, adminSlots: [2] };
    const slots = [1, 2, 3, 4, 5].map((slot) => slotWith(slot));
    const where = (taken: readonly number[]) =>
      vacancy(stateWith({ slots }), capabilities, new Set(taken), SOON);
    expect(where([])).toEqual({ kind: 'free', slot: 3 });
    expect(where([3])).toEqual({ kind: 'free', slot: 4 });
    expect(where([3, 4])).toEqual({ kind: 'full' });
  });
});

test('a slot that was found empty this very instant is free', () => {
  const found = vacancy(stateWith({ slots: [slotWith(1)] }), PLAIN, NONE_TAKEN, exactly(SAMPLE_AT));
  expect(found).toEqual({ kind: 'free', slot: 1 });
});

describe('a PIN is held by', () => {
  const slots = [
    slotWith(1, { content: holding('1111') }),
    slotWith(2, { content: holding('2222'), pending: { pin: pinOf('3333'), overEmpty: false } }),
    slotWith(3),
  ];

  test.each([
    ['the slot that has it', '1111', null, 1],
    ['the slot that has it until something else is written', '2222', null, 2],
    ['the slot that is getting it', '3333', null, 2],
    ['no slot', '4444', null, undefined],
    ['no other slot', '1111', 1, undefined],
    ['another slot', '1111', 2, 1],
  ])('%s', (_which, digits, exceptSlot, expected) => {
    expect(holderOf(stateWith({ slots }), pinOf(digits), exceptSlot)?.slot).toBe(expected);
  });
});

test('a slot is kept for the code that is named there', () => {
  const state = stateWith({ codes: [codeWith('a'), codeWith('b')] });
  expect(ownerOf(state, slotWith(1, { owner: 'b' }))?.accessCodeId).toBe('b');
  expect(ownerOf(state, slotWith(1, { owner: 'c' }))).toBeUndefined();
  expect(ownerOf(state, slotWith(1))).toBeUndefined();
  expect(ownerOf(state, undefined)).toBeUndefined();
});
