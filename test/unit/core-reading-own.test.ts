import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import { resolveReading } from '../../src/core/settle/reading.ts';
import type { Slot, SlotBelief, SlotContent } from '../../src/core/slot.ts';
import { SECOND_MS } from '../../src/core/time.ts';
import {
  codeWith,
  exactly,
  holding,
  lockWith,
  pinOf,
  SAMPLE_AT,
  slotWith,
  stateWith,
} from '../support/core-samples.ts';
import { PLAIN } from '../support/core-world.ts';

const NOW = exactly(SAMPLE_AT + SECOND_MS);
const EMPTY: SlotContent = { kind: 'empty' };

/** Slot 1 of code `a`, written just now, after a reading. */
function read(row: Partial<Slot>, content: SlotContent, code: Partial<AccessCode> = {}) {
  const state = stateWith({
    lock: lockWith({ capabilities: PLAIN }),
    codes: [codeWith('a', { slot: 1, ...code })],
    slots: [slotWith(1, { owner: 'a', writtenAt: SAMPLE_AT, ...row })],
  });
  const step = resolveReading(state, { slot: 1, content }, 'read_back', NOW.earliest, NOW);
  return { row: step.state.slots[0], code: step.state.codes[0], events: step.events };
}

describe('a slot that is shown as empty right after it was written', () => {
  test('is asked again where our PIN was confirmed', () => {
    const { row } = read({ content: holding('1234') }, EMPTY);
    expect(row).toMatchObject({ content: { kind: 'pin' }, recheck: 'later' });
  });

  test.each<[string, Partial<Slot>]>([
    ['nobody’s', { owner: null, content: holding('1234') }],
    ['one whose mask we never took for our PIN', { content: { kind: 'masked', enabled: true } }],
    ['one of which nobody knows anything', { content: { kind: 'unknown' } }],
    [
      'one whose newer write was not confirmed',
      { content: holding('1234'), pending: { pin: pinOf('5678'), overEmpty: false } },
    ],
    ['one that was written long ago', { content: holding('1234'), writtenAt: SAMPLE_AT - 15 * SECOND_MS }],
  ])('is believed where it is %s', (_which, before) => {
    expect(read(before, EMPTY).row).toMatchObject({ content: EMPTY, recheck: 'no', pending: null });
  });
});

describe('a slot that is kept for a code which never was on the lock', () => {
  const STAYS = { owner: 'a' };

  test.each<[string, Partial<Slot>, SlotBelief, Partial<AccessCode>]>([
    ['is still empty', {}, EMPTY, {}],
    ['has its PIN all the same', {}, holding('1234'), {}],
    [
      'has the PIN of a write that was lost, from before the change of the code',
      { pending: { pin: pinOf('1234'), overEmpty: true } },
      holding('1234'),
      { pin: pinOf('5678') },
    ],
  ])('stays its slot when it %s', (_what, row, content, code) => {
    if (content.kind === 'unknown') throw new Error('a lock shows something');
    const after = read(row, content, code);
    expect(after.row).toMatchObject(STAYS);
    expect(after.code?.slot).toBe(1);
  });

  test.each<[string, SlotContent]>([
    ['another PIN', { kind: 'pin', pin: pinOf('9999'), enabled: true }],
    ['a mask', { kind: 'masked', enabled: true }],
  ])('is somebody else’s when it shows %s', (_what, content) => {
    const { row, code } = read({}, content);
    expect(row?.owner).toBeNull();
    expect(code?.slot).toBeNull();
  });
});

test('what appears in a slot that we emptied for a change is no edit of the code', () => {
  const content: SlotContent = { kind: 'pin', pin: pinOf('9999'), enabled: true };
  const { code, events } = read({}, content, { everOnDevice: true });
  expect(code?.externallyModified).toBe(false);
  expect(events).toEqual([]);
});
