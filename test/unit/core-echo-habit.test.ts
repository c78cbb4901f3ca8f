import { describe, expect, test } from 'vitest';
import type { Echo, Lock } from '../../src/core/lock.ts';
import {
  awaitEcho,
  awaitNoEcho,
  hearEcho,
  isSoonAfterWrite,
  meaningOfEcho,
} from '../../src/core/observe/echo.ts';
import { observe } from '../../src/core/observe/observe.ts';
import type { Recheck, Slot } from '../../src/core/slot.ts';
import { SECOND_MS } from '../../src/core/time.ts';
import { exactly, holding, lockWith, SAMPLE_AT, slotWith, stateWith } from '../support/core-samples.ts';
import { PLAIN, POLICY } from '../support/core-world.ts';

const NOW = exactly(SAMPLE_AT);

function masking(streak: number, awaitedAt: number | null = null, more: Partial<Lock> = {}) {
  const echo: Echo = { streak, awaited: awaitedAt === null ? null : { slot: 1, at: awaitedAt } };
  return stateWith({ lock: lockWith({ masksPins: true, echo, ...more }) });
}

describe('the habit of a lock that masks', () => {
  test.each<[Recheck, number]>([
    ['edited', -2],
    ['doubtful', -1],
    ['doubtful', 0],
    ['doubtful', 1],
    ['perhaps', 2],
  ])('makes a report %s after %i writes that were reported, or were not', (meaning, streak) => {
    expect(meaningOfEcho(masking(streak).lock)).toBe(meaning);
  });

  test.each<[number, string, number, number | null]>([
    [0, 'nothing was written before', 0, null],
    [0, 'a write of ten seconds ago may still be reported', 0, SAMPLE_AT - 10 * SECOND_MS],
    [-1, 'one was not reported', 0, SAMPLE_AT - 10 * SECOND_MS - 1],
    [-1, 'one was not reported by a lock that reports', 2, SAMPLE_AT - 11 * SECOND_MS],
    [-2, 'a second one was not', -1, SAMPLE_AT - 11 * SECOND_MS],
    [-2, 'a third one was not', -2, SAMPLE_AT - 11 * SECOND_MS],
  ])('is %i when a PIN is written and %s', (expected, _when, streak, awaitedAt) => {
    const { echo } = awaitEcho(masking(streak, awaitedAt), 3, NOW).lock;
    expect(echo).toEqual({ streak: expected, awaited: { slot: 3, at: SAMPLE_AT } });
  });

  test.each<[number, string, number, number | null, number | null]>([
    [1, 'of the slot', 0, SAMPLE_AT, 1],
    [1, 'of some slot', 0, SAMPLE_AT, null],
    [1, 'five seconds later', -2, SAMPLE_AT - 5 * SECOND_MS, 1],
    [2, 'for the second time', 1, SAMPLE_AT, 1],
    [2, 'for the third time', 2, SAMPLE_AT, 1],
  ])('is %i when a write is reported %s', (expected, _what, streak, awaitedAt, slot) => {
    expect(hearEcho(masking(streak, awaitedAt), slot, NOW).lock.echo).toEqual({
      streak: expected,
      awaited: null,
    });
  });

  test.each<[string, number | null, number | null]>([
    ['nothing was written', null, 1],
    ['another slot is reported', SAMPLE_AT, 2],
    ['it comes too late', SAMPLE_AT - 5 * SECOND_MS - 1, 1],
    ['the clock was set back since', SAMPLE_AT + 1, null],
  ])('is not learned from a report when %s', (_when, awaitedAt, slot) => {
    const state = masking(0, awaitedAt);
    expect(hearEcho(state, slot, NOW)).toBe(state);
  });

  test('is not learned where the digits are shown, nor from a write that may not have happened', () => {
    const shown = masking(0, null, { masksPins: false });
    expect(awaitEcho(shown, 1, NOW)).toBe(shown);
    expect(awaitNoEcho(masking(1, SAMPLE_AT)).lock.echo).toEqual({ streak: 1, awaited: null });
    const idle = masking(1);
    expect(awaitNoEcho(idle)).toBe(idle);
  });
});

test.each<[boolean, Slot['writtenAt']]>([
  [true, SAMPLE_AT],
  [true, SAMPLE_AT - 5 * SECOND_MS],
  [false, SAMPLE_AT - 5 * SECOND_MS - 1],
  [false, SAMPLE_AT + 1],
  [false, null],
])('%s: a slot that was written at %j was written a moment ago', (expected, writtenAt) => {
  expect(isSoonAfterWrite(slotWith(1, { writtenAt }), NOW)).toBe(expected);
});

/** Slot 1, and slot 2 that was written just now, after a report. */
function after(kind: 'slot_changed' | 'slot_cleared', slot: number | null, streak: number) {
  const lock = { capabilities: PLAIN, radio: 'zwave', online: true } as const;
  const rows = [
    slotWith(1, { content: holding('1234') }),
    slotWith(2, { content: holding('4321'), writtenAt: SAMPLE_AT }),
  ];
  const state = { ...masking(streak, null, lock), slots: rows };
  const event = { deviceId: 'lock', at: SAMPLE_AT, body: { kind, slot } };
  return observe(state, event, undefined, POLICY, NOW).state.slots;
}

describe('behind a mask', () => {
  test('a report that names no slot may be of any that we wrote to a moment ago', () => {
    expect(after('slot_changed', null, 2).map(({ recheck }) => recheck)).toEqual(['perhaps', 'perhaps']);
    expect(after('slot_changed', null, -2).map(({ recheck }) => recheck)).toEqual(['edited', 'edited']);
    expect(after('slot_changed', 1, 2).map(({ recheck }) => recheck)).toEqual(['edited', 'no']);
  });

  test('a slot that is emptied a moment after our write may be told of by that', () => {
    const [, written] = after('slot_cleared', 2, 2);
    expect(written).toMatchObject({ recheck: 'perhaps', writtenAt: SAMPLE_AT });
    const [other] = after('slot_cleared', 1, 2);
    expect(other).toMatchObject({ recheck: 'edited', writtenAt: null });
  });
});
