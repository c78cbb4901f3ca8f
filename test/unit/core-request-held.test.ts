import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import { isOthersPin, staysInTheWay } from '../../src/core/request/duplicate.ts';
import {
  adopt,
  deleteUnmanaged,
  handBack,
  unmanagedCodes,
  withoutRemoval,
} from '../../src/core/request/unmanaged.ts';
import type { Slot, SlotBelief } from '../../src/core/slot.ts';
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
import { PLAIN, POLICY } from '../support/core-world.ts';

const NOW = exactly(SAMPLE_AT);
const FOREIGN = { accessCodeId: 'found', since: 0 };
const MASKED: SlotBelief = { kind: 'masked', enabled: true };
const EDITED = { externallyModified: true, allowExternalModification: true };

function stateOf(codes: readonly AccessCode[], slots: readonly Slot[] = []) {
  return stateWith({ lock: lockWith({ capabilities: PLAIN, online: true }), codes, slots });
}

describe('a code that is handed back', () => {
  const a = codeWith('a', { slot: 1, status: 'set', everOnDevice: true });
  const row = slotWith(1, { owner: 'a', content: holding('1234') });

  test('is told with what changed, and leaves all others where they are', () => {
    const others = [codeWith('b'), codeWith('c')];
    const given = handBack(stateOf([a, ...others], [row]), 'a', NOW);
    if (given.kind === 'refused') throw new Error(given.message);
    expect(given.kind).toBe('handed_back');
    expect(given.step.state.codes).toEqual(others);
    expect(given.step.state.slots[0]).toMatchObject({
      owner: null,
      unmanaged: { accessCodeId: 'a', since: SAMPLE_AT },
    });
    expect(given.step.events[0]?.details).toEqual({
      changed_properties: [{ property: 'is_managed', from: true, to: false }],
    });
  });

  test.each<[string, string, Partial<AccessCode>, Partial<Slot>]>([
    ['access_code_not_on_device', 'it has no slot', { slot: null }, {}],
    [
      'access_code_not_on_device',
      'it is being written',
      {},
      { pending: { pin: pinOf('1234'), overEmpty: true } },
    ],
    ['access_code_not_on_device', 'another PIN is there', {}, { content: holding('9999') }],
    ['access_code_not_found', 'it is one of the pool', { isBackup: true }, {}],
    ['access_code_not_found', 'it is being deleted', { removingSince: SAMPLE_AT }, {}],
  ])('is refused as %s where %s', (reason, _why, code, slot) => {
    const message =
      reason === 'access_code_not_found'
        ? 'The lock has no managed code with this id.'
        : 'The code is not on the lock, so there is nothing to hand back.';
    const state = stateOf([{ ...a, ...code }], [{ ...row, ...slot }]);
    expect(handBack(state, 'a', NOW)).toEqual({ kind: 'refused', reason, message });
  });
});

describe('a code that was found on the lock', () => {
  test.each<[string, SlotBelief]>([
    ['set', holding('9999')],
    ['set', MASKED],
    ['unset', { kind: 'masked', enabled: false }],
    ['unset', { kind: 'pin', pin: pinOf('9999'), enabled: false }],
    ['set', { kind: 'unknown' }],
  ])('is shown as %s when its slot holds %j', (status, content) => {
    const [shown] = unmanagedCodes(stateOf([], [slotWith(1, { content, unmanaged: FOREIGN })]));
    expect(shown?.status).toBe(status);
  });

  test.each<[string, Partial<Slot>]>([
    ['This code is being deleted.', { owner: 'found' }],
    ['Somebody may have changed this code at the lock, and nobody has looked since.', { recheck: 'edited' }],
    [
      'The lock keeps this code within a schedule, and an ongoing code has none: it would open at any time.',
      { schedule: { kind: 'known', window: { start: '2026-03-10T11:00', stop: '2026-03-12T11:00' } } },
    ],
    ['The lock does not show the PIN of this code.', { content: MASKED }],
  ])('can not become ours, and is told why: %s', (message, row) => {
    const state = stateOf([], [slotWith(1, { content: holding('9999'), unmanaged: FOREIGN, ...row })]);
    const asked = { name: null, allowExternalModification: false };
    expect(adopt(state, 'found', asked, 'cloud', NOW)).toMatchObject({ kind: 'refused', message });
    expect(adopt(state, 'nobody', asked, 'cloud', NOW)).toMatchObject({
      kind: 'refused',
      message: 'No code with this id was found on the lock.',
    });
  });

  test('of which nobody knows the schedule becomes ours, known to have been on the lock', () => {
    const row = slotWith(1, { content: holding('9999'), unmanaged: FOREIGN, schedule: { kind: 'unknown' } });
    const adopted = adopt(
      stateOf([], [row]),
      'found',
      { name: null, allowExternalModification: false },
      'cloud',
      NOW,
    );
    expect(adopted).toMatchObject({ kind: 'adopted', code: { everOnDevice: true, slot: 1 } });
  });

  test('is deleted, and is not after all, beside codes that stay as they are', () => {
    const others = [codeWith('b'), codeWith('c')];
    const masked = slotWith(1, { content: MASKED, unmanaged: FOREIGN });
    const state = stateOf(others, [masked, slotWith(2, { owner: 'b' })]);
    const { state: removing, events } = deleteUnmanaged(state, 'found', 'cloud', NOW);
    expect(events).toEqual([]);
    expect(removing.codes.map(({ accessCodeId, pin }) => [accessCodeId, pin === null])).toEqual([
      ['b', false],
      ['c', false],
      ['found', true],
    ]);
    expect(withoutRemoval(removing, 'found')).toEqual(state);
    expect(withoutRemoval(state, 'found')).toBe(state);
    expect(withoutRemoval(state, 'nobody')).toBe(state);
  });
});

describe('a PIN in a slot', () => {
  const own = codeWith('a', { slot: 1 });

  test.each<[boolean, string, Partial<Slot>, Partial<AccessCode> | null]>([
    [true, 'nobody’s of ours', { owner: null }, null],
    [false, 'of a code that is gone', { owner: 'a' }, null],
    [false, 'not shown', { owner: null, content: MASKED }, null],
    [true, 'put over one of ours that allows it', {}, EDITED],
    [false, 'put over one that does not allow it', {}, { externallyModified: true }],
    [false, 'from before a change of ours', {}, { allowExternalModification: true }],
    [false, 'put over one that goes', {}, { ...EDITED, removingSince: SAMPLE_AT }],
    [false, 'our own after all', { content: holding('1234') }, EDITED],
    [true, 'put over one that has no PIN', {}, { ...EDITED, pin: null }],
  ])('%s: it is somebody else’s when it is %s', (expected, _what, row, code) => {
    const slot = slotWith(1, { owner: 'a', content: holding('9999'), ...row });
    expect(isOthersPin(slot, code === null ? undefined : { ...own, ...code })).toBe(expected);
  });

  const waiting = codeWith('w');

  test.each<[boolean, string, Partial<AccessCode> | null, Partial<Slot>]>([
    [true, 'nobody’s', null, { owner: null }],
    [false, 'of a code that is gone', null, {}],
    [true, 'of a code that has the same PIN', {}, { content: holding('1234') }],
    [true, 'of a code that has it and is still to be written', {}, { content: { kind: 'empty' } }],
    [false, 'of a code that goes', { removingSince: SAMPLE_AT }, { content: holding('1234') }],
    [false, 'of a code that gets another PIN', { pin: pinOf('5678') }, { content: holding('1234') }],
    [
      true,
      'over a code with another PIN that allows it',
      { pin: pinOf('5678'), ...EDITED },
      { content: holding('1234') },
    ],
  ])('%s: it stays in the way of a code that waits for it when it is %s', (expected, _what, owner, row) => {
    const holder = slotWith(1, { owner: 'a', ...row });
    const codes = owner === null ? [] : [{ ...own, ...owner }];
    expect(staysInTheWay(holder, waiting, stateOf([...codes, waiting], [holder]), POLICY, NOW)).toBe(
      expected,
    );
  });
});
