import { describe, expect, test } from 'vitest';
import { newCode, plainRequest, type AccessCodeRequest } from '../../src/core/access-code.ts';
import { unmetLock } from '../../src/core/lock.ts';
import { unmanagedCodes } from '../../src/core/request/unmanaged.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { CoreWorld, pin, PLAIN, request, SCHEDULING } from '../support/core-world.ts';
import { LocalHands } from '../support/local-world.ts';
import { backups, pool, pull, THIRTY, withPool } from '../support/pool-world.ts';

const START = Date.parse('2026-03-10T15:00:00Z');
const END = Date.parse('2026-03-12T15:00:00Z');
const STAY = { startsAt: START, endsAt: END };
const CODE = { pin: pin('1234') };

/** A lock, and somebody who asks for codes on the hub itself. */
function house(capabilities = PLAIN, localOverride = false) {
  const world = new CoreWorld(capabilities);
  world.told();
  return { world, hands: new LocalHands(world, localOverride) };
}

/** The state and the events are as they were. */
function expectNothingLeft(world: CoreWorld, act: () => unknown): void {
  const { state } = world;
  world.told();
  act();
  expect(world.state).toBe(state);
  expect(world.told()).toEqual([]);
}

describe('a code made on the hub', () => {
  test('goes on the lock as one of the cloud does, and is its own', () => {
    const { world, hands } = house();
    expect(hands.create('a', CODE)).toBeNull();
    expect(world.code('a')).toMatchObject({ origin: 'local', status: 'setting', rejected: null });
    world.work();
    expect(world.code('a')?.status).toBe('set');
    expect([...world.pins.values()]).toEqual(['1234']);
    expect(world.told()).toEqual([
      'access_code.created a',
      'access_code.changed a',
      'access_code.set_on_device a',
    ]);
  });

  test('goes on its lock in time and leaves it at its end', () => {
    const { world, hands } = house();
    hands.create('a', { ...CODE, ...STAY });
    expect(world.code('a')?.status).toBe('unset');
    world.passTo(START - 31 * MINUTE_MS);
    expect(world.pins.size).toBe(0);
    world.passTo(START);
    expect([...world.pins.values()]).toEqual(['1234']);
    world.passTo(END + MINUTE_MS);
    expect(world.pins.size).toBe(0);
    expect(world.code('a')).toBeUndefined();
  });

  test('gets a PIN that its lock allows where it chooses none', () => {
    const { world, hands } = house({ ...PLAIN, constraints: [{ type: 'cannot_specify_pin_code' }] });
    expect(hands.create('a', { preferredCodeLength: 6 })).toBeNull();
    expect(world.code('a')).toMatchObject({ isPinDrawn: true, rejected: null });
    expect(world.code('a')?.pin?.length).toBe(6);
    expect(hands.create('b', CODE)).toMatchObject({ type: 'invalid_input' });
  });

  test('waits for its PIN on a lock that was never met', () => {
    const { world, hands } = house();
    world.state = { ...world.state, lock: unmetLock('lock') };
    expect(hands.create('a')).toBeNull();
    expect(world.code('a')).toMatchObject({ pin: null, isPinDrawn: true });
  });

  test('has the PIN of its group on another lock', () => {
    const { world, hands } = house();
    const other = house().world;
    other.desire(request('x', '2468', { commonCodeKey: 'family' }));
    world.siblings = [{ ...other.state, lock: { ...other.state.lock, deviceId: 'sibling' } }];
    hands.create('a', { commonCodeKey: 'family' });
    expect(world.code('a')?.pin?.reveal()).toBe('2468');
    expect(hands.create('b', { ...CODE, commonCodeKey: 'family' })).toMatchObject({
      type: 'invalid_input',
      message: expect.stringContaining('has the same common_code_key and another PIN'),
    });
  });

  test('switches the pool of its lock on', () => {
    const { world, hands } = house(THIRTY);
    hands.create('a', { ...CODE, ...STAY, useBackupPool: true });
    world.work();
    expect(world.state.lock.poolEnabled).toBe(true);
    expect(pool(world)).toHaveLength(3);
  });
});

describe('a code is refused and leaves nothing behind', () => {
  test.each<[string, Partial<AccessCodeRequest>, string, string]>([
    ['with an end and no start', { endsAt: END }, 'invalid_input', 'ends_at: needs starts_at'],
    [
      'that ends before it starts',
      { startsAt: END, endsAt: START },
      'invalid_input',
      'ends_at: must be after starts_at.',
    ],
    ['that is over', { startsAt: 0, endsAt: HOUR_MS }, 'invalid_input', 'ends_at: is in the past.'],
    [
      'with a PIN that is too long',
      { pin: pin('123456789') },
      'invalid_input',
      'code: this lock takes 4 to 8',
    ],
    ['with no use at all', { maxUses: 0 }, 'invalid_input', 'max_uses: '],
    [
      'for the pool without an end',
      { useBackupPool: true },
      'invalid_input',
      'use_backup_access_code_pool: ',
    ],
    ['with the PIN of another', { pin: pin('9999') }, 'duplicate_access_code', 'code: access code "x" (x)'],
    ['with the PIN of another then', { pin: pin('9999'), ...STAY }, 'duplicate_access_code', 'same PIN then'],
  ])('%s', (_why, more, type, message) => {
    const { world, hands } = house();
    world.desire(request('x', '9999'));
    expectNothingLeft(world, () => {
      const refusal = hands.create('a', { ...CODE, ...more });
      expect(refusal).toEqual({ type, message: expect.stringContaining(message) });
      expect(refusal?.message).not.toMatch(/9999|1234/);
    });
  });

  test('on a lock that is offline, if it is not to wait for it', () => {
    const { world, hands } = house();
    expect(hands.create('a', CODE, false)).toBeNull();
    world.hear({ kind: 'offline' });
    expectNothingLeft(world, () => {
      expect(hands.create('b', {}, false)).toMatchObject({ type: 'device_offline' });
    });
    expect(hands.create('b')).toBeNull();
  });

  test('with the PIN of a code that somebody put on the lock', () => {
    const { world, hands } = house();
    world.pins.set(3, '1234');
    world.hear({ kind: 'slot_changed', slot: 3 });
    world.work();
    expect(hands.create('a', CODE)).toMatchObject({ type: 'duplicate_access_code' });
  });

  test('beyond the number of codes that the hub keeps for a lock', () => {
    const { world, hands } = house();
    const codes = Array.from({ length: 999 }, (_, count) => {
      const window = { startsAt: START + count * DAY_MS, endsAt: START + count * DAY_MS + HOUR_MS };
      return { ...newCode(plainRequest(`code ${count}`), 'local', world.now), pin: pin('1234'), ...window };
    });
    world.state = { ...world.state, codes };
    expect(hands.create('the last', { pin: pin('9999') })).toBeNull();
    expect(hands.create('one more', { pin: pin('5678') })).toMatchObject({ type: 'invalid_input' });
    world.desire(request('of the cloud', '5678'));
    expect(world.code('of the cloud')?.rejected).toBeNull();
  });
});

describe('two owners, one table', () => {
  test('a document never touches what was made on the hub', () => {
    const { world, hands } = house();
    hands.create('a', CODE);
    const before = world.code('a');
    world.desireAndBury([request('a', '5678')], []);
    world.desireAndBury([], ['a']);
    expect(world.code('a')).toBe(before);
  });

  test('a document that comes second is refused the PIN, and so is a request that comes second', () => {
    const { world, hands } = house();
    hands.create('a', { ...CODE, ...STAY });
    world.desire(request('x', '1234', STAY), request('y', '5678'));
    expect(world.code('x')?.rejected?.code).toBe('duplicate_access_code');
    expect(hands.update('a', { pin: pin('5678') })).toMatchObject({ type: 'duplicate_access_code' });
    expect(world.code('a')?.pin?.reveal()).toBe('1234');
    const later = { startsAt: END + DAY_MS, endsAt: END + 2 * DAY_MS };
    world.desire(request('x', '1234', later), request('y', '5678'));
    expect(world.code('x')?.rejected).toBeNull();
    expect(hands.update('a', { endsAt: END + 30 * HOUR_MS })).toMatchObject({
      type: 'duplicate_access_code',
    });
  });

  test('what a document owns is neither changed, deleted nor given up here', () => {
    const { world, hands } = house();
    world.desire(request('x', '1234'));
    world.work();
    expectNothingLeft(world, () => {
      for (const refusal of [hands.update('x', { name: 'y' }), hands.delete('x'), hands.handBack('x')]) {
        expect(refusal).toMatchObject({
          type: 'cloud_owned',
          message: expect.stringContaining('http.local_override'),
        });
      }
    });
  });
});

describe('an update', () => {
  test('changes what it names and leaves the rest', () => {
    const { world, hands } = house();
    hands.create('a', { ...CODE, ...STAY, strictStart: true });
    world.told();
    expect(hands.update('a', { endsAt: END + DAY_MS })).toBeNull();
    expect(world.code('a')).toMatchObject({
      name: 'a',
      startsAt: START,
      endsAt: END + DAY_MS,
      strictStart: true,
      revision: 2,
    });
    expect(world.told()).toEqual(['access_code.mutations_requested a', 'access_code.changed a']);
  });

  test('of nothing changes nothing', () => {
    const { world, hands } = house();
    hands.create('a', CODE);
    expectNothingLeft(world, () => expect(hands.update('a', { name: 'a', pin: pin('1234') })).toBeNull());
  });

  test('of the PIN keeps the slot, and the lock holds one of the two at any time', () => {
    const { world, hands } = house();
    hands.create('a', CODE);
    world.work();
    expect(hands.update('a', { pin: pin('5678') })).toBeNull();
    expect(world.code('a')?.edits.code).toBeDefined();
    world.work();
    expect([...world.pins]).toEqual([[1, '5678']]);
    expect(world.told()).toContain('access_code.code_changed a');
  });

  test('extends a native code in place', () => {
    const { world, hands } = house(SCHEDULING);
    hands.create('a', { ...CODE, ...STAY });
    world.passTo(START + HOUR_MS);
    world.worked();
    hands.update('a', { endsAt: END + DAY_MS });
    world.work();
    expect(world.worked()).toEqual(['set_schedule 1']);
  });

  test('makes an ongoing code time-bound and the other way round', () => {
    const { world, hands } = house();
    hands.create('a', CODE);
    expect(hands.update('a', { type: 'time_bound' })).toMatchObject({
      type: 'invalid_input',
      message: 'type: time_bound needs starts_at and ends_at.',
    });
    expect(hands.update('a', { type: 'time_bound', ...STAY, useBackupPool: true })).toBeNull();
    expect(world.code('a')).toMatchObject(STAY);
    expect(hands.update('a', { type: 'time_bound', name: 'b' })).toBeNull();
    expect(hands.update('a', { type: 'ongoing' })).toBeNull();
    expect(world.code('a')).toMatchObject({ startsAt: null, endsAt: null, useBackupPool: false });
  });

  test('that says ongoing leaves a later start of an ongoing code, and takes one that is given', () => {
    const { world, hands } = house();
    hands.create('a', { ...CODE, startsAt: START });
    hands.update('a', { type: 'ongoing', name: 'b' });
    expect(world.code('a')).toMatchObject({ startsAt: START, endsAt: null, name: 'b' });
    hands.update('a', { type: 'ongoing', startsAt: END });
    expect(world.code('a')?.startsAt).toBe(END);
    hands.update('a', { type: 'ongoing', ...STAY });
    expect(world.code('a')).toMatchObject({ startsAt: null, endsAt: null });
  });

  test.each<[string, Parameters<LocalHands['update']>[1], string]>([
    ['into the past', { startsAt: 0, endsAt: HOUR_MS }, 'ends_at: is in the past.'],
    ['to an end before its start', { endsAt: START - 1 }, 'ends_at: must be after starts_at.'],
    ['to a PIN the lock does not take', { pin: pin('123456789') }, 'code: this lock takes'],
    ['to another PIN than its group has', { pin: pin('5678') }, 'the same common_code_key and another PIN'],
  ])('%s is refused and leaves all as it was', (_what, change, message) => {
    const { world, hands } = house();
    hands.create('a', { ...CODE, ...STAY, commonCodeKey: 'family' });
    const next = { startsAt: END + DAY_MS, endsAt: END + 2 * DAY_MS, commonCodeKey: 'family' };
    hands.create('b', { ...CODE, ...next });
    expectNothingLeft(world, () => {
      const refusal = hands.update('a', change);
      expect(refusal).toEqual({ type: 'invalid_input', message: expect.stringContaining(message) });
    });
  });

  test('brings a code with the PIN of the group it joins', () => {
    const { world, hands } = house();
    hands.create('a', { ...CODE, ...STAY, commonCodeKey: 'family' });
    const next = { startsAt: END + DAY_MS, endsAt: END + 2 * DAY_MS };
    hands.create('b', { pin: pin('5678'), ...next });
    expect(hands.update('b', { commonCodeKey: 'family' })).toBeNull();
    expect(world.code('b')?.pin?.reveal()).toBe('1234');
  });

  test('of a code that is not there, or is no business of anybody, finds nothing', () => {
    const { world } = withPool();
    const hands = new LocalHands(world, true);
    for (const id of ['nobody', pool(world)[0]?.accessCodeId ?? '']) {
      expect(hands.update(id, { name: 'b' })).toMatchObject({ type: 'access_code_not_found' });
      expect(hands.delete(id)).toMatchObject({ type: 'access_code_not_found' });
      expect(hands.handBack(id)).toMatchObject({ type: 'access_code_not_found' });
    }
  });

  test('extends a code whose time has just run out, and no code that was deleted', () => {
    const { world, hands } = house();
    hands.create('a', { ...CODE, ...STAY });
    hands.create('b', { pin: pin('5678'), ...STAY });
    world.passTo(START + HOUR_MS);
    hands.delete('b');
    world.now = END + MINUTE_MS;
    world.nextOutcome = { kind: 'unknown', message: 'report lost' };
    world.step();
    expect(world.code('a')?.removingSince).not.toBeNull();
    expect(hands.update('a', { name: 'b' })).toMatchObject({ message: 'ends_at: is in the past.' });
    expect(hands.update('b', { endsAt: END + DAY_MS })).toMatchObject({
      message: 'access_code_id: this access code is being deleted.',
    });
    expect(hands.update('a', { endsAt: END + DAY_MS })).toBeNull();
    world.passTo(END + HOUR_MS);
    expect([...world.pins.values()]).toEqual(['1234']);
  });

  test('to fewer uses than there were is refused, and to more it brings a code back', () => {
    const { world, hands } = house();
    hands.create('a', { ...CODE, maxUses: 3 });
    world.work();
    world.hear({ kind: 'unlocked', method: 'keycode', slot: 1 });
    world.now += HOUR_MS;
    world.hear({ kind: 'unlocked', method: 'keycode', slot: 1 });
    expect(world.code('a')?.uses).toBe(2);
    expect(hands.update('a', { maxUses: 2 })).toMatchObject({
      type: 'invalid_input',
      message: expect.stringContaining('max_uses: the lock has reported 2 uses'),
    });
    world.now += HOUR_MS;
    world.hear({ kind: 'unlocked', method: 'keycode', slot: 1 });
    expect(world.code('a')?.removingSince).not.toBeNull();
    expect(hands.update('a', { name: 'b' })).toMatchObject({ type: 'invalid_input' });
    expect(hands.update('a', { maxUses: 4 })).toBeNull();
    world.work();
    expect([...world.pins.values()]).toEqual(['1234']);
  });
});

describe('a deletion', () => {
  test('takes the code off the lock, and asking twice is safe', () => {
    const { world, hands } = house();
    hands.create('a', CODE);
    world.work();
    world.told();
    expect(hands.delete('a')).toBeNull();
    expectNothingLeft(world, () => expect(hands.delete('a')).toBeNull());
    world.work();
    expect(world.pins.size).toBe(0);
    expect(hands.delete('a')).toMatchObject({ type: 'access_code_not_found' });
  });

  test('of a backup code that was pulled takes it off although its original stays', () => {
    const { world } = withPool();
    const id = pull(world);
    const hands = new LocalHands(world);
    expect(hands.update(id, { name: 'b' })).toMatchObject({ type: 'invalid_input' });
    expect(hands.delete(id)).toBeNull();
    world.work();
    expect(world.code(id)).toBeUndefined();
    expect(world.code('guest')).toMatchObject({ pulledBackupId: null, status: 'set' });
    expect(backups(world)).toHaveLength(3);
  });
});

/** A lock on which somebody programmed a PIN, and the id that the hub gave it. */
function found(allowed = PLAIN) {
  const { world, hands } = house(allowed);
  world.pins.set(3, '9999');
  world.hear({ kind: 'slot_changed', slot: 3 });
  world.work();
  world.told();
  world.worked();
  return { world, hands, id: unmanagedCodes(world.state)[0]?.accessCodeId ?? '' };
}

describe('a code that somebody put on the lock', () => {
  test('becomes one of the hub without a word to the lock, and can be given back', () => {
    const { world, hands, id } = found();
    expect(hands.convert(id, true)).toBeNull();
    world.work();
    expect(world.worked()).toEqual([]);
    expect(world.code(id)).toMatchObject({
      origin: 'local',
      slot: 3,
      status: 'set',
      allowExternalModification: true,
    });
    expect(world.told()).toEqual([`access_code.unmanaged.converted_to_managed ${id}`]);
    expect(hands.convert(id)).toMatchObject({ type: 'access_code_not_found' });
    expect(hands.handBack(id)).toBeNull();
    expect(unmanagedCodes(world.state)).toMatchObject([{ accessCodeId: id, slot: 3 }]);
    expect([...world.pins]).toEqual([[3, '9999']]);
  });

  test('stays what it is where the lock or another code stands against it', () => {
    const { world, hands, id } = found({ ...PLAIN, constraints: [{ type: 'no_all_same_digits' }] });
    expectNothingLeft(world, () => {
      expect(hands.convert('nobody')).toMatchObject({ type: 'access_code_not_found' });
    });
    world.masks = true;
    world.hear({ kind: 'slot_changed', slot: 3 });
    world.work();
    const masked = unmanagedCodes(world.state)[0]?.accessCodeId ?? id;
    expectNothingLeft(world, () => {
      expect(hands.convert(masked)).toMatchObject({
        type: 'invalid_input',
        message: expect.stringContaining('PIN'),
      });
    });
  });

  test('only a code that is on the lock can be given back', () => {
    const { world, hands } = house();
    hands.create('a', { ...CODE, ...STAY });
    expectNothingLeft(world, () => {
      expect(hands.handBack('a')).toMatchObject({
        type: 'invalid_input',
        message: expect.stringContaining('is_managed: The code is not on the lock'),
      });
    });
  });
});
