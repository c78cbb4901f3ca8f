import { expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { Lock } from '../../src/core/lock.ts';
import { explain } from '../../src/core/plan/explain.ts';
import type { Slot } from '../../src/core/slot.ts';
import { DAY_MS, MINUTE_MS } from '../../src/core/time.ts';
import {
  codeWith,
  exactly,
  holding,
  lockWith,
  SAMPLE_AT,
  slotWith,
  stateWith,
} from '../support/core-samples.ts';
import { PLAIN, POLICY, SCHEDULING } from '../support/core-world.ts';

const OWN: Partial<Slot> = { owner: 'a', content: holding('1234') };

function explained(codes: readonly AccessCode[], row: Partial<Slot> = {}, lock: Partial<Lock> = {}) {
  const known = lockWith({ capabilities: PLAIN, online: true, ...lock });
  return explain(stateWith({ lock: known, codes, slots: [slotWith(1, row)] }), POLICY, exactly(SAMPLE_AT));
}

function messageOf(code: Partial<AccessCode>, row: Partial<Slot> = {}, lock: Partial<Lock> = {}) {
  return explained([codeWith('a', code)], row, lock).codes.get('a')?.message;
}

test('a code that waits for its PIN, and one whose newer request was refused, are explained as what they are', () => {
  expect(messageOf({ pin: null })).toBe('It goes on the lock at any time.');
  const rejected = { code: 'invalid_input', message: 'no' } as const;
  expect(messageOf({ slot: 1, rejected }, OWN)).toBe('It is on the lock, until it is removed.');
});

test('a code that is on just before its start is not said to have a schedule of the lock', () => {
  const soon = { slot: 1, startsAt: SAMPLE_AT + MINUTE_MS, endsAt: SAMPLE_AT + DAY_MS };
  expect(messageOf(soon, OWN)).toBe('It is on the lock, until 2026-03-03T12:00:00.000Z.');
});

test('a look at the clock before a schedule is explained by the schedule', () => {
  const clockSet = { at: SAMPLE_AT - 2 * DAY_MS, offsetMinutes: -300, unconfirmed: 0 };
  const stay = { slot: 1, startsAt: SAMPLE_AT + DAY_MS, endsAt: SAMPLE_AT + 2 * DAY_MS };
  expect(messageOf(stay, { owner: 'a' }, { capabilities: SCHEDULING, clockSet })).toBe(
    'The clock of the lock is looked at next: schedules rest on it.',
  );
});

test('a slot names the code that it is kept for', () => {
  const codes = [codeWith('b', { name: 'Bob', slot: null }), codeWith('a', { name: 'Ann', slot: 1 })];
  const kept = codes.map((code) => ({ ...code, retryAt: SAMPLE_AT + MINUTE_MS }));
  expect(explained(kept, OWN).slots.get(1)?.message).toBe('It is kept for Ann.');
});
