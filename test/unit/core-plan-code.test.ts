import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { Lock } from '../../src/core/lock.ts';
import { stepFor } from '../../src/core/plan/plan-code.ts';
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
const OWN = holding('1234');
const DISABLED: SlotBelief = { kind: 'pin', pin: pinOf('1234'), enabled: false };
const ARMING = { capabilities: { ...PLAIN, disabledCodes: true } };
const AHEAD = { startsAt: SAMPLE_AT + DAY_MS, endsAt: SAMPLE_AT + 3 * DAY_MS };

/** The next step of the first of these codes. */
function step(
  codes: readonly AccessCode[],
  slots: readonly Slot[],
  lock: Partial<Lock> = {},
  now: TimeReading = NOW,
) {
  const [code] = codes;
  if (code === undefined) throw new Error('a code is asked for');
  const known = lockWith({ capabilities: PLAIN, online: true, ...lock });
  const state = stateWith({ lock: known, codes, slots });
  const capabilities = known.capabilities ?? PLAIN;
  return stepFor(code, { state, capabilities, policy: POLICY, now, taken: new Set() });
}

describe('a code whose PIN another slot has', () => {
  const rival = codeWith('late', { slot: 2, revision: 3, ...AHEAD });
  const armed = slotWith(2, { owner: 'late', content: DISABLED });

  test('has the one give way that is only armed there', () => {
    expect(step([codeWith('a'), rival], [slotWith(1), armed], ARMING)).toEqual({
      operation: { kind: 'clear_slot', slot: 2 },
      accessCodeId: 'late',
      wish: 'late 3 gives way',
      priority: 'set',
      reason: 'gives_way_to_another_code',
    });
  });

  test.each<[string, Partial<AccessCode>, Partial<Slot>]>([
    ['is to be open there', { startsAt: null, endsAt: null }, {}],
    ['has to go from there', { removingSince: SAMPLE_AT }, {}],
    ['is nobody’s', {}, { owner: null, unmanaged: { accessCodeId: 'x', since: 0 } }],
  ])('waits for the one that %s', (_which, other, row) => {
    const codes = [codeWith('a'), { ...rival, ...other }];
    expect(step(codes, [slotWith(1), { ...armed, ...row }], ARMING)).toEqual({
      accessCodeId: 'a',
      because: 'duplicate_on_lock',
      slot: 2,
      until: null,
    });
  });

  test('waits for the next look at one of which nobody knows any more what it holds', () => {
    const retryAt = SAMPLE_AT + HOUR_MS;
    const codes = [codeWith('a'), { ...rival, failures: 3, retryAt }];
    const unread: Partial<Slot> = {
      content: { kind: 'unknown' },
      pending: { pin: pinOf('1234'), overEmpty: false },
    };
    expect(step(codes, [slotWith(1), { ...armed, ...unread }], ARMING)).toEqual({
      accessCodeId: 'a',
      because: 'retry_later',
      slot: 2,
      until: retryAt,
    });
  });

  test('is not armed beside it: what its own slot holds is cleared, and it waits empty', () => {
    const codes = [codeWith('a', { slot: 1, ...AHEAD }), codeWith('b', { slot: 2 })];
    const other = slotWith(2, { owner: 'b', content: OWN });
    const own = slotWith(1, { owner: 'a' });
    expect(step(codes, [own, other], ARMING)).toBeNull();
    expect(step([codeWith('a', AHEAD), ...codes.slice(1)], [other], ARMING)).toBeNull();
    const old: SlotBelief = { kind: 'pin', pin: pinOf('9999'), enabled: false };
    expect(step(codes, [{ ...own, content: old }, other], ARMING)).toMatchObject({
      operation: { kind: 'clear_slot', slot: 1 },
      wish: 'a 1 waiting',
      priority: 'remove',
      reason: 'not_yet_due',
    });
  });
});

describe('a code whose PIN another code needs that is on no slot yet', () => {
  const due = codeWith('due', { slot: 2, failures: 3, retryAt: SAMPLE_AT + HOUR_MS });
  const unread = slotWith(2, { owner: 'due', content: { kind: 'unknown' } });
  const ahead = codeWith('ahead', AHEAD);

  test('is not armed before that one has its place', () => {
    const empty = slotWith(1, { owner: 'ahead' });
    expect(step([ahead, due], [unread], ARMING)).toBeNull();
    expect(step([{ ...ahead, slot: 1 }, due], [empty, unread], ARMING)).toBeNull();
  });

  test.each<[string, Partial<AccessCode>]>([
    ['is only ahead too', { ...AHEAD, startsAt: SAMPLE_AT + 2 * DAY_MS }],
    ['has to go', { removingSince: SAMPLE_AT }],
    ['has another PIN', { pin: pinOf('8765') }],
  ])('is armed beside one that %s', (_which, other) => {
    expect(step([ahead, { ...due, ...other }], [slotWith(1), unread], ARMING)).toMatchObject({
      operation: { kind: 'set_pin', slot: 1, enabled: false },
      reason: 'armed_ahead',
    });
  });
});

describe('a code that was moved into the future while its old PIN opens', () => {
  const own = slotWith(1, { owner: 'a', content: holding('9999') });
  const moved = codeWith('a', { slot: 1, ...AHEAD });

  test('has the new PIN armed over it', () => {
    expect(step([moved], [own], ARMING)).toMatchObject({
      operation: { kind: 'set_pin', slot: 1, pin: pinOf('1234'), enabled: false },
      priority: 'remove',
      reason: 'not_yet_due',
    });
  });

  test.each<[string, Partial<AccessCode>, readonly Slot[]]>([
    ['another slot has the new one', {}, [slotWith(2, { content: OWN })]],
    ['the lock refused the new one', { refused: { reason: 'duplicate_pin', message: 'no' } }, []],
  ])('is cleared where %s', (_which, code, others) => {
    expect(step([{ ...moved, ...code }], [own, ...others], ARMING)).toMatchObject({
      operation: { kind: 'clear_slot', slot: 1 },
      wish: 'a 1 waiting',
      priority: 'remove',
      reason: 'not_yet_due',
    });
  });
});

describe('a schedule for a lock whose clock the hub can not set', () => {
  const unsure = { earliest: SAMPLE_AT, latest: SAMPLE_AT + MINUTE_MS };
  const begun = { startsAt: SAMPLE_AT, endsAt: SAMPLE_AT + DAY_MS };
  const lock = { capabilities: SCHEDULING };

  test('is left out once the window is open for certain', () => {
    expect(
      step([codeWith('a', { ...begun, slot: 1 })], [slotWith(1, { owner: 'a' })], lock, unsure),
    ).toMatchObject({
      operation: { kind: 'set_pin', slot: 1, enabled: true },
      wish: `a 1 open ${SAMPLE_AT}`,
      priority: 'set',
      reason: 'should_be_on_lock',
    });
  });

  test('is waited with before that, and not left out where the clock is right anyway', () => {
    const ahead = { startsAt: SAMPLE_AT + HOUR_MS, endsAt: SAMPLE_AT + DAY_MS, slot: 1 };
    const slots = [slotWith(1, { owner: 'a' })];
    expect(step([codeWith('a', ahead)], slots, lock, unsure)).toMatchObject({
      because: 'hub_clock_uncertain',
      slot: 1,
    });
    const clockSet = { at: SAMPLE_AT - HOUR_MS, offsetMinutes: -300, unconfirmed: 0 };
    expect(step([codeWith('a', ahead)], slots, { ...lock, clockSet }, unsure)).toMatchObject({
      operation: { kind: 'set_schedule', slot: 1 },
    });
  });

  test('asks for a look at a clock that was not looked at for a day, because the lock is spoken to anyway', () => {
    const clockSet = { at: SAMPLE_AT - 30 * HOUR_MS, offsetMinutes: -300, unconfirmed: 0 };
    const slots = [slotWith(1, { owner: 'a' })];
    expect(step([codeWith('a', { ...begun, slot: 1 })], slots, { ...lock, clockSet })).toMatchObject({
      operation: { kind: 'read_clock' },
      accessCodeId: 'a',
      reason: 'lock_clock_check',
    });
  });
});

describe('a slot that somebody fights for', () => {
  const set = { kind: 'set_pin', slot: 1, pin: pinOf('1234'), enabled: true } as const;
  const spent = { repeatsBlockedUntil: SAMPLE_AT + HOUR_MS };
  const fought: Partial<Slot> = {
    owner: 'a',
    content: holding('9999'),
    recheck: 'edited',
    tried: triedOften(set, 'a 1 on '),
  };

  function fight(code: Partial<AccessCode>, row: Partial<Slot> = {}, lock: Partial<Lock> = spent) {
    const a = codeWith('a', { slot: 1, externallyModified: true, ...code });
    return step([a], [slotWith(1, { ...fought, ...row })], lock);
  }

  test('is not even looked at while nothing may be put back', () => {
    expect(fight({})).toEqual({
      accessCodeId: 'a',
      because: 'write_budget_spent',
      slot: 1,
      until: SAMPLE_AT + HOUR_MS,
    });
  });

  const LOOK = { operation: { kind: 'read_slot', slot: 1 }, wish: 'a 1 on ', reason: 'content_unknown' };

  test.each<[string, Partial<AccessCode>, Partial<Slot>, Partial<Lock>]>([
    ['the budget is not spent', {}, {}, {}],
    ['nobody edited the code', { externallyModified: false }, {}, spent],
    ['it was not written often', {}, { tried: [] }, spent],
    ['something new is asked for', { revision: 2 }, {}, spent],
  ])('is looked at when %s', (_when, code, row, lock) => {
    const wish = code.revision === 2 ? 'a 2 on ' : LOOK.wish;
    expect(fight(code, row, lock)).toMatchObject({ ...LOOK, wish });
  });
});

test('a code is as urgent as any from the instant of its start on, and a stock of the hub never', () => {
  const slots = [slotWith(1)];
  const due = (code: Partial<AccessCode>) => step([codeWith('a', code)], slots);
  expect(due({ startsAt: SAMPLE_AT })).toMatchObject({ priority: 'set' });
  expect(due({ startsAt: SAMPLE_AT + 1 })).toMatchObject({ priority: 'preload' });
  expect(due({ isBackup: true })).toMatchObject({ priority: 'preload' });
});
