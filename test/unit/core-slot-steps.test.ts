import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { Lock } from '../../src/core/lock.ts';
import type { Operation } from '../../src/core/operation.ts';
import { lookOf } from '../../src/core/plan/planned.ts';
import { isSatisfied, nextForSlot } from '../../src/core/plan/slot-steps.ts';
import type { Schedule, Slot, SlotBelief } from '../../src/core/slot.ts';
import type { Target } from '../../src/core/timing/strategy.ts';
import { codeWith, holding, lockWith, pinOf, slotWith } from '../support/core-samples.ts';
import { PLAIN, SCHEDULING } from '../support/core-world.ts';

const WINDOW: Schedule = { start: '2026-03-10T11:00', stop: '2026-03-12T11:00' };
const OTHER_WINDOW: Schedule = { start: '2026-03-10T11:00', stop: '2026-03-12T12:00' };
const OWN = holding('1234');
const OTHER = holding('9999');
const OWN_DISABLED: SlotBelief = { kind: 'pin', pin: pinOf('1234'), enabled: false };
const ON: Target = { kind: 'present', enabled: true, schedule: null };
const ARMED: Target = { ...ON, enabled: false };
const NATIVE: Target = { ...ON, schedule: WINDOW };
const GONE: Target = { kind: 'absent', because: 'removing' };

function next(target: Target, row: Partial<Slot>, lock: Partial<Lock> = {}): string | null {
  const met = lockWith({ capabilities: PLAIN, ...lock });
  const operation = nextForSlot(target, codeWith('a'), slotWith(1, row), met);
  if (operation?.kind !== 'set_pin') return operation?.kind ?? null;
  return `set_pin ${operation.enabled ? 'enabled' : 'disabled'}`;
}

describe('the next step of a slot', () => {
  test.each<[string | null, string, Target, Partial<Slot>, Partial<Lock>]>([
    [null, 'nothing where nothing may be done', { kind: 'as_is' }, { content: OTHER }, {}],
    [null, 'nothing where it is empty and is to be', GONE, {}, {}],
    ['clear_slot', 'to clear what has to go', GONE, { content: OTHER }, {}],
    ['read_slot', 'to read what is unknown before it is cleared', GONE, { content: { kind: 'unknown' } }, {}],
    [
      'read_slot',
      'to read what somebody may have edited before it is written',
      ON,
      { content: OTHER, recheck: 'edited' },
      {},
    ],
    [
      'set_pin enabled',
      'to enable our PIN where the lock masks',
      ON,
      { content: OWN_DISABLED },
      { masksPins: true },
    ],
    [
      'set_schedule',
      'to add a schedule to our PIN where the lock masks',
      NATIVE,
      { content: OWN },
      { masksPins: true, capabilities: SCHEDULING },
    ],
    ['clear_slot', 'to clear another PIN where the lock masks', ON, { content: OTHER }, { masksPins: true }],
    ['set_pin enabled', 'to write over another PIN where it shows them', ON, { content: OTHER }, {}],
    [
      'clear_slot',
      'to clear what it does not enable in place',
      ON,
      { content: OWN_DISABLED },
      { armRefused: true },
    ],
    ['set_pin disabled', 'to disable what opens and must not', ARMED, { content: OWN }, {}],
    [
      'set_pin disabled',
      'to disable it before its schedule goes',
      ARMED,
      { content: OWN, schedule: { kind: 'known', window: WINDOW } },
      { capabilities: SCHEDULING },
    ],
    [null, 'nothing where it is armed', ARMED, { content: OWN_DISABLED }, {}],
  ])('is %s: %s', (expected, _why, target, row, lock) => {
    expect(next(target, row, lock)).toBe(expected);
  });
});

describe('a slot is as it should be', () => {
  const EDITED = { externallyModified: true, allowExternalModification: true };
  const held: Partial<Slot> = { content: OWN, schedule: { kind: 'known', window: OTHER_WINDOW } };

  test.each<[boolean, string, Target, Partial<AccessCode>, Partial<Slot>]>([
    [true, 'with PIN and schedule', { ...NATIVE, schedule: OTHER_WINDOW }, {}, held],
    [false, 'not with another schedule', NATIVE, {}, held],
    [true, 'with another schedule where somebody edited it and may', NATIVE, EDITED, held],
    [true, 'with another PIN where somebody edited it and may', ON, EDITED, { content: OTHER }],
    [true, 'with another PIN while it is to be armed', ARMED, EDITED, { content: OTHER }],
    [false, 'not with our own PIN enabled while it is to be armed', ARMED, EDITED, { content: OWN }],
    [false, 'not where edits are not allowed', ON, { externallyModified: true }, { content: OTHER }],
    [false, 'not where nobody edited it', ON, { allowExternalModification: true }, { content: OTHER }],
  ])('%s: %s', (expected, _why, target, code, row) => {
    expect(isSatisfied(target, codeWith('a', code), slotWith(1, row))).toBe(expected);
  });

  test('without one only where nothing is to be there', () => {
    expect(isSatisfied(GONE, codeWith('a'), null)).toBe(true);
    expect(isSatisfied({ kind: 'as_is' }, codeWith('a'), null)).toBe(true);
    expect(isSatisfied(ON, codeWith('a'), null)).toBe(false);
  });
});

test.each<[string | null, Operation]>([
  ['read_slot 3', { kind: 'read_slot', slot: 3 }],
  ['set_clock', { kind: 'set_clock' }],
  ['read_clock', { kind: 'read_clock' }],
  ['compare_checksum', { kind: 'compare_checksum', held: [] }],
  [null, { kind: 'set_pin', slot: 3, pin: pinOf('1234'), enabled: true }],
  [null, { kind: 'clear_slot', slot: 3 }],
  [null, { kind: 'set_schedule', slot: 3, window: WINDOW }],
  [null, { kind: 'clear_schedule', slot: 3 }],
])('what failed is told from the others as %s', (expected, operation) => {
  expect(lookOf(operation)).toBe(expected);
});
