import { describe, expect, test } from 'vitest';
import { plainRequest, type AccessCode, type AccessCodeRequest } from '../../src/core/access-code.ts';
import type { Capabilities } from '../../src/core/capability.ts';
import { takenPins } from '../../src/core/request/clash.ts';
import { refusalOf, sameRequest, wasAccepted } from '../../src/core/request/request.ts';
import { DAY_MS } from '../../src/core/time.ts';
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
const MONDAY = { days: ['monday'], start: '09:00', stop: '12:00' } as const;
const REJECTED = { code: 'invalid_input', message: 'no' } as const;

function refused(
  request: Partial<AccessCodeRequest>,
  { capabilities = PLAIN, previous }: { capabilities?: Capabilities; previous?: Partial<AccessCode> } = {},
): string | null {
  const before = previous && codeWith('a', previous);
  const asked = { ...plainRequest('a'), pin: pinOf('1234'), ...request };
  const refusal = refusalOf(asked, before, lockWith({ capabilities }), POLICY, NOW);
  return refusal === null ? null : `${refusal.code}: ${refusal.message}`;
}

/** The same request with nothing of it shared. */
function retold(request: AccessCodeRequest): AccessCodeRequest {
  return {
    ...request,
    pin: pinOf('1234'),
    weeklyWindows: request.weeklyWindows?.map((window) => ({ ...window, days: [...window.days] })) ?? null,
  };
}

describe('a request', () => {
  test.each([
    ['without an end', { startsAt: STAY.startsAt }],
    ['that began long ago', { startsAt: 0 }],
    ['that ends in a millisecond', { startsAt: 0, endsAt: SAMPLE_AT + 1 }],
    ['for a millisecond', { startsAt: STAY.startsAt, endsAt: STAY.startsAt + 1 }],
    ['for a thousand uses', { maxUses: 1000 }],
    ['for one use', { maxUses: 1 }],
    ['with a backup', { ...STAY, useBackupPool: true }],
    ['of every week', { weeklyWindows: [MONDAY] }],
    [
      'of every week within a window',
      { startsAt: SAMPLE_AT, endsAt: SAMPLE_AT + 7 * DAY_MS, weeklyWindows: [MONDAY] },
    ],
  ] as [string, Partial<AccessCodeRequest>][])('%s is taken', (_what, request) => {
    expect(refused(request)).toBeNull();
  });

  const needsDay = 'invalid_input: weekly_windows: each needs a day, and at least one window is needed.';
  const neverOpens = 'invalid_input: weekly_windows: none of them opens between starts_at and ends_at.';
  const uses = 'invalid_input: max_uses: must be a whole number from 1 to 1000.';

  test.each([
    ['invalid_input: ends_at: needs starts_at as well.', { endsAt: STAY.endsAt }],
    ['invalid_input: ends_at: must be after starts_at.', { startsAt: STAY.endsAt, endsAt: STAY.endsAt }],
    ['invalid_input: ends_at: must be after starts_at.', { startsAt: STAY.endsAt, endsAt: STAY.startsAt }],
    ['invalid_input: ends_at: is in the past.', { startsAt: 0, endsAt: SAMPLE_AT }],
    [needsDay, { weeklyWindows: [] }],
    [needsDay, { weeklyWindows: [MONDAY, { ...MONDAY, days: [] }] }],
    // Tuesday and Wednesday.
    [neverOpens, { ...STAY, weeklyWindows: [MONDAY] }],
    [uses, { maxUses: 0 }],
    [uses, { maxUses: 1.5 }],
    [uses, { maxUses: 1001 }],
    [
      'invalid_input: use_backup_access_code_pool: is for codes with starts_at and ends_at.',
      { useBackupPool: true, startsAt: STAY.startsAt },
    ],
    ['code_constraints_violated: code: this lock takes 4 to 8 digits.', { pin: pinOf('123456789') }],
  ] as [string, Partial<AccessCodeRequest>][])('is refused: %s', (expected, request) => {
    expect(refused(request)).toBe(expected);
  });

  test('that a lock does not take is refused with all of its rules', () => {
    const capabilities: Capabilities = {
      ...PLAIN,
      constraints: [{ type: 'no_zeros' }, { type: 'no_all_same_digits' }],
    };
    expect(refused({ pin: pinOf('0000') }, { capabilities })).toBe(
      'code_constraints_violated: code: the digit 0 must not be in it, and its digits must not all be the same.',
    );
  });

  test('is not held against what was accepted before', () => {
    const strict: Capabilities = {
      ...PLAIN,
      constraints: [
        { type: 'no_zeros' },
        { type: 'start_date_in_future' },
        { type: 'cannot_specify_pin_code' },
      ],
    };
    const past = { startsAt: SAMPLE_AT - 1, endsAt: STAY.endsAt };
    const previous = { ...past, pin: pinOf('1000') };
    const asked = { ...past, pin: pinOf('1000') };
    expect(refused(asked, { capabilities: strict, previous })).toBeNull();
    expect(refused(asked, { capabilities: strict, previous: { ...previous, startsAt: 0 } })).toBe(
      'code_constraints_violated: starts_at: this lock wants a start in the future.',
    );
    expect(refused({ ...past, pin: pinOf('2000') }, { capabilities: strict, previous })).toBe(
      'code_constraints_violated: code: must be left out, the hub makes the PINs of this lock up.',
    );
    expect(refused({ startsAt: 0, pin: null }, { capabilities: strict })).toBeNull();
  });
});

describe('a request is the one of before', () => {
  const code = codeWith('a', {
    ...STAY,
    weeklyWindows: [MONDAY, { ...MONDAY, days: ['friday'] }],
    name: 'Ann',
  });

  test('when it says the same in other words', () => {
    expect(sameRequest(code, retold(code))).toBe(true);
    expect(sameRequest(code, { ...retold(code), pin: null })).toBe(true);
  });

  test.each([
    { pin: pinOf('4321') },
    { name: 'Bob' },
    { preferredCodeLength: 6 },
    { commonCodeKey: 'family' },
    { startsAt: 1 },
    { endsAt: 1 },
    { preferNativeScheduling: false },
    { allowExternalModification: true },
    { strictStart: true },
    { useBackupPool: true },
    { maxUses: 1 },
    { weeklyWindows: null },
    { weeklyWindows: [MONDAY] },
    { weeklyWindows: [MONDAY, MONDAY] },
    { weeklyWindows: [MONDAY, { ...MONDAY, days: ['friday'], start: '08:00' }] },
    { weeklyWindows: [MONDAY, { ...MONDAY, days: ['friday'], stop: '13:00' }] },
    { weeklyWindows: [MONDAY, { ...MONDAY, days: ['friday'] }, MONDAY] },
  ] as Partial<AccessCodeRequest>[])('unless it differs in one thing (%#)', (change) => {
    expect(sameRequest(code, { ...code, ...change })).toBe(false);
  });

  test('unless that was refused from the start', () => {
    const never = codeWith('a', { pin: null, rejected: REJECTED });
    expect(sameRequest(never, never)).toBe(false);
    expect(wasAccepted(never)).toBe(false);
    expect(wasAccepted(codeWith('a', { rejected: REJECTED }))).toBe(true);
    expect(wasAccepted(codeWith('a', { pin: null }))).toBe(true);
    expect(wasAccepted({ ...never, isPinDrawn: true })).toBe(true);
    expect(sameRequest(codeWith('a', { pin: null }), { ...plainRequest('a'), pin: pinOf('1234') })).toBe(
      false,
    );
  });
});

test('a PIN is taken by any code, slot or write under way of any of the locks', () => {
  const isTaken = takenPins([
    stateWith({ codes: [codeWith('a', { pin: pinOf('1111') }), codeWith('b', { pin: null })] }),
    stateWith({
      slots: [
        slotWith(1, { content: holding('2222') }),
        slotWith(2, { content: holding('3333'), pending: { pin: pinOf('4444'), overEmpty: false } }),
        slotWith(3, { content: { kind: 'masked', enabled: true } }),
      ],
    }),
  ]);
  const digits = ['1111', '2222', '3333', '4444', '5555'];
  expect(digits.filter((text) => isTaken(pinOf(text)))).toEqual(['1111', '2222', '3333', '4444']);
});
