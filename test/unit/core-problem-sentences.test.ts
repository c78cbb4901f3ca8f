import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { Lock } from '../../src/core/lock.ts';
import { deviceProblemsOf } from '../../src/core/problems/device-problems.ts';
import type { Blocked } from '../../src/core/plan/planned.ts';
import { problemsOf } from '../../src/core/problems/problems.ts';
import type { Slot, SlotBelief } from '../../src/core/slot.ts';
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

const AT = SAMPLE_AT + DAY_MS;
const NOW = exactly(AT);
const UNKNOWN: SlotBelief = { kind: 'unknown' };
const DISABLED: SlotBelief = { kind: 'pin', pin: pinOf('1234'), enabled: false };
const LATER = { startsAt: AT + DAY_MS };

interface Case {
  readonly code?: Partial<AccessCode>;
  /** Slot 1, which is the code's. */
  readonly row?: Partial<Slot>;
  readonly lock?: Partial<Lock>;
  readonly others?: readonly AccessCode[];
  readonly blocked?: Partial<Blocked>;
}

/** What is wrong with code `a`, which has been as it is for a second. */
function problems({ code = {}, row = {}, lock = {}, others = [], blocked }: Case) {
  const whole = codeWith('a', { slot: 1, status: 'setting', statusSince: AT - 1000, ...code });
  const state = stateWith({
    lock: lockWith({ capabilities: PLAIN, online: true, ...lock }),
    codes: [whole, ...others],
    slots: [slotWith(1, { owner: 'a', ...row })],
  });
  const why = blocked && {
    accessCodeId: 'a',
    because: 'no_space' as const,
    slot: null,
    until: null,
    ...blocked,
  };
  return problemsOf(whole, state, why, POLICY, NOW);
}

function listed(found: readonly { readonly code: string; readonly message: string }[]): readonly string[] {
  return found.map(({ code, message }) => `${code}: ${message}`);
}

const FAILED_TO_SET =
  'failed_to_set_on_device: Programming the lock failed several times; it is tried again.';
const FAILED_TO_REMOVE =
  'failed_to_remove_from_device: Taking the code off the lock failed several times; it is tried again.';
const FULL = 'no_space_for_access_code_on_device: Every slot of the lock is taken.';
const UNCONFIRMED =
  'access_code_state_unconfirmed: The lock was written to and has not said what became of it. It is read as soon as it answers.';
const EDITED =
  'code_modified_external_to_seam: Somebody changed or removed this code at the lock; it is being put back.';

describe('an error of a code', () => {
  test.each<[string, readonly string[], Case]>([
    ['is none at first', [], {}],
    ['is none after two failures', [], { code: { failures: 2 } }],
    ['is a third failure', [FAILED_TO_SET], { code: { failures: 3 } }],
    [
      'is a third failure to remove',
      [FAILED_TO_REMOVE],
      {
        code: { failures: 3, removingSince: AT },
        row: { content: holding('1234') },
      },
    ],
    [
      'is a third failure to take it off for a while',
      [FAILED_TO_REMOVE],
      {
        code: { failures: 3, ...LATER },
        row: { content: holding('1234') },
      },
    ],
    ['is about putting it back once it has left', [FAILED_TO_SET], { code: { failures: 3, ...LATER } }],
    [
      'is a lock that gives it no slot because it does not answer',
      [FAILED_TO_SET],
      {
        code: { slot: null },
        lock: { failures: 3, retryAt: AT + 1 },
      },
    ],
    ['is none of a code that has its slot', [], { lock: { failures: 3, retryAt: AT + 1 } }],
    [
      'is none of a code that waits for its time',
      [],
      {
        code: { slot: null, ...LATER },
        lock: { failures: 3, retryAt: AT + 1 },
      },
    ],
    [
      'is none of a lock that is gone',
      [],
      {
        code: { slot: null },
        lock: { failures: 3, retryAt: AT + 1, online: false },
      },
    ],
    ['is a full lock', [FULL], { code: { slot: null }, blocked: { because: 'no_space' } }],
    ['is a full lock at its start', [FULL], { code: { slot: null, startsAt: AT }, blocked: {} }],
    ['is none before its start', [], { code: { slot: null, startsAt: AT + 1 }, blocked: {} }],
    [
      'is none while another is on its way off',
      [],
      {
        code: { slot: null },
        others: [codeWith('b', { slot: 2, removingSince: AT })],
        blocked: {},
      },
    ],
    [
      'is none while the pool can give way',
      [],
      {
        code: { slot: null },
        others: [codeWith('b', { slot: 2, isBackup: true })],
        blocked: {},
      },
    ],
    [
      'is a full lock when the other does not come off',
      [FULL],
      {
        code: { slot: null },
        others: [codeWith('b', { slot: 2, removingSince: AT, failures: 3 })],
        blocked: {},
      },
    ],
    [
      'is a full lock when nobody leaves',
      [FULL],
      {
        code: { slot: null },
        others: [codeWith('b', { slot: 2 }), codeWith('c', { removingSince: AT })],
        blocked: {},
      },
    ],
    ['is none of another wait', [], { code: { slot: null }, blocked: { because: 'retry_later' } }],
    [
      'is what the lock says of its room',
      ['no_space_for_access_code_on_device: The lock says that it has no room left.'],
      {
        code: { refused: { reason: 'no_space', message: '' } },
      },
    ],
    [
      'is what the lock says of the PIN',
      ['code_constraints_violated: The lock does not take this PIN: too long'],
      {
        code: { refused: { reason: 'pin_format', message: 'too long' } },
      },
    ],
    [
      'is that the lock has the PIN, wherever',
      [
        'duplicate_code_on_device: The lock refuses this PIN because another of its slots has it. Choose another PIN.',
      ],
      { code: { refused: { reason: 'duplicate_pin', message: '' } } },
    ],
    [
      'is none of a schedule that was refused',
      [],
      { code: { refused: { reason: 'unsupported', message: '' } } },
    ],
    [
      'is what was wrong with the request',
      ['invalid_input: no'],
      { code: { rejected: { code: 'invalid_input', message: 'no' } } },
    ],
    ['is an edit by somebody else', [EDITED], { code: { externallyModified: true } }],
    [
      'is an edit by somebody else, also before it has a slot again',
      [EDITED],
      { code: { externallyModified: true, slot: null } },
    ],
    [
      'is none of an edit that is allowed',
      [],
      { code: { externallyModified: true, allowExternalModification: true } },
    ],
    ['is none of an edit of what has to go', [], { code: { externallyModified: true, removingSince: AT } }],
    [
      'is a write that nobody could confirm',
      [UNCONFIRMED],
      { row: { content: UNKNOWN, writtenAt: AT }, lock: { failures: 2 } },
    ],
    [
      'is none before somebody looked',
      [],
      { row: { content: UNKNOWN, writtenAt: AT }, lock: { failures: 1 } },
    ],
    ['is none of a slot that was never written', [], { row: { content: UNKNOWN }, lock: { failures: 2 } }],
    ['is none of a slot that is known', [], { row: { writtenAt: AT }, lock: { failures: 2 } }],
  ])('%s', (_what, expected, given) => {
    expect(listed(problems(given).errors)).toEqual(expected);
  });

  test.each([
    ['modified', { content: holding('9999') }, {}],
    ['removed', { content: { kind: 'empty' } }, {}],
    ['removed', {}, { slot: null }],
  ] as [string, Partial<Slot>, Partial<AccessCode>][])('tells that it was %s', (changeType, row, code) => {
    const { errors } = problems({ code: { externallyModified: true, ...code }, row });
    expect(errors[0]?.details).toEqual({ changeType });
    const again = problems({
      code: { externallyModified: true, errors, ...code },
      row: { content: holding('8888') },
    });
    expect(again.errors).toBe(errors);
  });
});

const REMOVING = 'being_deleted: The code is being taken off the lock.';
const STILL_THERE = 'delay_in_removing_from_device: The lock still holds this code';
const DELAYED = 'delay_in_setting_on_device: The code should be on the lock and is not yet.';
const INACTIVE = 'access_code_inactive: The code is on the lock but disabled, so it does not open.';
const OVERDUE = { statusSince: AT - 5 * MINUTE_MS };

describe('a warning of a code', () => {
  test.each<[string, readonly string[], Case]>([
    ['is none at first', [], {}],
    ['is that it is being deleted', [REMOVING], { code: { removingSince: AT - MINUTE_MS + 1 } }],
    [
      'is that it takes long to be deleted',
      [REMOVING, `${STILL_THERE}.`],
      { code: { removingSince: AT - MINUTE_MS } },
    ],
    ['is that it takes long to be set', [DELAYED], { code: OVERDUE }],
    ['is none of a code that is there', [], { code: OVERDUE, row: { content: holding('1234') } }],
    ['is none of a code that is not being set', [], { code: { ...OVERDUE, status: 'set' } }],
    ['is none of a code that waits for its time', [], { code: { ...OVERDUE, ...LATER } }],
    [
      'is that it takes long to leave',
      [`${STILL_THERE}, although its time has not come or is over.`],
      {
        code: { statusSince: AT - MINUTE_MS, failures: 1, ...LATER },
        row: { content: holding('1234') },
      },
    ],
    [
      'is that it cannot leave a lock that is gone',
      [`${STILL_THERE}, although its time has not come or is over.`],
      {
        code: { statusSince: AT - MINUTE_MS, ...LATER },
        row: { content: holding('1234') },
        lock: { online: false },
      },
    ],
    [
      'is none of a code that leaves soon',
      [],
      {
        code: { statusSince: AT - MINUTE_MS + 1, failures: 1, ...LATER },
        row: { content: holding('1234') },
      },
    ],
    ['is that it is disabled', [DELAYED, INACTIVE], { code: OVERDUE, row: { content: DISABLED } }],
    [
      'is that it is disabled behind a mask',
      [DELAYED, INACTIVE],
      {
        code: OVERDUE,
        row: { content: { kind: 'masked', enabled: false } },
      },
    ],
    [
      'is that somebody disabled it',
      [INACTIVE],
      { code: { externallyModified: true }, row: { content: DISABLED } },
    ],
    ['is none of a code that was just enabled', [], { row: { content: DISABLED } }],
    [
      'is an edit that is allowed',
      ['code_modified_external_to_seam: Somebody changed this code at the lock, which this code allows.'],
      { code: { externallyModified: true, allowExternalModification: true } },
    ],
    ['is none of an edit that is put back', [], { code: { externallyModified: true } }],
    [
      'is a schedule that the lock did not take',
      [
        'native_scheduling_refused: The lock did not take the schedule, so the code goes on and off just in time.',
      ],
      { code: { refused: { reason: 'unsupported', message: '' } } },
    ],
    [
      'is the backup code in its place',
      ['using_backup_access_code: Backup code b was given out in place of this one.'],
      {
        code: { pulledBackupId: 'b' },
      },
    ],
  ])('%s', (_what, expected, given) => {
    expect(listed(problems(given).warnings)).toEqual(expected);
  });
});

describe('a problem that goes on', () => {
  test('keeps its date, also when its words change, and is the same while nothing does', () => {
    const first = { code: 'failed_to_set_on_device', message: 'other words', createdAt: 7 } as const;
    const { errors } = problems({ code: { failures: 3, errors: [first] } });
    expect(errors).toMatchObject([{ createdAt: 7, message: expect.stringMatching(/^Programming/) }]);
    expect(problems({ code: { failures: 3, errors } }).errors).toBe(errors);
  });

  test('is dated by itself and not by another', () => {
    const other = { code: 'code_constraints_violated', message: 'over', createdAt: 7 } as const;
    expect(problems({ code: { failures: 3, errors: [other] } }).errors).toMatchObject([{ createdAt: AT }]);
    expect(problems({ code: { errors: [other] } }).errors).toEqual([]);
  });
});

describe('a problem of a lock', () => {
  test.each<[string, Partial<Lock>]>([
    ['device_offline: The lock does not answer.', { online: false }],
    [
      'missing_device_credentials: The lock does not understand the keys of this hub. If that lasts, the keys file of its network is needed, or a new pairing.',
      { credentialsMissing: true },
    ],
    [
      'empty_backup_access_code_pool: The lock has too few slots to keep backup codes.',
      { poolEnabled: true },
    ],
    [
      'empty_backup_access_code_pool: No backup code is ready on the lock; the hub goes on writing them.',
      { poolEnabled: true, capabilities: { ...PLAIN, lastSlot: 30 } },
    ],
    ['low_battery: The battery of the lock is low.', { batteryLow: true }],
    ['low_battery: The battery of the lock is low, 12 % are left.', { batteryLow: true, batteryLevel: 0.12 }],
    ['low_security: The lock joined without the security its class needs.', { secure: false }],
    [
      'keypad_sends_few_digits: The keypad sends 8 digits at most, and offline codes of the hub have 10: none opens there.',
      { capabilities: { ...PLAIN, isKeypad: true, pinLength: { min: 8, max: 8 } } },
    ],
    [
      'lock_clock_wrong: The clock of the lock is 301 s fast; it gets no schedules until it is right.',
      { clockRead: { at: AT, aheadMs: 301_000, staysWrong: false } },
    ],
    [
      'lock_clock_wrong: The clock of the lock is 301 s slow; it gets no schedules until it is right.',
      { clockRead: { at: AT, aheadMs: -301_000, staysWrong: false } },
    ],
    [
      `write_budget_exhausted: Something works against the hub: so much had to be written again that it waits until ${new Date(AT + 1).toISOString()}.`,
      { repeatsBlockedUntil: AT + 1 },
    ],
  ])('is %s', (expected, lock) => {
    const state = stateWith({ lock: lockWith({ capabilities: PLAIN, online: true, ...lock }) });
    const { errors, warnings } = deviceProblemsOf(state, POLICY, NOW);
    expect(listed([...errors, ...warnings])).toEqual([expected]);
  });
});
