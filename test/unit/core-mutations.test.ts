import { describe, expect, test } from 'vitest';
import type { AccessCode, AccessCodeStatus, PendingEdits } from '../../src/core/access-code.ts';
import { editsAfter } from '../../src/core/request/edits.ts';
import { displayStatus, pendingMutations, settledEdits } from '../../src/core/problems/mutations.ts';
import type { Slot } from '../../src/core/slot.ts';
import { DAY_MS, MINUTE_MS } from '../../src/core/time.ts';
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
const STAY = { startsAt: SAMPLE_AT + DAY_MS, endsAt: SAMPLE_AT + 2 * DAY_MS };
const REJECTED = { pin: null, rejected: { code: 'invalid_input', message: 'no' } } as const;
const EDITS: Required<PendingEdits> = {
  name: { from: 'Ann', since: 1 },
  code: { since: 2 },
  timeFrame: { startsAt: null, endsAt: STAY.endsAt, since: 3 },
};

function pendingOf(code: Partial<AccessCode>, capabilities = PLAIN) {
  const state = stateWith({ lock: lockWith({ capabilities }) });
  return pendingMutations(codeWith('a', code), state, POLICY, NOW);
}

describe('what is asked for and not yet true', () => {
  const leadAt = STAY.startsAt - 30 * MINUTE_MS;
  const deferred = {
    kind: 'deferring_creation',
    since: SAMPLE_AT,
    scheduledAt: leadAt,
    message: `The code goes on the lock at ${new Date(leadAt).toISOString()}.`,
  };
  const creating = { kind: 'creating', since: SAMPLE_AT, message: 'The code is being put on the lock.' };

  test.each([
    [
      'is a removal',
      { removingSince: 7, edits: EDITS },
      [{ kind: 'deleting', since: 7, message: 'The code is being taken off the lock.' }],
    ],
    ['is nothing of a request that was refused', REJECTED, []],
    ['is a creation', {}, [creating]],
    ['is a creation that waits for its time', STAY, [deferred]],
    ['is a creation whose time has come', { ...STAY, startsAt: SAMPLE_AT + MINUTE_MS }, [creating]],
    ['is nothing when code and lock are in step', { everOnDevice: true }, []],
    [
      'is every edit',
      { everOnDevice: true, name: 'Bob', ...STAY, edits: EDITS },
      [
        {
          kind: 'updating_name',
          since: 1,
          from: 'Ann',
          to: 'Bob',
          message: 'The name of the code is being changed.',
        },
        { kind: 'updating_code', since: 2, message: 'The lock still has the PIN that the code had before.' },
        {
          kind: 'updating_time_frame',
          since: 3,
          from: { startsAt: null, endsAt: STAY.endsAt },
          to: STAY,
          message: 'The lock still has the time frame that the code had before.',
        },
      ],
    ],
  ] as [string, Partial<AccessCode>, object[]][])('%s', (_what, code, expected) => {
    expect(pendingOf(code)).toEqual(expected);
  });

  test('waits for the day on which it is armed', () => {
    const far = { startsAt: SAMPLE_AT + 9 * DAY_MS };
    expect(pendingOf(far, { ...PLAIN, disabledCodes: true })).toMatchObject([
      { scheduledAt: SAMPLE_AT + 6 * DAY_MS },
    ]);
  });

  test('waits to be enabled once it is armed', () => {
    const soon = { startsAt: SAMPLE_AT + DAY_MS };
    const enabledAt = soon.startsAt - 30 * MINUTE_MS;
    const arming = { ...PLAIN, disabledCodes: true };
    expect(pendingOf(soon, arming)).toEqual([creating]);
    expect(pendingOf({ ...soon, slot: 1 }, arming)).toMatchObject([
      { kind: 'deferring_creation', scheduledAt: enabledAt },
    ]);
    expect(pendingOf({ slot: 1 }, arming)).toEqual([creating]);
    expect(pendingOf({ ...soon, slot: 1 })).toMatchObject([{ scheduledAt: enabledAt }]);
    expect(pendingOf({ startsAt: SAMPLE_AT, slot: 1 }, arming)).toEqual([creating]);
  });

  test('is a creation while its PIN is still to be made up', () => {
    expect(pendingOf({ pin: null })).toEqual([creating]);
  });

  test('of a code that was refused later is what it was', () => {
    expect(pendingOf({ ...REJECTED, pin: pinOf('1234') })).toEqual([creating]);
  });
});

describe('an edit that has become true', () => {
  const code = codeWith('a', { name: 'Bob', startsAt: STAY.startsAt, edits: EDITS });
  const base = { occurredAt: SAMPLE_AT, device_id: 'lock', access_code_id: 'a' };
  const named = {
    ...base,
    event_type: 'access_code.name_changed',
    details: { description: 'The name of the code was changed.', from: { name: 'Ann' }, to: { name: 'Bob' } },
  };

  test('is told, all of them once the lock holds what is asked for', () => {
    expect(settledEdits(code, true, false, 'lock', NOW)).toEqual({
      edits: {},
      events: [
        named,
        {
          ...base,
          event_type: 'access_code.code_changed',
          details: { description: 'The PIN of the code was changed on the lock.' },
        },
        {
          ...base,
          event_type: 'access_code.time_frame_changed',
          details: {
            description: 'The time frame of the code was changed on the lock.',
            from: { starts_at: null, ends_at: '2026-03-04T12:00:00.000Z' },
            to: { starts_at: '2026-03-03T12:00:00.000Z', ends_at: null },
          },
        },
      ],
    });
  });

  test.each([
    ['its PIN', { code: EDITS.code }, ['access_code.set_on_device', 'access_code.code_changed']],
    [
      'its time frame',
      { timeFrame: EDITS.timeFrame },
      ['access_code.set_on_device', 'access_code.time_frame_changed'],
    ],
    ['its name only', { name: EDITS.name }, ['access_code.name_changed']],
  ] as const)('of a code that was set all the while is confirmed by that: %s', (_what, edits, types) => {
    const { events } = settledEdits(codeWith('a', { edits }), true, true, 'lock', NOW);
    expect(events.map((event) => event.event_type)).toEqual(types);
  });

  test('is a name at once, because no lock keeps names', () => {
    const { name: _name, ...others } = EDITS;
    expect(settledEdits(code, false, true, 'lock', NOW)).toEqual({ edits: others, events: [named] });
  });

  test('is none when none was asked for', () => {
    const edits = {};
    const settled = settledEdits(codeWith('a', { edits }), true, true, 'lock', NOW);
    expect(settled.events).toEqual([]);
    expect(settled.edits).toBe(edits);
    expect(
      settledEdits(codeWith('a', { edits: { code: EDITS.code } }), false, true, 'lock', NOW).events,
    ).toEqual([]);
  });
});

describe('what a code is called for people', () => {
  test.each([
    ['Rejected', 'unset', REJECTED],
    ['Scheduled', 'unset', { ...REJECTED, pin: pinOf('1234') }],
    ['Scheduled', 'unset', { pin: null }],
    ['Unknown', 'unknown', {}],
    ['Removing', 'removing', {}],
    ['Removing', 'removing', { endsAt: SAMPLE_AT + 1 }],
    ['Expired', 'removing', { endsAt: SAMPLE_AT }],
    ['Active', 'set', {}],
    ['Updating', 'set', { edits: { code: EDITS.code } }],
    ['Issuing', 'setting', {}],
    ['Updating', 'setting', { everOnDevice: true }],
    ['Scheduled', 'unset', {}],
    ['Changed at the lock', 'unset', { externallyModified: true }],
  ] as [string, AccessCodeStatus, Partial<AccessCode>][])('%s: %s %j', (label, status, code) => {
    expect(displayStatus(codeWith('a', code), status, NOW)).toBe(label);
  });
});

describe('what a change of the request leaves to be done', () => {
  const previous = { slot: 1, everOnDevice: true, name: 'Ann', pin: pinOf('1111'), ...STAY };
  const at = SAMPLE_AT + 5;

  /** The edits after `change`, of a code whose slot holds its PIN but for what is named. */
  function editsOf(change: Partial<AccessCode>, before: Partial<AccessCode> = {}, row: Partial<Slot> = {}) {
    const was = codeWith('a', { ...previous, ...before });
    const state = stateWith({ slots: [slotWith(1, { owner: 'a', content: holding('1111'), ...row })] });
    return editsAfter(was, { ...was, ...change }, state, at);
  }

  const frame = { startsAt: STAY.startsAt, endsAt: STAY.endsAt, since: at };

  test.each([
    ['nothing when nothing changed', {}, {}],
    ['a name', { name: 'Bob' }, { name: { from: 'Ann', since: at } }],
    ['a PIN', { pin: pinOf('2222') }, { code: { since: at } }],
    ['a PIN that is still to be made up', { pin: null }, { code: { since: at } }],
    ['a later end', { endsAt: STAY.endsAt + 1 }, { timeFrame: frame }],
    ['a later start', { startsAt: STAY.startsAt + 1 }, { timeFrame: frame }],
    ['no end', { startsAt: null, endsAt: null }, { timeFrame: frame }],
  ] as [string, Partial<AccessCode>, PendingEdits][])('is %s', (_what, change, expected) => {
    expect(editsOf(change)).toEqual(expected);
  });

  test('is the PIN that was made up at last, for a code that had none', () => {
    expect(editsOf({ pin: pinOf('1111') }, { pin: null }, { content: { kind: 'empty' } })).toEqual({
      code: { since: at },
    });
  });

  test('is nothing for a code that never was on the lock', () => {
    expect(editsOf({ name: 'Bob' }, { everOnDevice: false, slot: null })).toEqual({});
    expect(editsOf({ name: 'Bob' }, { everOnDevice: false })).not.toEqual({});
    expect(editsOf({ name: 'Bob' }, { slot: null })).not.toEqual({});
  });

  test('counts from the first change on', () => {
    const edits = {
      name: { from: 'Eve', since: 1 },
      code: { since: 2 },
      timeFrame: { ...frame, startsAt: 9, since: 3 },
    };
    expect(editsOf({ name: 'Bob', pin: pinOf('3333') }, { edits, pin: pinOf('2222') })).toEqual(edits);
  });

  test('is taken back by going back to what the lock holds', () => {
    const edits = {
      name: { from: 'Eve', since: 1 },
      code: { since: 2 },
      timeFrame: { startsAt: null, endsAt: null, since: 3 },
    };
    const back = { name: 'Eve', pin: pinOf('1111'), startsAt: null, endsAt: null };
    expect(editsOf(back, { edits, pin: pinOf('2222') })).toEqual({});
  });

  test.each([
    ['another PIN is there', {}, { content: holding('9999') }],
    ['a write is under way', {}, { pending: { pin: pinOf('2222'), overEmpty: false } }],
    ['nothing is there', {}, { content: { kind: 'empty' } }],
    ['it has no slot', { slot: null }, {}],
  ] as [string, Partial<AccessCode>, Partial<Slot>][])(
    'is the PIN of before as well when %s',
    (_when, before, row) => {
      const edits = { code: { since: 2 } };
      expect(editsOf({ pin: pinOf('1111') }, { edits, pin: pinOf('2222'), ...before }, row)).toEqual(edits);
    },
  );

  test('is the PIN as long as the lock does not hold it', () => {
    expect(editsOf({ name: 'Ann' }, { edits: { code: { since: 2 } } })).toEqual({ code: { since: 2 } });
  });
});
