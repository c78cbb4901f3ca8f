import { describe, expect, test } from 'vitest';
import type { AccessMethod } from '../../src/core/lock-event.ts';
import { observe } from '../../src/core/observe/observe.ts';
import type { Tenant } from '../../src/core/observe/tenure.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, POLICY, request } from '../support/core-world.ts';

/** A lock with one code in slot 1, and nothing left to tell. */
function withCode(...[id, digits, more]: Parameters<typeof request>): CoreWorld {
  const world = new CoreWorld(PLAIN);
  world.desire(request(id, digits, more));
  world.work();
  world.told();
  world.worked();
  return world;
}

function open(world: CoreWorld, slot: number | null, method: AccessMethod = 'keycode'): void {
  world.hear({ kind: 'unlocked', method, slot });
}

/** Puts digits into slot 1 behind our back, and lets the lock tell and be read. */
function edit(world: CoreWorld, digits: string | null): void {
  if (digits === null) world.pins.delete(1);
  else world.pins.set(1, digits);
  world.hear({ kind: 'slot_changed', slot: 1 });
  // Soon after our own write a slot that shows empty is looked at twice.
  while (world.state.slots.some((row) => row.recheck !== 'no')) if (!world.step()) world.now += 1000;
}

describe('who moved the bolt', () => {
  test('is the code whose slot it was, by the slot and method that the lock tells', () => {
    const world = withCode('a', '1234');
    open(world, 1);
    world.hear({ kind: 'locked', method: 'automatic', slot: null });
    expect(world.events).toEqual([
      {
        event_type: 'lock.unlocked',
        occurredAt: world.now,
        device_id: 'lock',
        access_code_id: 'a',
        details: { method: 'keycode', slot: 1, access_code_is_managed: true },
      },
      {
        event_type: 'lock.locked',
        occurredAt: world.now,
        device_id: 'lock',
        details: { method: 'automatic' },
      },
    ]);
    expect(world.state.lock.locked).toBe(true);
  });

  test('is the tenant of the moment at which it happened, however late it is told', () => {
    const world = withCode('b', '5678');
    const at = world.now - DAY_MS;
    const tenant: Tenant = { accessCodeId: 'gone', isManaged: false };
    const event = { deviceId: 'lock', at, body: { kind: 'unlocked', method: 'keycode', slot: 1 } } as const;
    world.take(observe(world.state, event, tenant, POLICY, world.reading));
    expect(world.events).toMatchObject([
      { occurredAt: at, access_code_id: 'gone', details: { access_code_is_managed: false } },
    ]);
    expect(world.code('b')?.uses).toBe(0);
  });

  test('stays unknown when nobody held the slot, and the slot is told all the same', () => {
    const world = withCode('a', '1234');
    open(world, 4);
    expect(world.events[0]).not.toHaveProperty('access_code_id');
    expect(world.events[0]?.details).toEqual({ method: 'keycode', slot: 4 });
  });

  test('is told once when the report comes twice, also after a restart', () => {
    const world = withCode('a', '1234', { maxUses: 5 });
    open(world, 1);
    world.now += 2 * SECOND_MS;
    open(world, 1);
    expect(world.told()).toEqual(['lock.unlocked a']);
    expect(world.code('a')?.uses).toBe(1);
  });

  test('is told once when the bolt is reported back between the two', () => {
    const world = withCode('a', '1234', { maxUses: 5 });
    open(world, 1);
    world.hear({ kind: 'locked', method: 'automatic', slot: null });
    world.now += SECOND_MS;
    open(world, 1);
    expect(world.told()).toEqual(['lock.unlocked a', 'lock.locked']);
    expect(world.code('a')?.uses).toBe(1);
    expect(world.state.lock.locked).toBe(true);
  });

  test('is told again for another movement: later, in another way, by another slot', () => {
    const world = withCode('a', '1234');
    open(world, 1);
    world.now += 2 * SECOND_MS + 1;
    open(world, 1);
    open(world, 2);
    open(world, null);
    open(world, null, 'manual');
    world.hear({ kind: 'locked', method: 'manual', slot: null });
    open(world, null, 'manual');
    expect(world.told().map((event) => event.split(' ')[0])).toEqual([
      'lock.unlocked',
      'lock.unlocked',
      'lock.unlocked',
      'lock.unlocked',
      'lock.unlocked',
      'lock.locked',
      'lock.unlocked',
    ]);
  });

  test('says nothing of where the bolt is now when a later movement is known', () => {
    const world = withCode('a', '1234');
    world.hear({ kind: 'locked', method: 'manual', slot: null });
    world.hear({ kind: 'jammed' });
    const event = {
      deviceId: 'lock',
      at: world.now - HOUR_MS,
      body: { kind: 'unlocked', method: 'keycode', slot: 1 },
    } as const;
    world.take(observe(world.state, event, { accessCodeId: 'a', isManaged: true }, POLICY, world.reading));
    expect(world.told()).toEqual(['lock.locked', 'lock.jammed', 'lock.unlocked a']);
    expect(world.state.lock).toMatchObject({ locked: true, jammed: true });
    expect(world.state.lock.boltReports.at(-1)?.kind).toBe('locked');
    expect(world.code('a')?.uses).toBe(1);
    world.take(observe(world.state, event, { accessCodeId: 'a', isManaged: true }, POLICY, world.reading));
    expect(world.told()).toEqual([]);
    expect(world.code('a')?.uses).toBe(1);
  });

  test('is believed after the clock of the hub was set back', () => {
    const world = withCode('a', '1234');
    world.hear({ kind: 'locked', method: 'manual', slot: null });
    world.now -= DAY_MS;
    open(world, 1);
    expect(world.state.lock.locked).toBe(false);
  });

  test('ends a jam, once', () => {
    const world = withCode('a', '1234');
    world.hear({ kind: 'jammed' });
    world.hear({ kind: 'jammed' });
    open(world, 1);
    world.hear({ kind: 'jam_cleared' });
    expect(world.told()).toEqual(['lock.jammed', 'lock.jam_cleared', 'lock.unlocked a']);
  });
});

describe('a limit on the number of uses', () => {
  test('takes a code of the cloud off the lock after its last use, and remembers it as spent', () => {
    const world = withCode('a', '1234', { maxUses: 2 });
    open(world, 1);
    world.work();
    expect(world.code('a')).toMatchObject({ uses: 1, status: 'set' });
    expect(world.state.lock.spent).toEqual([]);
    world.now += HOUR_MS;
    open(world, 1);
    expect(world.code('a')).toMatchObject({ uses: 2, removingSince: world.now });
    world.work();
    expect(world.pins.size).toBe(0);
    expect(world.state.lock.spent).toEqual([{ accessCodeId: 'a', uses: 2 }]);
    expect(world.told().slice(-2)).toEqual(['access_code.removed_from_device a', 'access_code.deleted a']);
  });

  test('counts what opens with the code and nothing else', () => {
    const world = withCode('a', '1234', { maxUses: 1 });
    world.desire(request('a', '1234', { maxUses: 1 }), request('b', '5678', { maxUses: 9 }));
    world.work();
    open(world, 1, 'manual');
    open(world, null);
    open(world, 2);
    world.hear({ kind: 'locked', method: 'keycode', slot: 1 });
    expect(world.code('a')).toMatchObject({ uses: 0, removingSince: null });
    expect(world.code('b')).toMatchObject({ uses: 1, removingSince: null });
  });

  test('does not name a code of the hub itself as spent: no document holds it', () => {
    const world = withCode('a', '1234', { maxUses: 1 });
    world.state = { ...world.state, codes: world.state.codes.map((code) => ({ ...code, origin: 'local' })) };
    open(world, 1);
    expect(world.code('a')?.removingSince).toBe(world.now);
    expect(world.state.lock.spent).toEqual([]);
  });

  test('does not begin the removal again for a use that comes after the last', () => {
    const world = withCode('a', '1234', { maxUses: 1 });
    open(world, 1);
    const since = world.now;
    world.now += HOUR_MS;
    open(world, 1);
    expect(world.code('a')).toMatchObject({ uses: 2, removingSince: since });
    expect(world.state.lock.spent).toEqual([{ accessCodeId: 'a', uses: 2 }]);
  });
});

describe('what somebody does to a code of ours at the lock', () => {
  test('is told as modified or removed, and put back', () => {
    const world = withCode('a', '1234');
    edit(world, '9999');
    expect(world.events).toMatchObject([
      { event_type: 'access_code.modified_external_to_seam', details: { change_type: 'modified' } },
      {},
    ]);
    world.work();
    world.events.splice(0);
    edit(world, null);
    expect(world.events[0]).toMatchObject({
      event_type: 'access_code.deleted_external_to_seam',
      details: { change_type: 'removed' },
    });
    world.work();
    expect(world.pins.get(1)).toBe('1234');
    expect(world.code('a')).toMatchObject({ status: 'set', externallyModified: false, errors: [] });
  });

  test('counts as modified when it is only disabled', () => {
    const world = withCode('a', '1234');
    world.disabled.add(1);
    edit(world, '1234');
    expect(world.told()[0]).toBe('access_code.modified_external_to_seam a');
    world.work();
    expect(world.disabled.size).toBe(0);
  });

  test('is honoured for as long as it is allowed, with a warning, however often it is looked at', () => {
    const world = withCode('a', '1234', { allowExternalModification: true });
    edit(world, '9999');
    world.told();
    edit(world, '9999');
    world.passTo(world.now + DAY_MS);
    expect(world.pins.get(1)).toBe('9999');
    expect(world.told()).toEqual([]);
    expect(world.code('a')?.warnings).toMatchObject([{ code: 'code_modified_external_to_seam' }]);
  });

  test('is told again when an honoured edit is edited or removed', () => {
    const world = withCode('a', '1234', { allowExternalModification: true });
    edit(world, '9999');
    world.told();
    edit(world, '8888');
    edit(world, null);
    edit(world, '7777');
    expect(world.told()).toEqual([
      'access_code.modified_external_to_seam a',
      'access_code.deleted_external_to_seam a',
      'access_code.modified_external_to_seam a',
    ]);
  });

  test('is over, without a word, when somebody puts our PIN back', () => {
    const world = withCode('a', '1234', { allowExternalModification: true });
    edit(world, '9999');
    world.told();
    edit(world, '1234');
    expect(world.told()).toEqual(['access_code.set_on_device a']);
    expect(world.code('a')).toMatchObject({ status: 'set', externallyModified: false, warnings: [] });
  });

  test('never blocks an update of our own', () => {
    const world = withCode('a', '1234', { allowExternalModification: true });
    edit(world, '9999');
    world.desire(request('a', '4321', { allowExternalModification: true }));
    world.work();
    expect(world.pins.get(1)).toBe('4321');
    expect(world.code('a')).toMatchObject({ status: 'set', externallyModified: false, warnings: [] });
  });

  test.each([false, true])(
    'is no less true under another name (allowed: %s)',
    (allowExternalModification) => {
      const world = withCode('a', '1234', { allowExternalModification });
      edit(world, '9999');
      const problems = () => [...(world.code('a')?.errors ?? []), ...(world.code('a')?.warnings ?? [])];
      const before = problems();
      expect(before).toMatchObject([{ code: 'code_modified_external_to_seam' }]);
      world.desire(request('a', '1234', { allowExternalModification, name: 'other' }));
      expect(problems()).toEqual(before);
      world.work();
      expect(world.pins.get(1)).toBe(allowExternalModification ? '9999' : '1234');
    },
  );

  test('is ended by a longer stay', () => {
    const stay = { startsAt: Date.parse('2026-03-02T12:00:00Z'), endsAt: Date.parse('2026-03-03T12:00:00Z') };
    const world = withCode('a', '1234', { ...stay, allowExternalModification: true });
    edit(world, '9999');
    const endsAt = stay.endsAt + DAY_MS;
    world.desire(request('a', '1234', { ...stay, endsAt, allowExternalModification: true }));
    world.work();
    expect(world.pins.get(1)).toBe('1234');
  });

  test('is honoured on a masking lock, and told when it is removed there', () => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    world.desire(request('a', '1234', { allowExternalModification: true }));
    world.work();
    world.now += HOUR_MS;
    world.told();
    edit(world, '9999');
    edit(world, null);
    expect(world.told().filter((event) => event.includes('external'))).toEqual([
      'access_code.modified_external_to_seam a',
      'access_code.deleted_external_to_seam a',
    ]);
  });
});

test('a battery that is found low at an interview is told like one that reports it', () => {
  const world = new CoreWorld(PLAIN);
  const interview = (batteryLevel: number | null) => {
    const known = {
      radio: 'zwave',
      address: 2,
      model: 'test lock',
      capabilities: PLAIN,
      secure: true,
    } as const;
    world.hear({ kind: 'found', description: { ...known, batteryLevel, locked: true }, snapshot: [] });
  };
  world.told();
  interview(0.05);
  interview(null);
  expect(world.told()).toEqual(['device.battery_status_changed', 'device.low_battery']);
  expect(world.state.lock).toMatchObject({ batteryLevel: 0.05, batteryLow: true });
  interview(0.8);
  expect(world.told()).toEqual(['device.battery_status_changed']);
  expect(world.state.lock.batteryLow).toBe(false);
});

test('a tamper alarm begins and ends once', () => {
  const world = new CoreWorld(PLAIN);
  world.told();
  for (const kind of ['tampered', 'tampered', 'tamper_cleared', 'tamper_cleared'] as const) {
    world.hear({ kind });
  }
  expect(world.told()).toEqual(['device.tampered', 'device.tamper_cleared']);
});

test('a lock that left is in no network, and is met anew if it comes back', () => {
  const world = withCode('a', '1234');
  const { capabilities, model } = world.state.lock;
  if (capabilities === null || model === null) throw new Error('it was never met');
  world.hear({ kind: 'removed' });
  expect(world.state.lock).toMatchObject({ online: false, radio: null, address: null });
  expect(world.step()).toBe(false);
  const description = { capabilities, model, secure: true, batteryLevel: 1, locked: true };
  world.told();
  world.hear({
    kind: 'found',
    description: { ...description, radio: 'zwave', address: 9 },
    snapshot: [],
  });
  expect(world.state.lock).toMatchObject({ online: true, radio: 'zwave', address: 9 });
  expect(world.told()).toContain('device.added');
});
