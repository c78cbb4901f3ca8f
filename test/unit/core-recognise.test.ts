import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import { isReplaced, mustLookFirst, recognise } from '../../src/core/observe/recognise.ts';
import type { Slot } from '../../src/core/slot.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
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

const NOW = exactly(SAMPLE_AT);
const FOUND = { accessCodeId: 'found', since: SAMPLE_AT };

describe('a code that nobody of ours put there', () => {
  test('is somebody’s also on a lock that was not interviewed yet', () => {
    const step = recognise(stateWith({ slots: [slotWith(1, { content: holding('9999') })] }), NOW);
    expect(step.state.slots[0]?.unmanaged).toMatchObject({ since: SAMPLE_AT });
    expect(step.events).toMatchObject([{ event_type: 'access_code.unmanaged.created' }]);
  });

  test.each<[string, Partial<Slot>]>([
    ['it is one of an admin', { slot: 3 }],
    ['the slot is kept for a code', { owner: 'a' }],
    ['no reading showed it', { proof: null }],
    ['the slot is empty', { content: { kind: 'empty' } }],
  ])('is none where %s', (_why, row) => {
    const lock = lockWith({ capabilities: { ...PLAIN, adminSlots: [3] } });
    const slots = [slotWith(1, { content: holding('9999'), ...row })];
    const state = stateWith({ lock, slots });
    const step = recognise(state, NOW);
    expect(step.state).toBe(state);
    expect(step.events).toEqual([]);
  });

  test('is not what a lock kept of ours after it confirmed to have erased it', () => {
    const slots = [slotWith(1, { content: holding('1234'), writtenAt: SAMPLE_AT })];
    const ours = { slot: null, pin: pinOf('1234') };
    const step = recognise(stateWith({ codes: [codeWith('a', ours)], slots }), NOW);
    expect(step.state.slots[0]).toMatchObject({ owner: 'a', unmanaged: null });
    expect(step.state.codes[0]?.slot).toBe(1);
    expect(step.events).toEqual([]);
    const others: readonly (readonly [Partial<AccessCode>, Partial<Slot>])[] = [
      [ours, { writtenAt: null }],
      [{ ...ours, slot: 2 }, {}],
      [{ ...ours, pin: pinOf('4321') }, {}],
      [{ ...ours, rejected: { code: 'duplicate_access_code', message: 'taken' } }, {}],
    ];
    for (const [code, row] of others) {
      const rows = slots.map((slot) => ({ ...slot, ...row }));
      const told = recognise(stateWith({ codes: [codeWith('a', code)], slots: rows }), NOW);
      expect(told.state.slots[0]).toMatchObject({ owner: null, unmanaged: { since: SAMPLE_AT } });
    }
  });

  test('is another one when another PIN is there, or a mask after a report of an edit', () => {
    const state = stateWith();
    const row = slotWith(1, { content: holding('9999'), unmanaged: FOUND });
    const masked = { kind: 'masked', enabled: true } as const;
    expect(isReplaced(state, row, holding('8888'))).toBe(true);
    expect(isReplaced(state, row, holding('9999'))).toBe(false);
    expect(isReplaced(state, row, masked)).toBe(false);
    expect(isReplaced(state, { ...row, recheck: 'edited' }, masked)).toBe(true);
    expect(isReplaced(state, { ...row, recheck: 'edited', unmanaged: null }, masked)).toBe(false);
  });

  test('is known by the PIN of its removal where the lock hides it', () => {
    const content = { kind: 'masked', enabled: true } as const;
    const row = slotWith(1, { content, unmanaged: FOUND, owner: 'found', recheck: 'edited' });
    const state = stateWith({ codes: [codeWith('found')], slots: [row] });
    expect(isReplaced(state, row, holding('1234'))).toBe(false);
    expect(isReplaced(state, row, holding('9999'))).toBe(true);
    expect(isReplaced(state, row, content)).toBe(true);
    expect(isReplaced(state, { ...row, owner: null }, content)).toBe(false);
    expect(isReplaced(state, { ...row, owner: null }, holding('9999'))).toBe(false);
  });
});

describe('before a foreign code is cleared it is looked at', () => {
  test.each<[boolean, string, Partial<Slot>, number]>([
    [false, 'right after it was read', {}, 0],
    [false, 'a minute after it was read', {}, MINUTE_MS],
    [true, 'later', {}, MINUTE_MS + 1],
    [true, 'after the clock was set back', {}, -1],
    [true, 'once somebody may have touched it', { recheck: 'perhaps' }, 0],
    [true, 'when it was never proven', { provenAt: null }, 0],
    [false, 'and one of ours is not', { unmanaged: null, recheck: 'edited' }, 0],
  ])('%s: %s', (expected, _when, row, ageMs) => {
    const slot = slotWith(1, { content: holding('9999'), unmanaged: FOUND, ...row });
    expect(mustLookFirst(slot, exactly(SAMPLE_AT + ageMs))).toBe(expected);
  });
});
