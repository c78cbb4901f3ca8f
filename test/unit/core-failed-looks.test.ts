import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { Lock, LockState } from '../../src/core/lock.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import { vacancy } from '../../src/core/plan/assign.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { settle } from '../../src/core/settle/settle.ts';
import type { Slot } from '../../src/core/slot.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
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
const RETRY_AT = SAMPLE_AT + MINUTE_MS;
const TOUCHED: Partial<Slot> = { content: holding('9999'), recheck: 'edited' };

function stepsOf(codes: readonly AccessCode[], slots: readonly Slot[], lock: Partial<Lock>) {
  const state = stateWith({ lock: lockWith({ capabilities: PLAIN, online: true, ...lock }), codes, slots });
  return plan(state, POLICY, NOW).operations.map(({ operation }) =>
    'slot' in operation ? `${operation.kind} ${operation.slot}` : operation.kind,
  );
}

function placeFor(failedLooks: readonly string[], taken: readonly number[] = []) {
  return vacancy(stateWith({ lock: lockWith({ failedLooks }) }), PLAIN, new Set(taken), NOW);
}

/** Which looks have failed after one more operation. */
function after(operation: Operation, outcome: Outcome, state: LockState, accessCodeId: string | null = null) {
  const planned = {
    operation,
    accessCodeId,
    wish: '',
    priority: 'look',
    reason: 'content_unknown',
  } as const;
  const attempt = { outcome, tookMs: 1, begunWith: null };
  return settle(state, planned, attempt, POLICY, NOW).state.lock.failedLooks;
}

describe('a look that failed', () => {
  const codes = [
    codeWith('due', { slot: 1, pin: pinOf('1111') }),
    codeWith('gone', { slot: 2, pin: pinOf('2222'), removingSince: SAMPLE_AT }),
  ];
  const slots = [
    slotWith(1, { owner: 'due' }),
    slotWith(2, { owner: 'gone', content: holding('2222') }),
    slotWith(3, TOUCHED),
    slotWith(4, TOUCHED),
  ];

  test('comes after all else, and of several that failed first the one that failed longest ago', () => {
    expect(stepsOf(codes, slots, {})).toEqual(['clear_slot 2', 'set_pin 1', 'read_slot 3', 'read_slot 4']);
    const failedLooks = ['read_slot 3'];
    expect(stepsOf(codes, slots, { failedLooks })).toEqual([
      'clear_slot 2',
      'set_pin 1',
      'read_slot 4',
      'read_slot 3',
    ]);
    const both = ['read_slot 4', 'read_slot 3'];
    expect(stepsOf([], slots.slice(2), { failedLooks: both })).toEqual(['read_slot 4', 'read_slot 3']);
    expect(stepsOf([], slots.slice(2), { failedLooks: both.toReversed() })).toEqual([
      'read_slot 3',
      'read_slot 4',
    ]);
  });

  test.each<[readonly string[], string, Partial<Lock>]>([
    [['clear_slot 2', 'set_pin 1'], 'only a look failed', { failedLooks: ['read_slot 3'] }],
    [['clear_slot 2'], 'a write failed', {}],
    [[], 'the lock is away', { online: false, failedLooks: ['read_slot 3'] }],
    [['clear_slot 2', 'set_pin 1', 'read_slot 3', 'read_slot 4'], 'it is over', { retryAt: SAMPLE_AT }],
  ])('lets %j go on during the wait of the lock where %s', (expected, _where, lock) => {
    expect(stepsOf(codes, slots, { retryAt: RETRY_AT, ...lock })).toEqual(expected);
  });

  test('keeps no new code off the other slots, and where none answers it is the one asked longest ago', () => {
    expect(placeFor([])).toEqual({ kind: 'unread', slot: 1 });
    expect(placeFor(['read_slot 1'])).toEqual({ kind: 'unread', slot: 2 });
    expect(placeFor(['read_slot 2', 'read_slot 1'], [3, 4, 5])).toEqual({ kind: 'unread', slot: 2 });
    expect(placeFor(['read_slot 1', 'read_slot 2'], [3, 4, 5])).toEqual({ kind: 'unread', slot: 1 });
    expect(placeFor(['read_slot 1'], [1, 2, 3, 4, 5])).toEqual({ kind: 'full' });
  });
});

describe('which looks have failed', () => {
  const LOST: Outcome = { kind: 'unknown', message: 'no answer' };
  const READ: Operation = { kind: 'read_slot', slot: 3 };
  const known = stateWith({ lock: lockWith({ capabilities: PLAIN, online: true }) });

  function withFailed(...failedLooks: readonly string[]): LockState {
    return { ...known, lock: { ...known.lock, failedLooks } };
  }

  test('is noted, the newest last, and forgotten once it succeeds', () => {
    expect(after(READ, LOST, known)).toEqual(['read_slot 3']);
    expect(after(READ, LOST, withFailed('read_slot 3', 'read_clock'))).toEqual(['read_clock', 'read_slot 3']);
    const reading = { slot: 3, content: { kind: 'empty' } } as const;
    const done: Outcome = { kind: 'done', proof: 'read_back', reading };
    expect(after(READ, done, withFailed('read_slot 3', 'read_clock'))).toEqual(['read_clock']);
    const set: Operation = { kind: 'set_pin', slot: 3, pin: pinOf('1234'), enabled: true };
    expect(after(set, LOST, withFailed('read_clock'))).toEqual(['read_clock']);
  });

  test('is of no use for a lock that is away, which fails at everything alike', () => {
    const away: Outcome = { kind: 'unreachable', message: 'no acknowledgement' };
    expect(after(READ, away, withFailed('read_clock'))).toEqual([]);
  });

  test('is kept for fifty of them', () => {
    const many = Array.from({ length: 50 }, (_, index) => `read_slot ${index + 10}`);
    const noted = after(READ, LOST, withFailed(...many));
    expect(noted).toEqual([...many.slice(1), 'read_slot 3']);
  });
});

describe('a code that waits', () => {
  test('wakes its lock when its own wait is over, and not for one that lies behind', () => {
    const far = { pin: pinOf('2222'), warnings: [] };
    const wakeOf = (retryAt: number) => {
      const unread = slotWith(1, { owner: 'a', content: { kind: 'unknown' } });
      const a = codeWith('a', { slot: 1, retryAt, everOnDevice: true, pin: pinOf('1111') });
      const lock = lockWith({ capabilities: PLAIN, online: true });
      return plan(stateWith({ lock, codes: [a, codeWith('b', far)], slots: [unread] }), POLICY, NOW).wakeAt;
    };
    expect(wakeOf(RETRY_AT)).toBe(RETRY_AT);
    expect(wakeOf(SAMPLE_AT + 2)).toBe(SAMPLE_AT + 2);
  });

  test('for the budget of repeats of its removal wakes its lock when that is free', () => {
    const clear = ['a 1 removing clear_slot', 'a 1 removing clear_slot, again'];
    const row = slotWith(1, { owner: 'a', content: holding('1234'), tried: clear });
    const repeatedWrites = Array.from({ length: 20 }, (_, index) => SAMPLE_AT - HOUR_MS + 1000 + index);
    const lock = lockWith({ capabilities: PLAIN, online: true, repeatedWrites });
    const warnings = [{ code: 'delay_in_removing_from_device', message: '', createdAt: 0 }] as const;
    const gone = codeWith('a', { slot: 1, removingSince: SAMPLE_AT - DAY_MS, warnings });
    const { blocked, wakeAt } = plan(stateWith({ lock, codes: [gone], slots: [row] }), POLICY, NOW);
    expect(blocked).toMatchObject([{ because: 'write_budget_spent', until: SAMPLE_AT + 1000 }]);
    expect(wakeAt).toBe(SAMPLE_AT + 1000);
  });
});
