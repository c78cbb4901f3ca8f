import { expect, it } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import { DEFAULT_POLICY, type LockState } from '../../src/core/lock.ts';
import { restored } from '../../src/core/observe/restored.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { resolveReading } from '../../src/core/settle/reading.ts';
import type { SlotContent } from '../../src/core/slot.ts';
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

const NOW = exactly(SAMPLE_AT + MINUTE_MS);
const POLICY = { ...DEFAULT_POLICY, timezone: 'Europe/Berlin' };
const MASKED: SlotContent = { kind: 'masked', enabled: true };

/** A backup that knows code `a` in slot 1, beside one that is on no lock yet. */
function fromBackup(code: Partial<AccessCode> = {}): LockState {
  return restored(
    stateWith({
      lock: lockWith({ capabilities: PLAIN, online: true }),
      codes: [
        codeWith('a', { slot: 1, everOnDevice: true, ...code }),
        codeWith('new', { pin: pinOf('7777') }),
      ],
      slots: [slotWith(1, { owner: 'a', content: holding('1234') })],
    }),
  );
}

function first(state: LockState) {
  return plan(state, POLICY, NOW).operations[0]?.operation;
}

function shown(state: LockState, content: SlotContent) {
  return resolveReading(state, { slot: 1, content }, 'read_back', NOW.earliest, NOW);
}

it.each([
  ['is wanted', {}],
  ['has ended', { endsAt: SAMPLE_AT, startsAt: SAMPLE_AT - MINUTE_MS }],
  ['was deleted', { removingSince: SAMPLE_AT }],
])('a slot from a backup is read before anything is written or erased, when its code %s', (_what, code) => {
  expect(first(fromBackup(code))).toEqual({ kind: 'read_slot', slot: 1 });
});

it('a slot that holds what the backup says costs no write and tells nobody', () => {
  for (const content of [{ kind: 'pin', pin: pinOf('1234'), enabled: true }, MASKED] as const) {
    const { state, events } = shown(fromBackup(), content);
    expect(state.slots[0]).toMatchObject({ owner: 'a', recheck: 'no', content: { kind: 'pin' } });
    expect(events).toEqual([]);
    expect(
      plan(state, POLICY, NOW).operations.filter(
        ({ operation }) => 'slot' in operation && operation.slot === 1,
      ),
    ).toEqual([]);
  }
});

it("a PIN that came after the backup is nobody's of ours, and is neither written over nor erased", () => {
  for (const code of [
    {},
    { endsAt: SAMPLE_AT, startsAt: SAMPLE_AT - MINUTE_MS },
    { removingSince: SAMPLE_AT },
  ]) {
    const { state, events } = shown(fromBackup(code), { kind: 'pin', pin: pinOf('9999'), enabled: true });
    expect(state.slots[0]).toMatchObject({ owner: null });
    expect(state.codes[0]?.slot).toBeNull();
    expect(events).toEqual([]);
    const touching = plan(state, POLICY, NOW).operations.map(({ operation }) => operation);
    expect(touching.filter((operation) => 'slot' in operation && operation.slot === 1)).toEqual([]);
  }
});

it('a slot that was emptied after the backup gets its code again, and nobody is blamed', () => {
  const { state, events } = shown(fromBackup(), { kind: 'empty' });
  expect(events).toEqual([]);
  expect(plan(state, POLICY, NOW).operations.map(({ operation }) => operation)).toContainEqual(
    expect.objectContaining({ kind: 'set_pin', slot: 1 }),
  );
});
