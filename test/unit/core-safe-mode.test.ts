import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import { explain } from '../../src/core/plan/explain.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { replenish } from '../../src/core/request/pool.ts';
import type { Slot, SlotBelief } from '../../src/core/slot.ts';
import { DAY_MS } from '../../src/core/time.ts';
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
import { seededDraw } from '../support/seeded-draw.ts';

const SAFE = { ...POLICY, safeMode: true };
const NOW = exactly(SAMPLE_AT);
const UNKNOWN: SlotBelief = { kind: 'unknown' };

function stateOf(codes: readonly AccessCode[], slots: readonly Slot[]) {
  return stateWith({
    lock: lockWith({ capabilities: PLAIN, online: true, poolEnabled: true }),
    codes,
    slots,
  });
}

function operationsOf(code: Partial<AccessCode>, row: Partial<Slot>): readonly string[] {
  const state = stateOf([codeWith('a', { slot: 1, ...code })], [slotWith(1, { owner: 'a', ...row })]);
  return plan(state, SAFE, NOW).operations.map(({ operation }) => operation.kind);
}

describe('in safe mode', () => {
  test.each([
    [
      'a code that ended or was deleted goes',
      { removingSince: SAMPLE_AT },
      { content: holding('1234') },
      ['clear_slot'],
    ],
    [
      'a code that opens too early goes',
      { startsAt: SAMPLE_AT + DAY_MS },
      { content: holding('1234') },
      ['clear_slot'],
    ],
    [
      'what has to go is read where nobody knows it',
      { removingSince: SAMPLE_AT },
      { content: UNKNOWN },
      ['read_slot'],
    ],
    ['a code that is wanted is not written', {}, {}, []],
    [
      'a code that was edited is not repaired',
      { externallyModified: true },
      { content: holding('9999') },
      [],
    ],
    [
      'a code that is armed is not enabled',
      {},
      { content: { kind: 'pin', pin: pinOf('1234'), enabled: false } },
      [],
    ],
    ['nothing else is looked at', {}, { content: UNKNOWN }, []],
  ] as [string, Partial<AccessCode>, Partial<Slot>, string[]][])('%s', (_what, code, row, expected) => {
    expect(operationsOf(code, row)).toEqual(expected);
  });

  test('no plan of any codes enables a PIN', () => {
    const times = fc.option(
      fc.integer({ min: -3, max: 3 }).map((days) => SAMPLE_AT + days * DAY_MS),
      { nil: null },
    );
    const content = fc.constantFrom<SlotBelief>({ kind: 'empty' }, UNKNOWN, holding('1234'), holding('9999'));
    fc.assert(
      fc.property(
        fc.array(fc.record({ startsAt: times, endsAt: times, content }), { maxLength: 5 }),
        (many) => {
          const codes = many.map(({ startsAt, endsAt }, index) =>
            codeWith(`c${index}`, { slot: index + 1, startsAt, endsAt }),
          );
          const slots = many.map((one, index) =>
            slotWith(index + 1, { owner: `c${index}`, content: one.content }),
          );
          for (const { operation } of plan(stateOf(codes, slots), SAFE, NOW).operations) {
            expect(operation.kind === 'set_pin' ? operation.enabled : false).toBe(false);
            expect(operation.kind).not.toBe('set_schedule');
          }
        },
      ),
    );
  });

  test('the pool makes no codes', () => {
    const state = stateOf(
      [],
      [1, 2, 3, 4, 5].map((slot) => slotWith(slot)),
    );
    expect(replenish(state, SAFE, seededDraw(1), NOW).state).toBe(state);
  });

  test('a code that is held back says why', () => {
    const state = stateOf([codeWith('a', { slot: 1 })], [slotWith(1, { owner: 'a' })]);
    expect(explain(state, SAFE, NOW).codes.get('a')?.reason).toBe('safe_mode');
  });
});
