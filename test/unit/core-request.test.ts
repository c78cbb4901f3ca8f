import { describe, expect, test } from 'vitest';
import type { AccessCodeRequest } from '../../src/core/access-code.ts';
import type { DesiredEntry } from '../../src/core/request/accept.ts';
import type { CodeConstraint } from '../../src/core/capability.ts';
import { pinViolations } from '../../src/core/request/constraints.ts';
import { assignPins, awaitsPin } from '../../src/core/request/linked.ts';
import { unmetLock } from '../../src/core/lock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { CoreWorld, pin, PLAIN, POLICY, request, SCHEDULING } from '../support/core-world.ts';

const START = Date.parse('2026-03-10T15:00:00Z');
const END = Date.parse('2026-03-12T15:00:00Z');
const STAY = { startsAt: START, endsAt: END };

function constrained(...constraints: readonly CodeConstraint[]): CoreWorld {
  return new CoreWorld({ ...PLAIN, constraints });
}

function rejection(world: CoreWorld, accessCodeId: string): string | undefined {
  return world.code(accessCodeId)?.rejected?.message;
}

/** Without a PIN. */
function withoutPin(accessCodeId: string, more: Partial<AccessCodeRequest> = {}): DesiredEntry {
  return request(accessCodeId, '0000', { pin: null, ...more });
}

/** Not to wait for a lock that is offline. */
function impatient(accessCodeId: string, digits: string, name = accessCodeId): DesiredEntry {
  return { ...request(accessCodeId, digits, { name }), attemptForOfflineDevice: false };
}

function limited(maxUses: number): DesiredEntry {
  return request('a', '1234', { maxUses });
}

/** A code without a PIN, on a lock that was never met. */
function waiting(more: Partial<AccessCodeRequest> = {}): CoreWorld {
  const world = new CoreWorld(PLAIN);
  world.state = { ...world.state, lock: unmetLock('lock') };
  world.told();
  world.desire(withoutPin('a', more));
  expect(world.told()).toEqual(['access_code.created a']);
  return world;
}

describe('a request is refused', () => {
  test.each<[string, Partial<AccessCodeRequest>, string]>([
    ['with an end and no start', { endsAt: END }, 'ends_at: needs starts_at as well.'],
    ['that ends before it starts', { startsAt: END, endsAt: START }, 'ends_at: must be after starts_at.'],
    [
      'for the pool without an end',
      { useBackupPool: true, startsAt: START },
      'use_backup_access_code_pool: ',
    ],
    ['with no use at all', { maxUses: 0 }, 'max_uses: must be a whole number from 1 to 1000.'],
    ['with half a use', { maxUses: 1.5 }, 'max_uses: '],
    ['with too many uses', { maxUses: 1001 }, 'max_uses: '],
    ['with no weekly window', { weeklyWindows: [] }, 'weekly_windows: '],
    [
      'with a window without a day',
      { weeklyWindows: [{ days: [], start: '08:00', stop: '10:00' }] },
      'weekly_windows: ',
    ],
    [
      // The tenth of March 2026 is a Tuesday, and the site is four hours behind UTC.
      'whose weekly windows never open',
      { ...STAY, weeklyWindows: [{ days: ['sunday', 'friday'], start: '08:00', stop: '10:00' }] },
      'weekly_windows: none of them opens between starts_at and ends_at.',
    ],
  ])('%s', (_why, more, message) => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', more));
    expect(world.code('a')?.rejected?.code).toBe('invalid_input');
    expect(rejection(world, 'a')).toContain(message);
    world.passTo(END + HOUR_MS);
    expect(world.pins.size).toBe(0);
  });

  test('by the rules of its lock, in words and without a digit of its PIN', () => {
    const world = constrained({ type: 'no_zeros' }, { type: 'cannot_start_with_12' });
    world.desire(request('a', '12034'), request('b', '3456'));
    expect(world.code('a')?.rejected).toEqual({
      code: 'code_constraints_violated',
      message: 'code: the digit 0 must not be in it, and it must not start with 12.',
    });
    expect(world.code('b')?.rejected).toBeNull();
  });

  test('where the lock wants PINs to be made up, and taken without one', () => {
    const world = constrained({ type: 'cannot_specify_pin_code' });
    world.desire(request('a', '1234'), request('b', '1234', { pin: null }));
    expect(rejection(world, 'a')).toContain('code: must be left out');
    expect(world.code('b')?.pin).not.toBeNull();
  });

  test('with a name the lock does not take', () => {
    const world = constrained({ type: 'name_length', min: 2, max: 14 });
    const names = { long: 'a name of 15 ch', short: 'x', right: 'a name of 14 c', none: null };
    const entries = Object.entries(names);
    world.desire(...entries.map(([id, name], index) => request(id, String(2000 + index), { name })));
    const rejected = entries.map(([id]) => [id, rejection(world, id)]);
    expect(Object.fromEntries(rejected)).toEqual({
      long: 'name: this lock takes names of 2 to 14 characters.',
      short: 'name: this lock takes names of 2 to 14 characters.',
    });
  });

  test('with a name that another code has at that time, where names must differ', () => {
    const world = constrained({ type: 'name_must_be_unique' });
    const later = { startsAt: END + DAY_MS, endsAt: END + 2 * DAY_MS };
    world.desire(
      request('a', '1234', { name: 'Guest', ...STAY }),
      request('b', '5678', { name: 'Guest', ...STAY }),
      request('c', '4321', { name: 'Guest', ...later }),
    );
    expect(rejection(world, 'a')).toBeUndefined();
    expect(rejection(world, 'b')).toContain('name: access code "Guest" (a)');
    expect(rejection(world, 'c')).toBeUndefined();
  });

  test('with a start that has passed, where the lock wants it to come; not for the start it has', () => {
    const world = constrained({ type: 'start_date_in_future' });
    world.desire(request('a', '1234', STAY), request('old', '5678', { startsAt: world.now, endsAt: END }));
    expect(rejection(world, 'old')).toContain('starts_at: ');
    world.passTo(START + HOUR_MS);
    world.desire(request('a', '1234', { ...STAY, name: 'other' }));
    expect(rejection(world, 'a')).toBeUndefined();
    world.desire(request('a', '1234', { ...STAY, startsAt: START + MINUTE_MS }));
    expect(rejection(world, 'a')).toContain('starts_at: ');
  });

  test('that is not to wait for a lock that is offline; one that is there already goes on', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(impatient('before', '1234'));
    world.hear({ kind: 'offline' });
    world.desire(impatient('before', '1234', 'renamed'), impatient('a', '5678'), request('patient', '4321'));
    expect(world.code('before')).toMatchObject({ rejected: null, name: 'renamed' });
    expect(world.code('a')?.rejected?.code).toBe('device_offline');
    expect(world.code('patient')?.rejected).toBeNull();
  });
});

describe('a request that was refused', () => {
  test('is refused again while nothing has changed, with the reason that it had', () => {
    const offline = new CoreWorld(PLAIN);
    offline.hear({ kind: 'offline' });
    const late = constrained({ type: 'start_date_in_future' });
    for (const [world, entry] of [
      [offline, impatient('a', '1234')],
      [late, request('a', '1234', { startsAt: late.now - HOUR_MS, endsAt: END })],
    ] as const) {
      world.desire(entry);
      const first = world.code('a');
      expect(first?.rejected).not.toBeNull();
      world.now += HOUR_MS;
      world.desire(entry, request('b', '5678'));
      expect(world.code('a')).toEqual(first);
    }
  });

  test('is taken when what was wrong is over', () => {
    const world = new CoreWorld(PLAIN);
    world.hear({ kind: 'offline' });
    world.desire(impatient('a', '1234'));
    world.hear({ kind: 'online' });
    world.told();
    world.desire(impatient('a', '1234'));
    world.work();
    expect(world.told()).toEqual([
      'access_code.created a',
      'access_code.changed a',
      'access_code.set_on_device a',
    ]);
  });
});

describe('a code without a PIN', () => {
  test('gets one that its lock allows and nothing else on it has', () => {
    const world = new CoreWorld({ ...PLAIN, constraints: [{ type: 'cannot_contain_0789' }] });
    world.desire(withoutPin('a'), withoutPin('b'), withoutPin('c', { preferredCodeLength: 7 }));
    const pins = ['a', 'b', 'c'].map((id) => world.code(id)?.pin?.reveal() ?? '');
    expect(pins.map((digits) => digits.length)).toEqual([4, 4, 7]);
    for (const digits of pins) expect(pinViolations(digits, world.state.lock)).toEqual([]);
    world.work();
    expect([...world.pins.values()].toSorted()).toEqual(pins.toSorted());
    expect(world.code('a')).toMatchObject({ status: 'set', isPinDrawn: true });
  });

  test('keeps it in later versions, and takes another when one is given', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(withoutPin('a'));
    world.work();
    const [first] = world.pins.values();
    const before = world.code('a');
    world.desire(withoutPin('a'));
    expect(world.code('a')).toBe(before);
    world.desire(withoutPin('a', { name: 'other' }));
    world.work();
    expect([...world.pins.values()]).toEqual([first]);
    world.desire(request('a', '9753'));
    world.work();
    expect([...world.pins.values()]).toEqual(['9753']);
    expect(world.code('a')?.isPinDrawn).toBe(false);
    world.desire(withoutPin('a'));
    world.work();
    expect([...world.pins.values()]).toEqual(['9753']);
  });

  test('is rejected when no PIN is left, and says so', () => {
    const constraints = [{ type: 'cannot_contain_0789' }, { type: 'unique_first_four_digits' }] as const;
    const world = new CoreWorld({ ...PLAIN, lastSlot: 400, pinLength: { min: 4, max: 4 }, constraints });
    const ids = Array.from({ length: 361 }, (_, index) => String(index));
    world.desire(...ids.map((id) => withoutPin(id)));
    const rejected = world.state.codes.filter((code) => code.rejected !== null);
    expect(rejected.map((code) => code.rejected?.message)).toEqual([
      'code: no PIN that this lock allows is free.',
    ]);
    expect(new Set(world.state.codes.map((code) => code.pin?.reveal())).size).toBe(361);
  });

  test('waits for one on a lock that was never met, and gets it when the lock is', () => {
    const met = new CoreWorld({
      ...PLAIN,
      constraints: [{ type: 'no_zeros' }],
      pinLength: { min: 6, max: 6 },
    });
    const world = new CoreWorld(PLAIN);
    world.state = { ...world.state, lock: { ...unmetLock('lock'), online: true } };
    world.desire(withoutPin('a'));
    expect(world.code('a')).toMatchObject({ pin: null, rejected: null });
    expect(world.told()).toContain('access_code.created a');
    const sources = { draw: world.draw, siblings: () => [] };
    expect(assignPins(world.state, sources, POLICY)).toBe(world.state);
    world.state = {
      ...world.state,
      lock: { ...world.state.lock, capabilities: met.state.lock.capabilities },
    };
    world.state = assignPins(world.state, sources, POLICY);
    expect(world.code('a')?.pin?.reveal()).toMatch(/^[1-9]{6}$/);
    expect(world.state.codes.some(awaitsPin)).toBe(false);
    world.work();
    expect(world.pins.size).toBe(1);
  });
});

describe('a code that waits for its PIN on a lock that was never met', () => {
  test('is still there when a newer request for it is refused, and is deleted aloud', () => {
    const world = waiting();
    world.desire(withoutPin('a', { startsAt: END, endsAt: START }));
    expect(world.code('a')?.rejected?.code).toBe('invalid_input');
    expect(world.told()).toEqual([]);
    world.desire(withoutPin('a'));
    expect(world.state.codes.map(awaitsPin)).toEqual([true]);
    world.desire(withoutPin('a', { startsAt: END, endsAt: START }));
    world.desire();
    expect(world.told()).toEqual(['access_code.deleted a']);
  });

  test('is still there when the lock allows no PIN for it', () => {
    const world = waiting();
    const { capabilities } = constrained().state.lock;
    world.state = { ...world.state, lock: { ...world.state.lock, capabilities, reportedPinLengths: [3] } };
    world.state = assignPins(world.state, { draw: world.draw, siblings: () => [] }, POLICY);
    expect(rejection(world, 'a')).toContain('no PIN that this lock allows');
    world.told();
    world.desire();
    expect(world.told()).toContain('access_code.deleted a');
  });

  test.each([STAY, { startsAt: START, endsAt: END, name: 'refused' }])('ends with its window', (stay) => {
    const world = waiting(STAY);
    if ('name' in stay) world.desire(withoutPin('a', { ...STAY, maxUses: 0 }));
    world.now = END;
    world.work();
    expect(world.told()).toEqual(['access_code.deleted a']);
  });
});

describe('limits and the pool', () => {
  test('a time-bound code that asks for the pool switches it on, for good', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', STAY));
    expect(world.state.lock.poolEnabled).toBe(false);
    world.desire(request('a', '1234', { ...STAY, useBackupPool: true }));
    expect(world.state.lock.poolEnabled).toBe(true);
    world.desire();
    expect(world.state.lock.poolEnabled).toBe(true);
  });

  test('a code whose uses are spent is not made again while the document names it', () => {
    const world = new CoreWorld(PLAIN);
    const once = request('a', '1234', { maxUses: 1 });
    world.desire(once);
    world.work();
    world.hear({ kind: 'unlocked', method: 'keycode', slot: 1 });
    world.desire(once, request('b', '5678'));
    expect(world.code('a')?.removingSince).not.toBeNull();
    world.work();
    world.desire(once);
    expect(world.code('a')).toBeUndefined();
    expect(world.state.lock.spent).toEqual([{ accessCodeId: 'a', uses: 1 }]);
    world.desire();
    expect(world.state.lock.spent).toEqual([]);
    world.desire(once);
    world.work();
    expect(world.code('a')?.status).toBe('set');
  });

  test('a code that was deleted and asked for again without a PIN gives its old one free', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.desire();
    expect(world.code('a')).toMatchObject({ status: 'removing' });
    world.desire(request('a', '1234', { pin: null }), request('b', '1234'));
    world.work();
    expect(world.code('b')).toMatchObject({ status: 'set', rejected: null });
    expect(world.code('a')).toMatchObject({ status: 'set', isPinDrawn: true });
    expect(world.code('a')?.pin?.reveal()).not.toBe('1234');
    expect(world.pins.size).toBe(2);
  });

  test('a code that was deleted and asked for again before it was gone counts its uses from nothing', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(limited(2));
    world.work();
    world.hear({ kind: 'unlocked', method: 'keycode', slot: 1 });
    world.desire();
    expect(world.code('a')).toMatchObject({ status: 'removing' });
    world.desire(limited(1));
    world.work();
    expect(world.code('a')).toMatchObject({ status: 'set', uses: 0 });
    expect(world.state.lock.spent).toEqual([]);
  });

  test.each<[number | null, number | null]>([
    [5, 4],
    [null, null],
  ])('a limit of %s brings back a code whose only use was spent', (maxUses, usesLeft) => {
    const world = new CoreWorld(PLAIN);
    world.desire(limited(1));
    world.work();
    world.hear({ kind: 'unlocked', method: 'keycode', slot: 1 });
    world.work();
    expect(world.pins.size).toBe(0);
    world.desire(request('a', '1234', { maxUses }));
    world.work();
    expect([...world.pins.values()]).toEqual(['1234']);
    expect(world.state.lock.spent).toEqual([]);
    for (let use = 0; use < (usesLeft ?? 10); use += 1) {
      expect(world.code('a')?.status).toBe('set');
      world.now += HOUR_MS;
      world.hear({ kind: 'unlocked', method: 'keycode', slot: 1 });
      world.work();
    }
    expect(world.code('a')?.status).toBe(usesLeft === null ? 'set' : undefined);
  });

  test('a limit that a refused request raised leaves no trace when it is taken back', () => {
    const world = new CoreWorld(PLAIN);
    const holder = request('b', '5678');
    world.desire(limited(1), holder);
    world.work();
    world.hear({ kind: 'unlocked', method: 'keycode', slot: 1 });
    world.work();
    world.told();
    world.desire(request('a', '5678', { maxUses: 5 }), holder);
    expect(world.code('a')?.rejected?.code).toBe('duplicate_access_code');
    world.desire(limited(1), holder);
    world.work();
    expect(world.state.codes.map((code) => code.accessCodeId)).toEqual(['b']);
    expect(world.told()).toEqual([]);
    expect(world.state.lock.spent).toEqual([{ accessCodeId: 'a', uses: 1 }]);
  });

  test('more uses keep a code that was to go, and fewer than it has had end it', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(limited(1));
    world.work();
    world.hear({ kind: 'unlocked', method: 'keycode', slot: 1 });
    world.desire(limited(3));
    expect(world.code('a')?.removingSince).toBeNull();
    expect(world.state.lock.spent).toEqual([]);
    world.work();
    expect(world.code('a')).toMatchObject({ status: 'set', uses: 1 });
    world.desire(limited(1));
    expect(world.state.lock.spent).toEqual([{ accessCodeId: 'a', uses: 1 }]);
    world.work();
    expect(world.pins.size).toBe(0);
  });
});

describe('the same PIN', () => {
  test('as a backup code has is refused, and so is that of an admin', () => {
    const world = new CoreWorld({ ...PLAIN, adminSlots: [5] });
    world.desire(request('pool', '1111'));
    const codes = world.state.codes.map((code) => ({ ...code, isBackup: true, origin: 'local' as const }));
    world.state = { ...world.state, codes };
    const content = { kind: 'pin', pin: pin('2222'), enabled: true } as const;
    const snapshot = [{ slot: 5, content }];
    const { lock } = world.state;
    world.hear({
      kind: 'found',
      description: {
        radio: 'zwave',
        address: 2,
        model: 'test lock',
        capabilities: lock.capabilities ?? PLAIN,
        secure: true,
        batteryLevel: 1,
        locked: true,
      },
      snapshot,
    });
    world.desire(request('a', '1111'), request('b', '2222'));
    expect(rejection(world, 'a')).toBe('code: access code "pool" (pool), ongoing, has the same PIN then.');
    expect(rejection(world, 'b')).toBe('code: the admin code in slot 5 has the same PIN.');
  });

  test('is refused with the name and the time of the code that has it', () => {
    const world = new CoreWorld(SCHEDULING);
    world.desire(request('a', '1234', { ...STAY, name: null }), request('b', '1234', { startsAt: START }));
    expect(rejection(world, 'b')).toBe(
      'code: access code a, from 2026-03-10T15:00:00.000Z to 2026-03-12T15:00:00.000Z, has the same PIN then.',
    );
  });
});
