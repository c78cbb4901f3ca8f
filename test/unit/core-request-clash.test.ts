import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { Capabilities } from '../../src/core/capability.ts';
import { Claims } from '../../src/core/request/clash.ts';
import { Groups } from '../../src/core/request/group.ts';
import type { Slot } from '../../src/core/slot.ts';
import { DAY_MS } from '../../src/core/time.ts';
import {
  codeWith,
  holding,
  lockWith,
  pinOf,
  SAMPLE_AT,
  slotWith,
  stateWith,
} from '../support/core-samples.ts';
import { PLAIN, POLICY } from '../support/core-world.ts';

const EDITED = { externallyModified: true, allowExternalModification: true };

function stateOf(codes: readonly AccessCode[], slots: readonly Slot[], more: Partial<Capabilities>) {
  return stateWith({ lock: lockWith({ capabilities: { ...PLAIN, ...more }, online: true }), codes, slots });
}

/** The kind of the clash of a code with these codes and slots; `null`: none. */
function clash(
  code: AccessCode,
  codes: readonly AccessCode[],
  slots: readonly Slot[] = [],
  more: Partial<Capabilities> = {},
): string | null {
  return new Claims(stateOf(codes, slots, more), codes, POLICY).clashOf(code)?.code ?? null;
}

describe('a code clashes', () => {
  const unique = { constraints: [{ type: 'no_zeros' }, { type: 'name_must_be_unique' }] } as const;
  const bob = { name: 'Bob', pin: pinOf('5678') };

  test('with each of several that have its PIN, and never with itself', () => {
    const ended = codeWith('b', { startsAt: SAMPLE_AT - DAY_MS, endsAt: SAMPLE_AT });
    const ahead = codeWith('c', { startsAt: SAMPLE_AT + DAY_MS, endsAt: SAMPLE_AT + 2 * DAY_MS });
    const stay = codeWith('a', { startsAt: SAMPLE_AT + DAY_MS, endsAt: SAMPLE_AT + 3 * DAY_MS });
    expect(clash(stay, [ended])).toBeNull();
    expect(clash(stay, [ended, ahead])).toBe('duplicate_access_code');
    expect(clash(stay, [ended, stay])).toBeNull();
  });

  test('by its name only where names have to differ', () => {
    const a = codeWith('a', { name: 'Bob' });
    expect(clash(a, [codeWith('b', bob)], [], unique)).toBe('code_constraints_violated');
    expect(clash(a, [codeWith('b', bob)], [], { constraints: [{ type: 'no_zeros' }] })).toBeNull();
    expect(clash(codeWith('a'), [codeWith('b', { pin: pinOf('5678') })], [], unique)).toBeNull();
  });

  test('with what somebody put over another code that allows it, and not over itself', () => {
    const other = codeWith('b', { slot: 2, pin: pinOf('5678'), ...EDITED });
    const over = slotWith(2, { owner: 'b', content: holding('1234') });
    expect(clash(codeWith('a'), [other], [over])).toBe('duplicate_access_code');
    expect(clash({ ...other, pin: pinOf('1234') }, [other], [over])).toBeNull();
    const later = { ...other, startsAt: SAMPLE_AT + DAY_MS };
    expect(clash(codeWith('a', { startsAt: 0, endsAt: SAMPLE_AT }), [later], [over])).toBeNull();
  });
});

function groupsOf(codes: readonly AccessCode[]): Groups {
  return new Groups(stateOf([], [], {}), codes, () => []);
}

describe('a group of codes with one key', () => {
  const KEY = { commonCodeKey: 'family' };
  const other = codeWith('a', { ...KEY, pin: pinOf('5678') });

  test.each<[string | null, string, Partial<AccessCode>, readonly AccessCode[]]>([
    [null, 'it is the first', KEY, []],
    [
      null,
      'the group has the same PIN',
      { ...KEY, pin: pinOf('5678') },
      [codeWith('a', { ...KEY, pin: pinOf('5678') })],
    ],
    ['invalid_input', 'the group has another', KEY, [other]],
    [null, 'it goes', { ...KEY, removingSince: SAMPLE_AT }, [other]],
    [null, 'it has no key', {}, [other]],
    [null, 'the only other one goes', KEY, [{ ...other, removingSince: SAMPLE_AT }]],
    [null, 'the only other one has no PIN yet', KEY, [{ ...other, pin: null }]],
    [
      'invalid_input',
      'the first of the others that has a PIN has another',
      KEY,
      [{ ...other, pin: null }, other],
    ],
  ])('says %j to a PIN that was chosen when %s', (expected, _when, code, codes) => {
    expect(groupsOf(codes).refusalOf(codeWith('n', code))?.code ?? null).toBe(expected);
  });

  test('gives its PIN to who comes in, where the lock takes it', () => {
    const joined = groupsOf([other]).joined(codeWith('n', { ...KEY, pin: null }));
    expect(joined).toMatchObject({ accessCodeId: 'n', isPinDrawn: true });
    expect('pin' in joined && joined.pin?.reveal()).toBe('5678');
    const same = codeWith('n', { ...KEY, pin: pinOf('5678') });
    expect(groupsOf([other]).joined(same)).toBe(same);
    const long = groupsOf([{ ...other, pin: pinOf('123456789') }]);
    expect(long.joined(codeWith('n', KEY))).toEqual({
      code: 'code_constraints_violated',
      message: 'common_code_key: the PIN of this group is not possible on lock lock.',
    });
  });
});
