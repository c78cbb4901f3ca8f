import { describe, expect, test } from 'vitest';
import { plainRequest, type AccessCodeRequest } from '../../src/core/access-code.ts';
import type { DesiredEntry } from '../../src/core/request/accept.ts';
import type { Capabilities } from '../../src/core/capability.ts';
import { pinViolations } from '../../src/core/request/constraints.ts';
import { shareOrDraw } from '../../src/core/request/linked.ts';
import type { LockState } from '../../src/core/lock.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { CoreWorld, pin, PLAIN, POLICY, request } from '../support/core-world.ts';
import { seededDraw } from '../support/seeded-draw.ts';

const KEY = { commonCodeKey: 'family', pin: null };

function linked(accessCodeId: string, more: Partial<AccessCodeRequest> = {}) {
  return request(accessCodeId, '0000', { ...KEY, ...more });
}

function chosen(accessCodeId: string, digits: string, more: Partial<AccessCodeRequest> = {}) {
  return request(accessCodeId, digits, { commonCodeKey: 'family', ...more });
}

/** Two stays, one after the other, so that one PIN may be on the lock for both. */
const FIRST = { startsAt: Date.parse('2026-03-03T12:00:00Z'), endsAt: Date.parse('2026-03-04T12:00:00Z') };
const LATER = { startsAt: Date.parse('2026-03-08T12:00:00Z'), endsAt: Date.parse('2026-03-09T12:00:00Z') };

/** What is said to one that chooses another PIN than its group has. */
function refused(holder: string) {
  return { code: 'invalid_input', message: expect.stringContaining(holder) };
}

/** Another lock of the hub, with codes. */
function sibling(capabilities: Capabilities, ...codes: readonly DesiredEntry[]): LockState {
  const world = new CoreWorld(capabilities);
  world.desire(...codes);
  return { ...world.state, lock: { ...world.state.lock, deviceId: 'sibling' } };
}

/** Locks without codes, called `lock 0` and so on. */
function locks(...capabilities: readonly Capabilities[]): readonly LockState[] {
  return capabilities.map((each, index) => {
    const { state } = new CoreWorld(each);
    return { ...state, lock: { ...state.lock, deviceId: `lock ${index}` } };
  });
}

describe('a code with a common key and no PIN', () => {
  test('has the PIN of the code with that key on another lock', () => {
    const world = new CoreWorld(PLAIN);
    world.siblings = [
      sibling(PLAIN, request('x', '1111'), request('y', '2468', { commonCodeKey: 'family' })),
    ];
    world.desire(linked('a'), linked('other', { commonCodeKey: 'guests' }));
    world.work();
    expect(world.code('a')?.pin?.reveal()).toBe('2468');
    expect(world.code('other')?.pin?.reveal()).not.toBe('2468');
    expect([...world.pins.values()]).toContain('2468');
  });

  test('is the first of its group with a PIN that all locks allow and nothing on them has', () => {
    const strict: Capabilities = {
      ...PLAIN,
      pinLength: { min: 4, max: 4 },
      constraints: [{ type: 'cannot_contain_0789' }, { type: 'unique_first_four_digits' }],
    };
    const taken = Array.from({ length: 100 }, (_, index) => String(3000 + index));
    const other = sibling(strict, ...taken.map((digits) => request(digits, digits)));
    for (let seed = 0; seed < 50; seed += 1) {
      const world = new CoreWorld(PLAIN);
      world.siblings = [other];
      for (let skipped = 0; skipped < seed; skipped += 1) world.draw(10);
      world.desire(linked('a', { preferredCodeLength: 6 }));
      const digits = world.code('a')?.pin?.reveal() ?? '';
      expect(pinViolations(digits, other.lock)).toEqual([]);
      expect(other.codes.some((code) => code.pin?.reveal() === digits)).toBe(false);
    }
  });

  test('has one of its own lock where no PIN suits all', () => {
    const world = new CoreWorld({ ...PLAIN, pinLength: { min: 6, max: 8 } });
    world.siblings = [sibling({ ...PLAIN, pinLength: { min: 4, max: 5 } })];
    world.desire(linked('a'));
    expect(world.code('a')?.pin?.length).toBe(6);
  });

  test.each([
    ['too short for the lock', { ...PLAIN, pinLength: { min: 6, max: 8 } }, 'common_code_key: '],
    ['what another code there has', PLAIN, 'code: access code "b" (b)'],
  ])('is rejected when the PIN of its group is %s', (_why, capabilities, message) => {
    const world = new CoreWorld(capabilities);
    world.siblings = [sibling(PLAIN, request('x', '2468', { commonCodeKey: 'family' }))];
    world.desire(linked('a'), request('b', capabilities === PLAIN ? '2468' : '135791'));
    expect(world.code('a')?.rejected?.message).toContain(message);
    expect(world.code('b')?.rejected).toBeNull();
    expect(world.code('a')?.pin).toBeNull();
  });

  test('shares the PIN with one of the same lock at another time', () => {
    const world = new CoreWorld(PLAIN);
    const at = (day: number) => ({
      startsAt: world.now + day * 24 * HOUR_MS,
      endsAt: world.now + (day + 1) * 24 * HOUR_MS,
    });
    world.desire(linked('a', at(1)), linked('b', at(5)));
    expect(world.code('a')?.pin?.reveal()).toBe(world.code('b')?.pin?.reveal());
  });

  test('leaves its PIN to another code of the same document, and takes that which another one chooses', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1357', FIRST));
    world.desire(linked('a', FIRST), request('b', '1357', FIRST), chosen('c', '2468', LATER));
    expect(world.state.codes.map((code) => [code.pin?.reveal(), code.rejected])).toEqual([
      ['2468', null],
      ['1357', null],
      ['2468', null],
    ]);
  });

  test('takes over the PIN of its group when it comes back before it was gone', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(linked('a'));
    world.work();
    world.desire();
    world.siblings = [sibling(PLAIN, request('x', '8642', { commonCodeKey: 'family' }))];
    world.desire(linked('a'));
    world.work();
    expect(world.code('a')).toMatchObject({ status: 'set', rejected: null });
    expect([...world.pins.values()]).toEqual(['8642']);
  });

  test('takes over the PIN of a group that it comes into later, or stays what it was', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(
      linked('a', { commonCodeKey: null }),
      request('b', '1357'),
      linked('c', { commonCodeKey: null }),
    );
    const own = world.code('a')?.pin?.reveal();
    world.siblings = [sibling(PLAIN, request('x', '1357', { commonCodeKey: 'taken here' }))];
    world.desire(
      linked('a', { commonCodeKey: 'taken here' }),
      request('b', '1357'),
      linked('c', { commonCodeKey: 'new' }),
    );
    expect(world.code('a')).toMatchObject({
      commonCodeKey: null,
      rejected: { code: 'duplicate_access_code' },
    });
    expect(world.code('a')?.pin?.reveal()).toBe(own);
    expect(world.code('c')).toMatchObject({ commonCodeKey: 'new', rejected: null });
    world.siblings = [sibling(PLAIN, request('x', '8642', { commonCodeKey: 'free here' }))];
    world.desire(linked('a', { commonCodeKey: 'free here' }), request('b', '1357'));
    world.work();
    expect(world.code('a')?.pin?.reveal()).toBe('8642');
    expect([...world.pins.values()].toSorted()).toEqual(['1357', '8642']);
  });
});

describe('a code that chooses its PIN and has a common key', () => {
  test('is refused when a code on another lock has another PIN, and what was in force stays so', () => {
    const world = new CoreWorld(PLAIN);
    world.siblings = [sibling(PLAIN, chosen('x', '2468'))];
    world.desire(chosen('a', '2468'), chosen('b', '1357'));
    expect(world.code('a')?.rejected).toBeNull();
    expect(world.code('b')).toMatchObject({ pin: null, rejected: refused('x on lock sibling') });
    world.work();
    world.desire(chosen('a', '1357'));
    world.work();
    expect(world.code('a')).toMatchObject({ status: 'set', rejected: refused('x on lock sibling') });
    expect([...world.pins.values()]).toEqual(['2468']);
    world.siblings = [];
    world.desire(chosen('a', '1357'));
    world.work();
    expect(world.code('a')).toMatchObject({ status: 'set', rejected: null });
    expect([...world.pins.values()]).toEqual(['1357']);
  });

  test('is refused when a code of the same lock has another PIN, whoever made that up', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(linked('drawn', FIRST));
    world.desire(linked('drawn', FIRST), chosen('b', '1357', LATER));
    expect(world.code('b')?.rejected).toMatchObject(refused('drawn on lock lock'));
    const own = world.code('drawn')?.pin?.reveal() ?? '';
    world.desire(linked('drawn', FIRST), chosen('b', own, LATER));
    expect(world.code('b')?.rejected).toBeNull();
  });

  test('changes together with all others of its group, or not at all', () => {
    const world = new CoreWorld(PLAIN);
    const both = (digits: string) => [chosen('a', digits, FIRST), chosen('b', digits, LATER)] as const;
    const pins = () => world.state.codes.map((code) => code.pin?.reveal());
    world.desire(...both('2468'));
    world.desire(...both('1357'));
    expect(pins()).toEqual(['1357', '1357']);
    // One of them can't follow: somebody else has the PIN then.
    const rival = request('rival', '8642', FIRST);
    world.desire(...both('1357'), rival);
    world.desire(...both('8642'), rival);
    expect(pins()).toEqual(['1357', '1357', '8642']);
    expect(world.code('b')?.rejected).toMatchObject(refused('a on lock lock'));
  });

  test('is the first of a new group, and one that chooses otherwise in the same document is refused', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(chosen('a', '2468'), chosen('b', '1357'), chosen('c', '1357', { commonCodeKey: 'guests' }));
    expect(world.code('a')?.rejected).toBeNull();
    expect(world.code('b')?.rejected).toMatchObject(refused('a on lock lock'));
    expect(world.code('c')?.rejected).toBeNull();
  });
});

test('the other locks are looked at only for a key', () => {
  const world = new CoreWorld(PLAIN);
  const codes = [request('b', '0000', { pin: null }), request('c', '5678')];
  world.desire(linked('a'));
  Object.defineProperty(world, 'siblings', {
    get: () => {
      throw new Error('another lock was read');
    },
  });
  world.desire(linked('a'), ...codes);
  world.desire(linked('a'), ...codes);
  expect(() => world.desire(linked('d'))).toThrow('another lock was read');
  expect(() => world.desire(request('e', '1234', { commonCodeKey: 'e' }))).toThrow('another lock was read');
});

describe('one request for several locks', () => {
  const wanted = { ...plainRequest('new'), preferredCodeLength: 4 };
  const short: Capabilities = { ...PLAIN, pinLength: { min: 4, max: 4 } };
  const long: Capabilities = { ...PLAIN, pinLength: { min: 6, max: 6 } };

  function share(
    states: readonly LockState[],
    more: Partial<AccessCodeRequest>,
    behavior: 'throw' | 'create_random_code',
  ) {
    const shared = shareOrDraw(states, { ...wanted, ...more }, behavior, seededDraw(5), POLICY);
    if (shared.kind === 'refused') return shared.deviceIds;
    return states.map(({ lock }) => shared.pinOf.get(lock.deviceId)?.reveal());
  }

  test('has one PIN where all can have it', () => {
    for (const behavior of ['throw', 'create_random_code'] as const) {
      const [first, ...others] = share(locks(PLAIN, short, PLAIN), {}, behavior);
      expect(first).toMatch(/^\d{4}$/);
      expect(others).toEqual([first, first]);
    }
  });

  test('is refused as a whole, or odd locks get their own, where they can not', () => {
    expect(share(locks(PLAIN, short, long), {}, 'throw')).toEqual(['lock 2']);
    const [a, b, odd] = share(locks(PLAIN, short, long), {}, 'create_random_code');
    expect(a).toBe(b);
    expect(odd).toMatch(/^\d{6}$/);
  });

  test('keeps the PIN that was asked for, and gives another to a lock where it is taken then', () => {
    const states = locks(PLAIN, PLAIN);
    const busy = new CoreWorld(PLAIN);
    const now = busy.now;
    busy.desire(request('x', '1234', { startsAt: now + HOUR_MS, endsAt: now + 2 * HOUR_MS }));
    const taken = [...states, { ...busy.state, lock: { ...busy.state.lock, deviceId: 'busy' } }];
    const asked = { pin: pin('1234') };
    expect(share(taken, asked, 'throw')).toEqual(['busy']);
    const [a, b, odd] = share(taken, asked, 'create_random_code');
    expect([a, b]).toEqual(['1234', '1234']);
    expect(odd).not.toBe('1234');
    const later = { ...asked, startsAt: now + 9 * HOUR_MS, endsAt: now + 10 * HOUR_MS };
    expect(share(taken, later, 'throw')).toEqual(['1234', '1234', '1234']);
  });

  test('joins a group that exists', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('x', '2468', { commonCodeKey: 'family' }));
    const at = { startsAt: world.now + HOUR_MS, endsAt: world.now + 2 * HOUR_MS };
    expect(share([...locks(PLAIN), world.state], { commonCodeKey: 'family', ...at }, 'throw')).toEqual([
      'lock',
    ]);
    expect(share(locks(PLAIN), { commonCodeKey: 'family' }, 'throw')).not.toEqual(['2468']);
    expect(
      share([...locks(PLAIN), world.state], { commonCodeKey: 'family', ...at }, 'create_random_code')[0],
    ).toBe('2468');
  });

  test('is refused where a lock allows no PIN at all', () => {
    const [state] = locks(PLAIN);
    if (state === undefined) throw new Error('no lock');
    const mute = { ...state, lock: { ...state.lock, deviceId: 'mute', reportedPinLengths: [] } };
    expect(share([state, mute], {}, 'create_random_code')).toEqual(['mute']);
  });
});
