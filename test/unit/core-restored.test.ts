import { expect, it } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import { accept, type DesiredEntry } from '../../src/core/request/accept.ts';
import { plainRequest } from '../../src/core/access-code.ts';
import { advance } from '../../src/core/settle/advance.ts';
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
    SAMPLE_AT - MINUTE_MS,
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

/** The cloud names a code that was put on the lock after the backup. */
function withDocument(state: LockState, endsAt: number | null = null) {
  const request = { ...plainRequest('since'), name: 'Since', pin: pinOf('9999'), startsAt: null, endsAt };
  const kept = state.codes.map((code): DesiredEntry => ({ kind: 'valid', request: code }));
  const codes: DesiredEntry[] = [...kept, { kind: 'valid', request }];
  const document = { generation: 1, version: 1, codes, tombstones: [] };
  return accept(state, document, { draw: () => 0, siblings: () => [] }, NOW, POLICY).step;
}

const SINCE: SlotContent = { kind: 'pin', pin: pinOf('9999'), enabled: true };

function found(state: LockState) {
  const read = resolveReading(state, { slot: 2, content: SINCE }, 'read_back', NOW.earliest, NOW);
  return advance(read.state, POLICY, NOW, read.events);
}

it('a code that came after the backup and is asked for again is ours where the lock has it, found before or after', () => {
  const before = withDocument(found(fromBackup()).state);
  const after = found(withDocument(fromBackup()).state);
  for (const { state } of [before, after]) {
    const code = state.codes.find(({ accessCodeId }) => accessCodeId === 'since');
    expect(code).toMatchObject({ slot: 2, status: 'set', rejected: null });
    expect(state.slots.find(({ slot }) => slot === 2)).toMatchObject({ owner: 'since', unmanaged: null });
    const touching = plan(state, POLICY, NOW).operations.map(({ operation }) => operation);
    expect(touching.filter((operation) => 'slot' in operation && operation.slot === 2)).toEqual([]);
  }
  const types = before.events.map(({ event_type: type }) => type);
  expect(types).toContain('access_code.unmanaged.converted_to_managed');
});

it('a lock without codes is asked for a slot too, which shows that it answers', () => {
  const bare = stateWith({ lock: lockWith({ capabilities: PLAIN, online: true }), codes: [], slots: [] });
  const state = restored(bare, SAMPLE_AT - MINUTE_MS);
  expect(first(state)).toEqual({ kind: 'read_slot', slot: PLAIN.firstSlot });
  const read = resolveReading(
    state,
    { slot: PLAIN.firstSlot, content: { kind: 'empty' } },
    'read_back',
    NOW.earliest,
    NOW,
  );
  expect(plan(read.state, POLICY, NOW).operations).toEqual([]);
});

it('on a lock that never was in a backup the same PIN is in the way', () => {
  const { lock, ...state } = fromBackup();
  const step = withDocument(found({ ...state, lock: { ...lock, fromBackupAt: null } }).state);
  expect(step.state.codes.find(({ accessCodeId }) => accessCodeId === 'since')?.rejected?.code).toBe(
    'duplicate_access_code',
  );
});
