import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import { explain } from '../../src/core/plan/explain.ts';
import type { Lock } from '../../src/core/lock.ts';
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
const LATER = SAMPLE_AT + DAY_MS;
const LATER_TEXT = '2026-03-03T12:00:00.000Z';
const STAY = { startsAt: LATER, endsAt: LATER + 2 * DAY_MS };
const END_TEXT = '2026-03-05T12:00:00.000Z';
const WINDOW = { start: '2026-03-03T07:00', stop: '2026-03-05T07:00' };
const UNKNOWN: SlotBelief = { kind: 'unknown' };
const DISABLED: SlotBelief = { kind: 'pin', pin: pinOf('1234'), enabled: false };
const ARMING = { ...PLAIN, disabledCodes: true };
const RIGHT_CLOCK = { clockSet: { at: SAMPLE_AT, offsetMinutes: -300, unconfirmed: 0 } };
const SCHEDULED = { kind: 'known', window: WINDOW } as const;
const FOREIGN = { unmanaged: { accessCodeId: 'x', since: 0 } };

interface Case {
  readonly code?: Partial<AccessCode>;
  /** Slot 1; its own when it is not named. */
  readonly row?: Partial<Slot>;
  readonly others?: readonly Slot[];
  readonly lock?: Partial<Lock>;
  readonly now?: TimeReading;
}

/** The code is in another slot, so that slot 1 is not its. */
const ELSEWHERE: Case = {
  code: { slot: 2 },
  others: [slotWith(2, { owner: 'a', content: holding('1234') })],
};

/** Code `a` of slot 1 on a lock that is there. */
function explained({ code = {}, row = {}, others = [], lock = {}, now = NOW }: Case) {
  const state = stateWith({
    lock: lockWith({ capabilities: PLAIN, online: true, ...lock }),
    codes: [codeWith('a', { slot: 1, ...code })],
    slots: [slotWith(1, { owner: 'a', ...row }), ...others],
  });
  const { codes, slots } = explain(state, POLICY, now);
  return { code: codes.get('a'), slot: slots.get(1), slots };
}

describe('why a code is where it is', () => {
  test.each<[string, string, number | null, Case]>([
    [
      'rejected',
      'ends_at: is in the past.',
      null,
      {
        code: {
          pin: null,
          slot: null,
          rejected: { code: 'invalid_input', message: 'ends_at: is in the past.' },
        },
      },
    ],
    ['lock_not_met', 'No radio of this hub has met this lock yet.', null, { lock: { capabilities: null } }],
    [
      'waits_for_its_time',
      'It goes on the lock at 2026-03-03T11:30:00.000Z.',
      LATER - 30 * MINUTE_MS,
      {
        code: { ...STAY, slot: null },
        row: { owner: null },
      },
    ],
    [
      'waits_for_its_time',
      `It goes on the lock at ${LATER_TEXT}.`,
      LATER,
      {
        code: { startsAt: LATER + 3 * DAY_MS, slot: null },
        row: { owner: null },
        lock: { capabilities: ARMING },
      },
    ],
    [
      'left_as_edited',
      'Somebody changed it at the lock, which this code allows; it is left so until its end.',
      null,
      {
        code: { externallyModified: true, allowExternalModification: true },
      },
    ],
    [
      'armed',
      'It is on the lock, disabled, and is enabled at 2026-03-03T11:30:00.000Z.',
      LATER - 30 * MINUTE_MS,
      {
        code: STAY,
        row: { content: DISABLED },
        lock: { capabilities: ARMING },
      },
    ],
    [
      'on_lock',
      `It is on the lock, which opens to it by its own schedule from ${LATER_TEXT}.`,
      LATER,
      {
        code: STAY,
        row: { content: holding('1234'), schedule: SCHEDULED },
        lock: { capabilities: SCHEDULING, ...RIGHT_CLOCK },
      },
    ],
    [
      'on_lock',
      `It is on the lock, until ${END_TEXT}.`,
      STAY.endsAt,
      {
        code: STAY,
        row: { content: holding('1234'), schedule: SCHEDULED },
        lock: { capabilities: SCHEDULING, ...RIGHT_CLOCK },
        now: exactly(LATER),
      },
    ],
    [
      'on_lock',
      'It is on the lock, until 2026-03-05T12:00:59.999Z; the lock, which keeps whole minutes, opens to it until 2026-03-05T07:00 by its own clock.',
      STAY.endsAt + 59_999,
      {
        code: { ...STAY, endsAt: STAY.endsAt + 59_999 },
        row: { content: holding('1234'), schedule: SCHEDULED },
        lock: { capabilities: SCHEDULING, ...RIGHT_CLOCK },
        now: exactly(LATER),
      },
    ],
    ['on_lock', 'It is on the lock, until it is removed.', null, { row: { content: holding('1234') } }],
    [
      'retry_later',
      `The last 4 attempts failed; the next one is at ${new Date(SAMPLE_AT + 60_000).toISOString()}.`,
      SAMPLE_AT + 60_000,
      {
        code: { failures: 4, retryAt: SAMPLE_AT + 60_000 },
      },
    ],
    [
      'refused_by_lock',
      'The lock refuses it (no such digits), until something changes.',
      null,
      {
        code: { refused: { reason: 'pin_format', message: 'no such digits' } },
      },
    ],
    [
      'refused_by_lock',
      'The lock refuses it, until something changes.',
      null,
      {
        code: { slot: 9 },
        others: [slotWith(9, { owner: 'a' })],
      },
    ],
    [
      'duplicate_on_lock',
      'Slot 3 of the lock holds the same PIN.',
      null,
      {
        others: [slotWith(3, { content: holding('1234'), ...FOREIGN })],
      },
    ],
    [
      'hub_clock_uncertain',
      'The lock needs the time for its schedule, and the hub does not know it well enough.',
      null,
      {
        code: STAY,
        lock: { capabilities: SCHEDULING },
        now: { earliest: SAMPLE_AT, latest: SAMPLE_AT + MINUTE_MS },
      },
    ],
    [
      'hub_clock_uncertain',
      'The hub does not know the time well enough to say whether its window is open, so nothing is changed.',
      null,
      {
        code: { startsAt: SAMPLE_AT + HOUR_MS },
        now: { earliest: SAMPLE_AT, latest: SAMPLE_AT + HOUR_MS },
      },
    ],
    [
      'write_budget_spent',
      `The lock was written so often without success that the hub holds back until ${new Date(SAMPLE_AT + 1000).toISOString()}.`,
      SAMPLE_AT + 1000,
      {
        row: {
          tried: triedOften({ kind: 'set_pin', slot: 1, pin: pinOf('1234'), enabled: true }, 'a 1 on '),
        },
        lock: { repeatsBlockedUntil: SAMPLE_AT + 1000 },
      },
    ],
    [
      'lock_unreachable',
      'The lock does not answer; it is asked again within minutes, and is heard at once when it is back.',
      null,
      { lock: { online: false } },
    ],
    [
      'lock_unreachable',
      'The lock does not answer; it is asked again within minutes, and is heard at once when it is back.',
      SAMPLE_AT + 1000,
      {
        lock: { retryAt: SAMPLE_AT + 1000 },
      },
    ],
    ['should_be_on_lock', 'The PIN is written to slot 1 next: it should be on the lock.', null, {}],
    [
      'edited_at_the_lock',
      'The PIN is written to slot 1 next: somebody changed it at the lock.',
      null,
      { code: { externallyModified: true } },
    ],
    [
      'armed_ahead',
      'The PIN is written to slot 1 next, disabled: it is put there ahead of its time and does not open yet.',
      null,
      {
        code: STAY,
        lock: { capabilities: ARMING },
      },
    ],
    [
      'window_ended_or_deleted',
      'Slot 1 is cleared next: its time is over, or it was deleted.',
      null,
      {
        code: { removingSince: SAMPLE_AT },
        row: { content: holding('1234') },
      },
    ],
    [
      'not_yet_due',
      'Slot 1 is cleared next: its time has not come.',
      null,
      {
        code: { startsAt: LATER },
        row: { content: holding('1234') },
      },
    ],
    [
      'content_unknown',
      'Slot 1 is read next: nobody knows what is there.',
      null,
      { row: { content: UNKNOWN } },
    ],
    [
      'should_be_on_lock',
      'The schedule of slot 1 is written next: it should be on the lock.',
      null,
      {
        code: STAY,
        lock: { capabilities: SCHEDULING, ...RIGHT_CLOCK },
      },
    ],
    [
      'should_be_on_lock',
      'The schedule of slot 1 is written next: it should be on the lock.',
      null,
      {
        row: { schedule: SCHEDULED },
        lock: { capabilities: SCHEDULING, ...RIGHT_CLOCK },
      },
    ],
    [
      'lock_clock_not_set',
      'The clock of the lock is set next: it has to be right for schedules.',
      null,
      {
        code: STAY,
        lock: { capabilities: SCHEDULING },
      },
    ],
    [
      'content_unknown',
      'A slot of the lock is read before this code is written.',
      null,
      {
        code: { slot: null },
        row: { owner: null, content: UNKNOWN },
        others: [2, 3, 4, 5].map((slot) => slotWith(slot, { owner: 'x' })),
      },
    ],
  ])('%s: %s', (reason, message, at, given) => {
    expect(explained(given).code).toEqual({ reason, message, at });
  });

  test('with those who hold the slots that it does not find', () => {
    const others = [2, 3, 4, 5].map((slot) => slotWith(slot, { content: holding(`999${slot}`), ...FOREIGN }));
    const row = { owner: null, content: holding('9991'), ...FOREIGN };
    const { code } = explained({ code: { slot: null }, row, others });
    expect(code?.reason).toBe('no_space');
    expect(code?.message).toMatch(/5 slots/);
    const ahead = explained({ code: { ...STAY, slot: null }, row, others }).code;
    expect(ahead?.message).toMatch(/^It goes on the lock at 2026-03-03T11:30:00\.000Z\. .*5 slots/);
  });
});

describe('why a slot holds what it holds', () => {
  test.each<[string, string, Case]>([
    ['should_be_on_lock', 'The PIN is written to slot 1 next: it should be on the lock.', {}],
    [
      'lock_unreachable',
      'The lock does not answer; it is asked again within minutes, and is heard at once when it is back.',
      { lock: { online: false } },
    ],
    [
      'not_managed',
      'It holds a code that this hub did not put there; it is left alone.',
      {
        ...ELSEWHERE,
        row: { owner: null, content: holding('9999'), ...FOREIGN },
      },
    ],
    ['kept_for_code', 'It is kept for a.', { row: { content: holding('1234') } }],
    [
      'kept_for_code',
      'It is kept for Cleaner.',
      { code: { name: 'Cleaner' }, row: { content: holding('1234') } },
    ],
    [
      'free',
      'It was empty when it was last read.',
      { code: { slot: 2 }, row: { owner: null }, others: [slotWith(2, { owner: 'a' })] },
    ],
    [
      'content_unknown',
      'Nobody has read it.',
      { lock: { capabilities: null }, row: { owner: null, content: UNKNOWN } },
    ],
    [
      'not_managed',
      'The hub cannot use this slot.',
      { ...ELSEWHERE, row: { owner: null, content: { kind: 'masked', enabled: true } } },
    ],
    [
      'not_managed',
      'The hub cannot use this slot.',
      { ...ELSEWHERE, row: { owner: null, content: holding('9999') } },
    ],
  ])('%s: %s', (reason, message, given) => {
    expect(explained(given).slot).toEqual({ reason, message, at: null });
  });

  test('of every slot that the hub knows something of', () => {
    expect([...explained({ others: [slotWith(4)] }).slots.keys()]).toEqual([1, 4]);
  });
});

test('a clock that is looked at and an audit say so where they concern a slot', () => {
  const audit = { dueSince: SAMPLE_AT, doneAt: null, framesLeft: 60, isReading: false, refillAt: LATER };
  const row = { content: holding('1234'), provenAt: SAMPLE_AT - 1 };
  expect(explained({ row, lock: { audit } }).slot).toEqual({
    reason: 'audit',
    message: 'Slot 1 is read next: the table is compared with the lock from time to time.',
    at: null,
  });
});
