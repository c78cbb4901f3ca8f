import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import { endlessCodes, holdsEndedCode, withoutCodes } from '../../src/core/leaving.ts';
import type { LockState } from '../../src/core/lock.ts';
import type { Slot } from '../../src/core/slot.ts';
import { HOUR_MS } from '../../src/core/time.ts';
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
const HOLDS = { owner: 'a', content: holding('1234') };

function stateOf(code: Partial<AccessCode>, row: Partial<Slot> = HOLDS): LockState {
  return stateWith({
    lock: lockWith({ capabilities: PLAIN, online: true }),
    codes: [codeWith('a', { slot: 1, ...code })],
    slots: [slotWith(1, row)],
  });
}

describe('before it forgets a lock, a hub takes off', () => {
  test.each<readonly [string, LockState, boolean]>([
    ['what was deleted', stateOf({ removingSince: SAMPLE_AT }), true],
    ['what has ended', stateOf({ startsAt: SAMPLE_AT - HOUR_MS, endsAt: SAMPLE_AT }), true],
    ['nothing that goes on', stateOf({ startsAt: SAMPLE_AT - HOUR_MS, endsAt: SAMPLE_AT + HOUR_MS }), false],
    ['nothing that has no end', stateOf({}), false],
  ])('%s', (_name, state, isEnded) => {
    expect(holdsEndedCode(state, POLICY, NOW)).toBe(isEnded);
  });

  test('nothing that may not have ended, where it does not know the time', () => {
    const state = stateOf({ startsAt: SAMPLE_AT - HOUR_MS, endsAt: SAMPLE_AT + 1 });
    const unsure = { earliest: SAMPLE_AT, latest: Number.POSITIVE_INFINITY };
    expect(holdsEndedCode(state, POLICY, unsure)).toBe(false);
  });
});

test('codes that the lock itself ends are not left behind', () => {
  const window = { start: '2026-11-22T10:00', stop: '2026-11-23T10:00' };
  expect(endlessCodes(stateOf({}))).toBe(1);
  expect(endlessCodes(stateOf({}, { ...HOLDS, schedule: { kind: 'known', window } }))).toBe(0);
  expect(endlessCodes(stateOf({}, { owner: null, content: holding('9999') }))).toBe(0);
});

test('told to take all off, every code of its own is to go', () => {
  const { state } = withoutCodes(stateOf({}), POLICY, NOW);
  expect(holdsEndedCode(state, POLICY, NOW)).toBe(true);
});
