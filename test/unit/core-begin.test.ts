import { describe, expect, test } from 'vitest';
import { begin, forget } from '../../src/core/settle/begin.ts';
import type { Operation } from '../../src/core/operation.ts';
import type { PlannedOperation } from '../../src/core/plan/planned.ts';
import type { SlotBelief } from '../../src/core/slot.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { withLock } from '../../src/core/with.ts';
import {
  codeWith,
  exactly,
  holding,
  pinOf,
  SAMPLE_AT,
  slotWith,
  stateWith,
} from '../support/core-samples.ts';
import { POLICY } from '../support/core-world.ts';

const AT = SAMPLE_AT + HOUR_MS;
const NOW = exactly(AT);
const UNKNOWN: SlotBelief = { kind: 'unknown' };
const SET: Operation = { kind: 'set_pin', slot: 1, pin: pinOf('1234'), enabled: true };
const CLEAR: Operation = { kind: 'clear_slot', slot: 1 };
const READ: Operation = { kind: 'read_slot', slot: 1 };
const SCHEDULE: Operation = {
  kind: 'set_schedule',
  slot: 1,
  window: { start: '2026-03-10T11:00', stop: '2026-03-12T11:00' },
};

/** A lock with an empty slot 1 and code `a`, which has none. */
const free = stateWith({ codes: [codeWith('a')], slots: [slotWith(1)] });

function plannedFor(operation: Operation, accessCodeId: string | null = 'a'): PlannedOperation {
  return { operation, accessCodeId, wish: 'a 1 on ', priority: 'set', reason: 'should_be_on_lock' };
}

describe('before the radio is touched', () => {
  test.each([
    ['over an empty slot', free, true],
    ['over another PIN', { ...free, slots: [slotWith(1, { content: holding('9999') })] }, false],
    ['over something unknown', { ...free, slots: [slotWith(1, { content: UNKNOWN })] }, false],
  ])('the PIN that is written %s is noted, and the slot is its code’s', (_where, state, overEmpty) => {
    const begun = begin(state, plannedFor(SET), POLICY, NOW);
    expect(begun.codes[0]?.slot).toBe(1);
    expect(begun.slots[0]).toMatchObject({ owner: 'a', writtenAt: AT, pending: { overEmpty } });
    expect(begun.slots[0]?.pending?.pin.reveal()).toBe('1234');
  });

  test.each([
    ['the time of a removal', CLEAR, { owner: 'a', writtenAt: AT, pending: null }],
    ['the owner of a schedule', SCHEDULE, { owner: 'a', writtenAt: null, pending: null }],
  ])('%s is noted', (_what, operation, row) => {
    expect(begin(free, plannedFor(operation), POLICY, NOW).slots[0]).toMatchObject(row);
  });

  test('nothing is noted of a look, and no owner where a write serves no code', () => {
    expect(begin(free, plannedFor(READ), POLICY, NOW)).toBe(free);
    expect(begin(free, plannedFor({ kind: 'set_clock' }), POLICY, NOW)).toBe(free);
    expect(begin(free, plannedFor(CLEAR, null), POLICY, NOW).slots[0]?.owner).toBeNull();
    const kept = { ...free, slots: [slotWith(1, { owner: 'a' })] };
    expect(begin(kept, plannedFor(CLEAR, null), POLICY, NOW).slots[0]?.owner).toBe('a');
  });

  test('an audit spends its frames, so that a power cut on the way gives none back', () => {
    const audit = { dueSince: AT, doneAt: null, framesLeft: 60, isReading: false, refillAt: AT + HOUR_MS };
    const state = withLock(free, { audit });
    expect(begin(state, { ...plannedFor(READ), reason: 'audit' }, POLICY, NOW).lock.audit.framesLeft).toBe(
      58,
    );
    expect(begin(state, plannedFor(READ), POLICY, NOW).lock.audit.framesLeft).toBe(60);
  });
});

test('an operation that was cut off by the power leaves a slot to be read', () => {
  const state = { ...free, slots: [slotWith(1, { owner: 'a', content: holding('1234') })] };
  expect(forget(state, 'set_clock', null)).toBe(state);
  expect(forget(state, 'set_pin', 1).slots[0]?.content.kind).toBe('unknown');
  expect(forget(state, 'set_pin', 1).slots[0]?.schedule.kind).toBe('known');
  expect(forget(state, 'clear_slot', 1).slots[0]).toMatchObject({
    content: UNKNOWN,
    schedule: { kind: 'unknown' },
  });
  expect(forget(state, 'set_schedule', 1).slots[0]).toMatchObject({ schedule: { kind: 'unknown' } });
  expect(forget(state, 'clear_schedule', 1).slots[0]).toMatchObject({ schedule: { kind: 'unknown' } });
  expect(forget(state, 'read_slot', 1)).toEqual(state);
});
