import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { Lock } from '../../src/core/lock.ts';
import { nextChangeAt } from '../../src/core/plan/wake.ts';
import type { Slot } from '../../src/core/slot.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import {
  codeWith,
  exactly,
  holding,
  lockWith,
  SAMPLE_AT,
  slotWith,
  stateWith,
} from '../support/core-samples.ts';
import { PLAIN, POLICY } from '../support/core-world.ts';

const NOW = exactly(SAMPLE_AT);
const OVERDUE = [{ code: 'delay_in_setting_on_device', message: '', createdAt: 0 }] as const;

function wakeOf(codes: readonly AccessCode[], slots: readonly Slot[] = [], lock: Partial<Lock> = {}) {
  const state = stateWith({ lock: lockWith({ capabilities: PLAIN, ...lock }), codes, slots });
  return nextChangeAt(state, POLICY, NOW);
}

describe('planning again would give another answer', () => {
  test.each<[string, number | null, Partial<Slot>]>([
    [
      'once a reading can no longer be older than our write',
      SAMPLE_AT + 14 * SECOND_MS,
      { recheck: 'later' },
    ],
    ['at once for a slot that is to be read, so at no later time', null, { recheck: 'edited' }],
    ['never by itself for a slot that is known', null, {}],
  ])('%s', (_when, expected, row) => {
    const slots = [slotWith(1, { content: holding('1234'), writtenAt: SAMPLE_AT - SECOND_MS, ...row })];
    expect(wakeOf([], slots)).toBe(expected);
  });

  test('when an audit has frames again', () => {
    const audit = {
      dueSince: SAMPLE_AT,
      doneAt: null,
      framesLeft: 0,
      isReading: false,
      refillAt: SAMPLE_AT + HOUR_MS,
    };
    const slots = [slotWith(1, { owner: 'a', content: holding('1234'), provenAt: SAMPLE_AT - 1 })];
    expect(wakeOf([], slots, { audit })).toBe(SAMPLE_AT + HOUR_MS);
    expect(wakeOf([], slots, { audit: { ...audit, framesLeft: 60 } })).toBeNull();
  });

  test('a minute after a code should have left its slot, where it has one', () => {
    const code = codeWith('a', { warnings: OVERDUE, everOnDevice: true });
    expect(wakeOf([{ ...code, slot: 1 }])).toBe(SAMPLE_AT + MINUTE_MS);
    expect(wakeOf([code])).toBeNull();
  });

  test('at the first of many instants, and at none that has come', () => {
    const code = codeWith('a', { warnings: OVERDUE, everOnDevice: true });
    const ends = (endsAt: number) => ({ ...code, startsAt: SAMPLE_AT - DAY_MS, endsAt });
    expect(wakeOf([ends(SAMPLE_AT + 9), ends(SAMPLE_AT + 7), ends(SAMPLE_AT + 8)])).toBe(SAMPLE_AT + 7);
    expect(wakeOf([ends(SAMPLE_AT)], [], { retryAt: SAMPLE_AT })).toBeNull();
  });
});
