import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { Lock, LockState } from '../../src/core/lock.ts';
import type { Operation, Outcome, WriteOperation } from '../../src/core/operation.ts';
import type { PlannedOperation } from '../../src/core/plan/planned.ts';
import { missed, settle } from '../../src/core/settle/settle.ts';
import type { Slot, SlotBelief, SlotReading } from '../../src/core/slot.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import {
  codeWith,
  exactly,
  holding,
  lockWith,
  pinOf,
  SAMPLE_AT,
  slotWith,
  stateWith,
  triedOften,
} from '../support/core-samples.ts';
import { PLAIN, POLICY } from '../support/core-world.ts';

const AT = SAMPLE_AT + HOUR_MS;
const NOW = exactly(AT);
const OWN = pinOf('1234');
const WINDOW = { start: '2026-03-10T11:00', stop: '2026-03-12T11:00' };
const READING: SlotReading = { slot: 1, content: { kind: 'empty' } };

const SET: WriteOperation = { kind: 'set_pin', slot: 1, pin: OWN, enabled: true };
const ARM: Operation = { ...SET, enabled: false };
const CLEAR: Operation = { kind: 'clear_slot', slot: 1 };
const READ: Operation = { kind: 'read_slot', slot: 1 };
const SCHEDULE: Operation = { kind: 'set_schedule', slot: 1, window: WINDOW };
const UNSCHEDULE: Operation = { kind: 'clear_schedule', slot: 1 };

/** What the row remembers when the next write of the PIN is a repeat. */
const OFTEN = triedOften(SET, 'a 1 on ');

const DONE: Outcome = { kind: 'done', proof: 'supervision' };
const UNREACHABLE: Outcome = { kind: 'unreachable', message: 'no acknowledgement' };
const LOST: Outcome = { kind: 'unknown', message: 'no answer' };
const RADIO_DOWN: Outcome = { kind: 'radio_down', message: 'no radio' };

function refusal(reason: Extract<Outcome, { kind: 'refused' }>['reason']): Outcome {
  return { kind: 'refused', reason, message: 'no' };
}

/** A lock with code `a` in slot 1, where a write is noted that was begun over an empty slot. */
function stateOf(
  row: Partial<Slot> = {},
  code: Partial<AccessCode> = {},
  lock: Partial<Lock> = {},
): LockState {
  return stateWith({
    lock: lockWith({ capabilities: PLAIN, online: true, ...lock }),
    codes: [codeWith('a', { slot: 1, status: 'setting', statusSince: AT, ...code })],
    slots: [slotWith(1, { owner: 'a', pending: { pin: OWN, overEmpty: true }, ...row })],
  });
}

function plannedFor(operation: Operation, more: Partial<PlannedOperation> = {}): PlannedOperation {
  return {
    operation,
    accessCodeId: 'a',
    wish: 'a 1 on ',
    priority: 'set',
    reason: 'should_be_on_lock',
    ...more,
  };
}

function after(
  operation: Operation,
  outcome: Outcome,
  state = stateOf(),
  more: Partial<PlannedOperation> = {},
) {
  const step = settle(
    state,
    plannedFor(operation, more),
    { outcome, tookMs: 800.4, begunWith: null },
    POLICY,
    NOW,
  );
  const told = step.events.map((event) => event.event_type);
  return {
    lock: step.state.lock,
    code: step.state.codes[0],
    row: step.state.slots[0],
    told,
    events: step.events,
  };
}

/** What a row says of its PIN, without a `Pin`, which any two of which look the same to a matcher. */
function shown(content: SlotBelief | undefined): string {
  if (content?.kind !== 'pin') return content?.kind ?? 'no row';
  return `${content.pin.reveal()} ${content.enabled ? 'enabled' : 'disabled'}`;
}

describe('an operation that was done', () => {
  test('ends the waits of the lock and, when it was a write, of its code', () => {
    const state = stateOf({}, { failures: 4, retryAt: AT + 1 }, { failures: 2, retryAt: AT + 1 });
    for (const operation of [SET, CLEAR, SCHEDULE, UNSCHEDULE]) {
      const { lock, code } = after(operation, DONE, state);
      expect(lock).toMatchObject({ failures: 0, retryAt: null });
      expect(code).toMatchObject({ failures: 0, retryAt: null });
    }
    const read = after(READ, { ...DONE, reading: READING }, state);
    expect(read.lock).toMatchObject({ failures: 0, retryAt: null });
    expect(read.code).toMatchObject({ failures: 4, retryAt: AT + 1 });
  });

  test.each([
    ['as it was asked', SET, DONE, '1234 enabled', {}],
    ['disabled as it was asked', ARM, DONE, '1234 disabled', { armRefused: false }],
    [
      'enabled although that was not asked',
      ARM,
      { ...DONE, reading: { slot: 1, content: { kind: 'masked', enabled: true } } },
      '1234 enabled',
      { armRefused: true, masksPins: true },
    ],
    [
      'as it was asked when the read came too early',
      ARM,
      { ...DONE, reading: READING },
      '1234 disabled',
      { armRefused: false, masksPins: false },
    ],
  ] as [string, Operation, Outcome, string, Partial<Lock>][])(
    'puts a PIN there %s',
    (_how, operation, outcome, content, lock) => {
      const written = after(operation, outcome, stateOf({ recheck: 'perhaps' }));
      expect(shown(written.row?.content)).toBe(content);
      expect(written.row).toMatchObject({
        recheck: 'no',
        pending: null,
        proof: 'supervision',
        provenAt: AT,
        writtenAt: AT,
      });
      expect(written.lock).toMatchObject({ programmingMs: [800], ...lock });
    },
  );

  test('remembers that a lock masks or can’t arm', () => {
    expect(after(SET, DONE, stateOf({}, {}, { masksPins: true, armRefused: true })).lock).toMatchObject({
      masksPins: true,
      armRefused: true,
    });
  });

  test('empties a slot with all that belongs to it', () => {
    const { row } = after(
      CLEAR,
      DONE,
      stateOf({ content: holding('9999'), schedule: { kind: 'known', window: WINDOW }, recheck: 'edited' }),
    );
    expect(row).toMatchObject({
      content: { kind: 'empty' },
      schedule: { kind: 'known', window: null },
      recheck: 'no',
      pending: null,
      proof: 'supervision',
      provenAt: AT,
      writtenAt: AT,
    });
  });

  test('lets what was refused as a duplicate be tried again once a slot is emptied', () => {
    const refused = { reason: 'duplicate_pin', message: '' } as const;
    expect(after(CLEAR, DONE, stateOf({}, { refused })).code?.refused).toBeNull();
    expect(after(SET, DONE, stateOf({}, { refused })).code?.refused).toEqual(refused);
  });

  test('gives and takes a schedule', () => {
    expect(after(SCHEDULE, DONE).row?.schedule).toEqual({ kind: 'known', window: WINDOW });
    const scheduled = stateOf({ schedule: { kind: 'known', window: WINDOW } });
    expect(after(UNSCHEDULE, DONE, scheduled).row?.schedule).toEqual({ kind: 'known', window: null });
  });

  test('sets a clock by the time and the offset of now', () => {
    expect(after({ kind: 'set_clock' }, DONE).lock.clockSet).toEqual({
      at: AT,
      offsetMinutes: -300,
      unconfirmed: 0,
    });
  });

  test('reads a clock, with an alarm at its beginning and at its end', () => {
    const read = (clockAheadMs: number, state = stateOf()) =>
      after({ kind: 'read_clock' }, { ...DONE, clockAheadMs }, state);
    const wrong = read(10 * MINUTE_MS + 400);
    expect(wrong.lock.clockRead).toEqual({ at: AT, aheadMs: 10 * MINUTE_MS + 400, staysWrong: false });
    expect(wrong.events).toEqual([
      {
        event_type: 'device.clock_wrong',
        occurredAt: AT,
        device_id: 'lock',
        details: { ahead_seconds: 600 },
      },
    ]);
    const still = stateOf({}, {}, wrong.lock);
    expect(read(11 * MINUTE_MS, still).events).toEqual([]);
    expect(read(-2 * SECOND_MS, still).events).toEqual([
      {
        event_type: 'device.clock_corrected',
        occurredAt: AT,
        device_id: 'lock',
        details: { ahead_seconds: -2 },
      },
    ]);
    expect(read(SECOND_MS).events).toEqual([]);
  });

  test.each([
    ['reads a slot', READ],
    ['reads a clock', { kind: 'read_clock' }],
    ['compares a checksum', { kind: 'compare_checksum', held: [] }],
  ] as [string, Operation][])('is a bug of the driver that %s and tells nothing', (_what, operation) => {
    expect(() => after(operation, DONE)).toThrow(/A driver .* no|without/);
  });
});

describe('an operation that the lock refused', () => {
  test('was answered: the lock is there, and no write is under way', () => {
    const { lock, row } = after(SET, refusal('refused'), stateOf({}, {}, { failures: 3, retryAt: AT + 1 }));
    expect(lock).toMatchObject({ failures: 0, retryAt: null, online: true });
    expect(row?.pending).toBeNull();
  });

  test.each([
    ['setting the clock: it takes no schedules', { kind: 'set_clock' }, { nativeRefused: true }],
    ['reading the clock: it can’t be asked', { kind: 'read_clock' }, { clockUnreadable: true }],
  ] as [string, Operation, Partial<Lock>][])('%s', (_what, operation, lock) => {
    expect(after(operation, refusal('unsupported')).lock).toMatchObject(lock);
  });

  test('a checksum: the audit reads instead', () => {
    const audit = { dueSince: AT, doneAt: null, framesLeft: 60, isReading: false, refillAt: AT + HOUR_MS };
    const slots = { content: holding('1234'), pending: null, provenAt: AT - 1 };
    const { lock } = after(
      { kind: 'compare_checksum', held: [] },
      refusal('unsupported'),
      stateOf(slots, {}, { audit }),
    );
    expect(lock.audit.isReading).toBe(true);
  });

  test('a schedule: the code goes on just in time', () => {
    const { code } = after(SCHEDULE, refusal('refused'));
    expect(code?.refused).toEqual({ reason: 'unsupported', message: 'no' });
  });

  test('a read: the slot is somebody else’s', () => {
    const { row } = after(
      READ,
      refusal('refused'),
      stateOf({ recheck: 'edited', owner: null, pending: null }),
    );
    expect(row).toMatchObject({ content: { kind: 'masked', enabled: true }, recheck: 'no', proof: null });
  });

  test('a read of a slot of ours: what we know stays, and where we know nothing the code waits', () => {
    const own = { kind: 'pin', pin: OWN, enabled: true } as const;
    const { row } = after(READ, refusal('refused'), stateOf({ recheck: 'edited', content: own }));
    expect(row).toMatchObject({ owner: 'a', content: own, recheck: 'no' });
    const unknown = stateOf({ content: { kind: 'unknown' } });
    expect(after(READ, refusal('refused'), unknown).code).toMatchObject({ failures: 1 });
  });

  test('a disabled PIN: none is armed there again', () => {
    const { lock, code } = after(ARM, refusal('unsupported'));
    expect(lock.armRefused).toBe(true);
    expect(code).toMatchObject({ refused: null, failures: 0 });
    expect(after(SET, refusal('unsupported')).lock.armRefused).toBe(false);
    expect(after(ARM, refusal('refused')).lock.armRefused).toBe(false);
  });

  test.each(['duplicate_pin', 'pin_format'] as const)(
    'a PIN for ever (%s): its empty slot is free for others',
    (reason) => {
      const { code, row } = after(SET, refusal(reason), stateOf({ tried: OFTEN }));
      expect(code).toMatchObject({ refused: { reason, message: 'no' }, slot: null });
      expect(row).toMatchObject({ owner: null, tried: [] });
    },
  );

  test('a PIN for ever: a slot that holds something stays with its code', () => {
    const { code, row } = after(SET, refusal('pin_format'), stateOf({ content: holding('9999') }));
    expect(code?.slot).toBe(1);
    expect(row?.owner).toBe('a');
  });

  test('a PIN that is no longer wanted: the new one has not been refused', () => {
    expect(after(SET, refusal('pin_format'), stateOf({}, { pin: pinOf('5678') })).code?.refused).toBeNull();
    expect(after(SET, refusal('pin_format'), stateOf({}, { pin: null })).code?.refused).toBeNull();
  });

  test('a slot that is out of range: the code finds another', () => {
    const { code, row } = after(SET, refusal('slot_out_of_range'));
    expect(code).toMatchObject({ slot: null, refused: null });
    expect(row).toMatchObject({
      owner: null,
      content: { kind: 'masked', enabled: true },
      recheck: 'no',
      proof: null,
    });
  });

  test.each([
    ['a write', SET, 'refused'],
    ['a write for want of space', SET, 'no_space'],
    ['a removal', CLEAR, 'refused'],
    ['the removal of a schedule', UNSCHEDULE, 'refused'],
  ] as [string, Operation, 'refused' | 'no_space'][])(
    '%s: it is tried again, less and less often',
    (_what, operation, reason) => {
      const { code } = after(operation, refusal(reason), stateOf({}, { failures: 1 }));
      expect(code).toMatchObject({ failures: 2, refused: null });
      expect((code?.retryAt ?? 0) - AT).toBeGreaterThanOrEqual(1600);
      expect((code?.retryAt ?? 0) - AT).toBeLessThanOrEqual(2000);
      const late = after(operation, refusal(reason), stateOf({}, { failures: 20 })).code;
      expect((late?.retryAt ?? 0) - AT).toBeGreaterThan(8 * MINUTE_MS - 1);
    },
  );
});

describe('an operation of which nobody knows what the lock did', () => {
  test.each([
    ['a written PIN is read', SET, 'unknown', 'known'],
    ['a cleared slot is read', CLEAR, 'unknown', 'unknown'],
    ['a schedule is read', SCHEDULE, '9999 enabled', 'unknown'],
    ['a cleared schedule is read', UNSCHEDULE, '9999 enabled', 'unknown'],
    ['a read changes nothing', READ, '9999 enabled', 'known'],
  ])('leaves a slot as it was or to be read: %s', (_what, operation, content, schedule) => {
    const before = stateOf({ content: holding('9999') });
    for (const outcome of [LOST, UNREACHABLE]) {
      const { row } = after(operation, outcome, before);
      expect([shown(row?.content), row?.schedule.kind]).toEqual([content, schedule]);
    }
  });

  test.each([LOST, UNREACHABLE])('puts off the code and the lock ($kind)', (outcome) => {
    const { code, lock } = after(SET, outcome, stateOf({}, { failures: 1 }, { failures: 1 }));
    for (const waiting of [code, lock]) {
      expect(waiting?.failures).toBe(2);
      expect((waiting?.retryAt ?? 0) - AT).toBeGreaterThanOrEqual(1600);
      expect((waiting?.retryAt ?? 0) - AT).toBeLessThanOrEqual(2000);
    }
    const late = after(SET, outcome, stateOf({}, { failures: 20 }, { failures: 20 }));
    expect((late.code?.retryAt ?? 0) - AT).toBeLessThanOrEqual(150 * SECOND_MS);
  });

  test('tells once that the lock is gone, when it did not acknowledge', () => {
    const gone = after(SET, UNREACHABLE);
    expect(gone.lock.online).toBe(false);
    expect(gone.events).toContainEqual({
      event_type: 'device.disconnected',
      occurredAt: AT,
      device_id: 'lock',
      details: {
        error_code: 'device_disconnected',
        device_errors: [{ error_code: 'device_offline', message: 'The lock does not answer.' }],
        device_warnings: [],
      },
    });
    expect(after(SET, UNREACHABLE, stateOf({}, {}, { online: false })).told).not.toContain(
      'device.disconnected',
    );
    expect(after(SET, LOST).lock.online).toBe(true);
    expect(after(SET, LOST).told).not.toContain('device.disconnected');
  });
});

describe('an operation that the radio did not send', () => {
  test('did not happen, costs nothing and is tried soon', () => {
    const { row, code, lock } = after(SET, RADIO_DOWN, stateOf({ tried: OFTEN }));
    expect(row).toMatchObject({ pending: null, content: { kind: 'empty' } });
    expect(code?.failures).toBe(0);
    expect(lock).toMatchObject({
      failures: 0,
      online: true,
      retryAt: AT + 2 * SECOND_MS,
      repeatedWrites: [],
    });
  });
});

describe('what went out to the lock', () => {
  test('counts as tried, and as a repeat when it was tried often enough', () => {
    const once = after(SET, LOST);
    expect(once.row?.tried).toHaveLength(1);
    expect(once.lock.repeatedWrites).toEqual([]);
    expect(after(SET, LOST, stateOf({ tried: OFTEN })).lock.repeatedWrites).toEqual([AT]);
  });

  test('tells once when the budget of repeats is spent', () => {
    const repeatedWrites = Array.from({ length: 14 }, () => AT - MINUTE_MS);
    const spent = after(SET, LOST, stateOf({ tried: OFTEN }, {}, { repeatedWrites }));
    expect(spent.events.filter(({ event_type }) => event_type === 'device.write_budget_exhausted')).toEqual([
      { event_type: 'device.write_budget_exhausted', occurredAt: AT, device_id: 'lock' },
    ]);
    const again = after(SET, LOST, stateOf({ tried: OFTEN }, {}, spent.lock));
    expect(again.told).not.toContain('device.write_budget_exhausted');
  });

  test('gives an audit back the frames that could not go out', () => {
    const audit = { dueSince: AT, doneAt: null, framesLeft: 60, isReading: false, refillAt: AT + HOUR_MS };
    const state = stateOf({ pending: null }, {}, { audit });
    const down: Outcome = { kind: 'radio_down', message: 'no stick' };
    expect(after(READ, down, state, { reason: 'audit' }).lock.audit.framesLeft).toBe(62);
    expect(after(READ, down, state).lock.audit.framesLeft).toBe(60);
    const reading = { ...DONE, reading: READING };
    expect(after(READ, reading, state, { reason: 'audit' }).lock.audit.framesLeft).toBe(60);
  });
});

test('a lock that does not answer is asked again, less and less often', () => {
  const lock = missed(stateOf({}, {}, { failures: 3 }), NOW).lock;
  expect(lock.failures).toBe(4);
  expect((lock.retryAt ?? 0) - AT).toBeGreaterThanOrEqual(6400);
  expect((lock.retryAt ?? 0) - AT).toBeLessThanOrEqual(8000);
});
