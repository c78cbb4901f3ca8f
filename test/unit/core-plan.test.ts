import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { Lock } from '../../src/core/lock.ts';
import { plan } from '../../src/core/plan/plan.ts';
import type { Slot, SlotBelief } from '../../src/core/slot.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type TimeReading } from '../../src/core/time.ts';
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
import { PLAIN, POLICY, SCHEDULING } from '../support/core-world.ts';

const NOW = exactly(SAMPLE_AT);
const UNKNOWN: SlotBelief = { kind: 'unknown' };
const MASKED: SlotBelief = { kind: 'masked', enabled: true };
const WINDOW = { start: '2026-03-03T07:00', stop: '2026-03-05T07:00' };
/** From a day ahead to two days after that. */
const STAY = { startsAt: SAMPLE_AT + DAY_MS, endsAt: SAMPLE_AT + 3 * DAY_MS };
const DISABLED: SlotBelief = { kind: 'pin', pin: pinOf('1234'), enabled: false };
const FRESH_CLOCK = { clockSet: { at: SAMPLE_AT, offsetMinutes: -300, unconfirmed: 0 } };
const OLD_CLOCK = { clockSet: { at: SAMPLE_AT - 2 * DAY_MS, offsetMinutes: -300, unconfirmed: 0 } };

function planOf(
  codes: readonly AccessCode[],
  slots: readonly Slot[],
  lock: Partial<Lock> = {},
  now: TimeReading = NOW,
) {
  const state = stateWith({ lock: lockWith({ capabilities: PLAIN, ...lock }), codes, slots });
  const { operations, blocked, wakeAt } = plan(state, POLICY, now);
  const steps = operations.map(({ operation, priority, reason, accessCodeId }) => {
    const where = 'slot' in operation ? ` ${operation.slot}` : '';
    return `${accessCodeId ?? '-'}: ${operation.kind}${where}, ${priority}, ${reason}`;
  });
  return { steps, blocked, wakeAt, wishes: operations.map(({ wish }) => wish) };
}

/** Code `a` of slot 1, which holds what is named, and all other slots proven empty. */
function stepsOf(code: Partial<AccessCode>, row: Partial<Slot>, lock: Partial<Lock> = {}) {
  const slots = [slotWith(1, { owner: 'a', ...row }), ...[2, 3, 4, 5].map((slot) => slotWith(slot))];
  return planOf([codeWith('a', { slot: 1, ...code })], slots, lock).steps;
}

describe('the next step of a code', () => {
  test.each([
    ['is none when it is there', {}, { content: holding('1234') }, []],
    ['is to write it', {}, {}, ['a: set_pin 1, set, should_be_on_lock']],
    [
      'is to write it over another PIN',
      {},
      { content: holding('9999') },
      ['a: set_pin 1, set, should_be_on_lock'],
    ],
    ['is to write what was there again', { status: 'set' }, {}, ['a: set_pin 1, set, should_be_on_lock']],
    ['is to look first', {}, { content: UNKNOWN }, ['a: read_slot 1, set, content_unknown']],
    [
      'is to look when it may have been touched',
      {},
      { recheck: 'perhaps' },
      ['a: read_slot 1, set, content_unknown', '-: read_slot 1, set, content_unknown'],
    ],
    ['is to clear a mask', {}, { content: MASKED }, ['a: clear_slot 1, set, should_be_on_lock']],
    [
      'is to clear it when it has to go',
      { removingSince: SAMPLE_AT },
      { content: holding('1234') },
      ['a: clear_slot 1, remove, window_ended_or_deleted'],
    ],
    [
      'is to clear it when it was moved away',
      { startsAt: SAMPLE_AT + DAY_MS },
      { content: holding('1234') },
      ['a: clear_slot 1, remove, not_yet_due'],
    ],
    [
      'is none when it has to go and is not there',
      { removingSince: SAMPLE_AT, slot: null },
      { owner: null },
      [],
    ],
    ['is to enable it', {}, { content: DISABLED }, ['a: set_pin 1, set, should_be_on_lock']],
    [
      'is none where an edit is allowed',
      { externallyModified: true, allowExternalModification: true },
      {},
      [],
    ],
    [
      'is to repair one where it is not',
      { externallyModified: true },
      {},
      ['a: set_pin 1, set, edited_at_the_lock'],
    ],
  ] as [string, Partial<AccessCode>, Partial<Slot>, string[]][])('%s', (_which, code, row, expected) => {
    expect(stepsOf(code, row)).toEqual(expected);
  });

  test.each([
    [
      'to clear the PIN of a masking lock first',
      { masksPins: true },
      {},
      { content: holding('9999') },
      ['a: clear_slot 1, set, should_be_on_lock'],
    ],
    [
      'to read a schedule that nobody knows',
      { capabilities: SCHEDULING },
      {},
      { schedule: { kind: 'unknown' } },
      ['a: read_slot 1, set, content_unknown'],
    ],
    [
      'to take a schedule away',
      { capabilities: SCHEDULING, ...FRESH_CLOCK },
      {},
      { schedule: { kind: 'known', window: WINDOW } },
      ['a: clear_schedule 1, set, should_be_on_lock'],
    ],
    [
      'to give it a schedule before its PIN',
      { capabilities: SCHEDULING, ...FRESH_CLOCK },
      STAY,
      {},
      ['a: set_schedule 1, preload, should_be_on_lock'],
    ],
    [
      'to look at the clock before a schedule, when that was long ago',
      { capabilities: SCHEDULING, ...OLD_CLOCK },
      STAY,
      {},
      ['a: read_clock, preload, lock_clock_check'],
    ],
    [
      'to write the PIN once the schedule is there',
      { capabilities: SCHEDULING, ...FRESH_CLOCK },
      STAY,
      { schedule: { kind: 'known', window: WINDOW } },
      ['a: set_pin 1, preload, should_be_on_lock'],
    ],
    [
      'to arm it',
      { capabilities: { ...PLAIN, disabledCodes: true } },
      STAY,
      {},
      ['a: set_pin 1, preload, armed_ahead'],
    ],
    [
      'to disable what opens too early',
      { capabilities: { ...PLAIN, disabledCodes: true } },
      STAY,
      { content: holding('1234') },
      ['a: set_pin 1, remove, not_yet_due'],
    ],
  ] as [string, Partial<Lock>, Partial<AccessCode>, Partial<Slot>, string[]][])(
    'is %s',
    (_which, lock, code, row, expected) => {
      expect(stepsOf(code, row, lock)).toEqual(expected);
    },
  );

  test('names the wish that it serves, so that a retry is told from something new', () => {
    const slots = [slotWith(1, { owner: 'a' }), slotWith(2, { owner: 'b', content: holding('1234') })];
    const codes = [codeWith('a', { slot: 1, revision: 3 }), codeWith('b', { slot: 2, removingSince: 0 })];
    expect(planOf(codes, slots).wishes).toEqual(['b 1 removing']);
    expect(planOf([codeWith('a', { slot: 1, revision: 3 })], [slotWith(1, { owner: 'a' })]).wishes).toEqual([
      'a 3 on ',
    ]);
    const started = codeWith('a', { slot: 1, startsAt: SAMPLE_AT });
    expect(planOf([started], [slotWith(1, { owner: 'a' })]).wishes).toEqual([`a 1 on ${SAMPLE_AT}`]);
  });
});

describe('a code waits', () => {
  const filled = [1, 2, 3, 4, 5].map((slot) =>
    slotWith(slot, { content: holding(`555${slot}`), unmanaged: { accessCodeId: 'x', since: 0 } }),
  );

  test.each([
    [
      'for its retry',
      { retryAt: SAMPLE_AT + MINUTE_MS },
      [],
      {},
      { because: 'retry_later', slot: null, until: SAMPLE_AT + MINUTE_MS },
    ],
    ['for a slot', {}, filled, {}, { because: 'no_space', slot: null, until: null }],
    [
      'for ever when the lock said no',
      { refused: { reason: 'pin_format', message: '' } },
      [],
      {},
      { because: 'refused_by_lock', slot: null, until: null },
    ],
    [
      'for ever in what turned out to be an admin slot',
      { slot: 9 },
      [slotWith(9, { owner: 'a' })],
      {},
      { because: 'refused_by_lock', slot: 9, until: null },
    ],
    [
      'for a PIN like its own to go',
      {},
      [slotWith(4, { content: holding('1234'), unmanaged: { accessCodeId: 'x', since: 0 } })],
      {},
      { because: 'duplicate_on_lock', slot: 4, until: null },
    ],
  ] as [string, Partial<AccessCode>, Slot[], Partial<Lock>, object][])(
    '%s',
    (_what, code, slots, lock, expected) => {
      const { steps, blocked } = planOf([codeWith('a', code)], slots, lock);
      expect(blocked).toEqual([{ accessCodeId: 'a', ...expected }]);
      expect(steps).toEqual([]);
    },
  );

  test('for the retry of a read of another slot of ours', () => {
    const codes = [codeWith('a', { slot: 1, pin: pinOf('1111'), retryAt: SAMPLE_AT + 5 }), codeWith('b')];
    const { blocked } = planOf(codes, [slotWith(1, { owner: 'a', content: UNKNOWN }), slotWith(2)]);
    expect(blocked).toContainEqual({
      accessCodeId: 'b',
      because: 'retry_later',
      slot: 1,
      until: SAMPLE_AT + 5,
    });
  });

  test('no longer for a slot that fails to be read again and again', () => {
    const codes = [
      codeWith('a', { slot: 1, pin: pinOf('1111'), retryAt: SAMPLE_AT + 5, failures: 3 }),
      codeWith('b'),
    ];
    const { steps } = planOf(codes, [slotWith(1, { owner: 'a', content: UNKNOWN }), slotWith(2)]);
    expect(steps).toContain('b: set_pin 2, set, should_be_on_lock');
  });

  test('for a hub that knows the time before its schedule is written', () => {
    const now = { earliest: SAMPLE_AT, latest: SAMPLE_AT + MINUTE_MS };
    const { steps, blocked } = planOf(
      [codeWith('a', STAY)],
      [slotWith(1)],
      { capabilities: SCHEDULING },
      now,
    );
    expect(blocked).toEqual([{ accessCodeId: 'a', because: 'hub_clock_uncertain', slot: 1, until: null }]);
    expect(steps).toEqual([]);
  });

  test('for the budget of repeats, but for its removal', () => {
    const lock = { repeatsBlockedUntil: SAMPLE_AT + HOUR_MS };
    const set = { kind: 'set_pin', slot: 1, pin: pinOf('1234'), enabled: true } as const;
    const clear = { kind: 'clear_slot', slot: 1 } as const;
    const tried = [...triedOften(set, 'a 1 on '), ...triedOften(clear, 'a 1 removing')];
    const row = slotWith(1, { owner: 'a', tried });
    const setting = planOf([codeWith('a', { slot: 1 })], [row], lock);
    expect(setting.blocked).toEqual([
      { accessCodeId: 'a', because: 'write_budget_spent', slot: 1, until: SAMPLE_AT + HOUR_MS },
    ]);
    expect(setting.steps).toEqual([]);
    const gone = codeWith('a', { slot: 1, removingSince: SAMPLE_AT });
    expect(planOf([gone], [{ ...row, content: holding('1234') }], lock).steps).toHaveLength(1);
  });
});

describe('a lock is left alone', () => {
  test('before it is met', () => {
    expect(planOf([codeWith('a')], [], { capabilities: null })).toMatchObject({ steps: [], blocked: [] });
  });

  test('while it waits for its own retry, which wakes it', () => {
    const retryAt = SAMPLE_AT + MINUTE_MS;
    expect(planOf([codeWith('a')], [slotWith(1)], { retryAt })).toMatchObject({ steps: [], wakeAt: retryAt });
  });
});

describe('what is done first', () => {
  test('is what has to go, then what is due by its start, then what is ahead, then looks', () => {
    const codes = [
      codeWith('pool', { isBackup: true, pin: pinOf('6666') }),
      codeWith('ahead', { ...STAY, pin: pinOf('1111'), slot: 1 }),
      codeWith('later', { startsAt: SAMPLE_AT - 1, pin: pinOf('2222'), slot: 2 }),
      codeWith('younger', { pin: pinOf('3333'), slot: 3, createdAt: SAMPLE_AT + 1 }),
      codeWith('older', { pin: pinOf('4444'), slot: 4 }),
      codeWith('gone', { pin: pinOf('5555'), slot: 5, removingSince: SAMPLE_AT }),
    ];
    const slots = [1, 2, 3, 4, 5].map((slot) => {
      const owner = codes.find((code) => code.slot === slot)?.accessCodeId ?? null;
      return slotWith(slot, { owner, content: slot === 5 ? holding('5555') : { kind: 'empty' } });
    });
    const capabilities = { ...SCHEDULING, lastSlot: 7 };
    const all = [...slots, slotWith(6), slotWith(7, { content: UNKNOWN })];
    expect(planOf(codes, all, { capabilities, ...FRESH_CLOCK }).steps).toEqual([
      'gone: clear_slot 5, remove, window_ended_or_deleted',
      'older: set_pin 4, set, should_be_on_lock',
      'younger: set_pin 3, set, should_be_on_lock',
      'later: set_pin 2, set, should_be_on_lock',
      'ahead: set_schedule 1, preload, should_be_on_lock',
      'pool: set_pin 6, preload, should_be_on_lock',
      '-: read_slot 7, look, content_unknown',
    ]);
  });

  test('gives two new codes two slots, and a look to the third', () => {
    const codes = ['a', 'b', 'c'].map((id, index) => codeWith(id, { pin: pinOf(`111${index}`) }));
    expect(planOf(codes, [slotWith(1), slotWith(2)]).steps).toEqual([
      '-: read_slot 3, set, content_unknown',
      'a: set_pin 1, set, should_be_on_lock',
      'b: set_pin 2, set, should_be_on_lock',
    ]);
  });

  test('is to break a ring of codes that wait for each other, when nothing else is to be done', () => {
    const codes = [
      codeWith('a', { slot: 1, pin: pinOf('2222'), revision: 7 }),
      codeWith('b', { slot: 2, pin: pinOf('1111') }),
    ];
    const slots = [
      slotWith(1, { owner: 'a', content: holding('1111') }),
      slotWith(2, { owner: 'b', content: holding('2222') }),
    ];
    const ring = planOf(codes, slots);
    expect(ring.steps).toEqual(['b: clear_slot 2, set, gives_way_to_another_code']);
    expect(ring.wishes).toEqual(['b 1 ring']);
    const busy = planOf([...codes, codeWith('c', { pin: pinOf('3333') })], [...slots, slotWith(3)]);
    expect(busy.steps).toEqual(['c: set_pin 3, set, should_be_on_lock']);
    const chain = planOf([codes[0] ?? codeWith('a'), codeWith('b', { slot: 2, pin: pinOf('2222') })], slots);
    expect(chain.steps).toEqual([]);
  });
});

describe('a lock is woken', () => {
  test.each([
    ['at the lead of a code', { startsAt: SAMPLE_AT + DAY_MS }, SAMPLE_AT + DAY_MS - 30 * MINUTE_MS],
    ['at the start of a code', { startsAt: SAMPLE_AT + MINUTE_MS }, SAMPLE_AT + MINUTE_MS],
    [
      'at its end',
      { startsAt: SAMPLE_AT - 9 * DAY_MS, endsAt: SAMPLE_AT + 1000, everOnDevice: true },
      SAMPLE_AT + 1000,
    ],
    ['at its retry', { retryAt: SAMPLE_AT + 1000 }, SAMPLE_AT + 1000],
    ['when it is overdue', {}, SAMPLE_AT + 5 * MINUTE_MS],
  ])('%s', (_when, code, expected) => {
    expect(planOf([codeWith('a', code)], [slotWith(1)]).wakeAt).toBe(expected);
  });

  test('for nothing when nothing changes by itself', () => {
    const warnings = [{ code: 'delay_in_setting_on_device', message: '', createdAt: 0 }] as const;
    expect(planOf([codeWith('a', { warnings })], [slotWith(1)]).wakeAt).toBeNull();
    expect(planOf([], []).wakeAt).toBeNull();
  });

  test('when its budget of repeats is free again', () => {
    expect(planOf([], [], { repeatsBlockedUntil: SAMPLE_AT + 7 }).wakeAt).toBe(SAMPLE_AT + 7);
    expect(planOf([], [], { repeatsBlockedUntil: SAMPLE_AT - 7 }).wakeAt).toBeNull();
  });

  test('for the clock of a lock that holds a schedule', () => {
    const row = slotWith(1, { schedule: { kind: 'known', window: WINDOW } });
    const wakeOf = (lock: Partial<Lock>, rows: Slot[] = [row], at = SAMPLE_AT) =>
      planOf([], rows, { capabilities: SCHEDULING, ...lock }, exactly(at)).wakeAt;
    expect(wakeOf(FRESH_CLOCK)).toBe(SAMPLE_AT + HOUR_MS);
    const later = SAMPLE_AT + HOUR_MS;
    expect(wakeOf(FRESH_CLOCK, [row], later)).toBe(SAMPLE_AT + 36 * HOUR_MS);
    expect(wakeOf({ ...FRESH_CLOCK, clockUnreadable: true }, [row], later)).toBe(SAMPLE_AT + DAY_MS);
    const clockRead = { at: later, aheadMs: 0, staysWrong: false };
    expect(wakeOf({ ...FRESH_CLOCK, clockRead }, [row], later)).toBe(later + 36 * HOUR_MS);
    expect(wakeOf(FRESH_CLOCK, [slotWith(1)])).toBeNull();
    expect(wakeOf({ clockSet: null })).toBeNull();
    // New York goes to summer time on 8 March at 7:00 UTC.
    const change = Date.parse('2026-03-08T07:00:00Z');
    const clockSet = { at: change - 2 * HOUR_MS, offsetMinutes: -300, unconfirmed: 0 };
    expect(wakeOf({ clockSet }, [row], change - HOUR_MS + 1)).toBe(change);
  });
});
