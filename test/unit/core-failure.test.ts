import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/core/operation.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { begin, forget } from '../../src/core/settle/begin.ts';
import { HOUR_MS, SECOND_MS } from '../../src/core/time.ts';
import { CoreWorld, pin, PLAIN, POLICY, request, SCHEDULING } from '../support/core-world.ts';

const UNKNOWN: Outcome = { kind: 'unknown', message: 'report lost' };

describe('a write whose result is unknown', () => {
  test('is read before anything is written, and not written again when it arrived', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.step();
    world.pins.set(1, '1234');
    world.nextOutcome = UNKNOWN;
    world.step();
    expect(world.code('a')).toMatchObject({ status: 'setting', slot: 1 });
    world.worked();
    world.passTo(world.now + HOUR_MS);
    expect(world.worked()).toEqual(['read_slot 1']);
    expect(world.code('a')?.status).toBe('set');
  });

  test('over an empty slot of a masking lock is proven by the mask', () => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    world.desire(request('a', '1234'));
    world.step();
    world.pins.set(1, '1234');
    world.nextOutcome = UNKNOWN;
    world.step();
    world.worked();
    world.passTo(world.now + HOUR_MS);
    expect(world.worked()).toEqual(['read_slot 1']);
    expect(world.code('a')?.status).toBe('set');
  });

  test('over another PIN of a masking lock proves nothing: the slot is cleared and written', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.masks = true;
    world.desire(request('a', '4321'));
    world.nextOutcome = UNKNOWN;
    world.step();
    world.worked();
    world.passTo(world.now + HOUR_MS);
    expect(world.worked()).toEqual(['read_slot 1', 'clear_slot 1', 'set_pin 1']);
    expect(world.pins.get(1)).toBe('4321');
  });

  test('that a crash left behind is read after the restart', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.step();
    const [planned] = plan(world.state, POLICY, world.reading).operations;
    if (planned === undefined || planned.operation.kind !== 'set_pin') throw new Error('no write planned');
    const begun = begin(world.state, planned, POLICY, world.reading);
    expect(begun.codes[0]?.slot).toBe(1);
    expect(begun.slots[0]).toMatchObject({ owner: 'a', pending: { overEmpty: true } });
    world.state = forget(begun, planned.operation.kind, 1);
    world.worked();
    world.work();
    expect(world.worked()).toEqual(['read_slot 1', 'set_pin 1']);
  });
});

test('a lock that does not answer is tried again, later and later, up to 150 s', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  const gaps: number[] = [];
  for (let attempt = 0; attempt < 12; attempt += 1) {
    world.nextOutcome = { kind: 'unreachable', message: 'no ack' };
    const before = world.now;
    expect(world.step()).toBe(true);
    expect(world.step()).toBe(false);
    world.now = world.state.lock.retryAt ?? Number.NaN;
    gaps.push(world.now - before);
  }
  expect(gaps[0]).toBeLessThanOrEqual(SECOND_MS);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(150 * SECOND_MS);
  expect(gaps.at(-1)).toBeGreaterThan(100 * SECOND_MS);
  expect(world.told().filter((event) => event.startsWith('device.'))).toEqual([
    'device.added',
    'device.disconnected',
  ]);
  world.hear({ kind: 'online' });
  world.work();
  expect(world.code('a')?.status).toBe('set');
});

test('three failures in a row are an error, told once, and gone with the first success', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.step();
  world.told();
  for (let attempt = 0; attempt < 4; attempt += 1) {
    world.nextOutcome = { kind: 'refused', reason: 'refused', message: 'not now' };
    world.step();
    world.now += 601 * SECOND_MS;
  }
  expect(world.code('a')?.errors).toMatchObject([{ code: 'failed_to_set_on_device' }]);
  expect(world.told().filter((event) => event.includes('failed_to_set'))).toHaveLength(1);
  world.work();
  expect(world.code('a')).toMatchObject({ status: 'set', errors: [] });
});

test('a PIN that the lock refuses as a duplicate is not tried again until something in the lock changes', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'), request('b', '5678'));
  world.passTo(world.now);
  world.desire(request('a', '4321'), request('b', '5678'));
  world.nextOutcome = { kind: 'refused', reason: 'duplicate_pin', message: 'duplicate' };
  world.worked();
  world.passTo(world.now + 48 * HOUR_MS);
  expect(world.worked()).toEqual(['set_pin 1']);
  expect(world.pins.get(1)).toBe('1234');
  expect(world.code('a')?.errors).toMatchObject([{ code: 'duplicate_code_on_device' }]);
  world.desire(request('a', '4321'));
  world.work();
  expect(world.code('a')).toMatchObject({ status: 'set', errors: [] });
});

test('a full lock is an error at once, and the code goes on as soon as a slot comes free', () => {
  const world = new CoreWorld(PLAIN);
  const five = ['1', '2', '3', '4', '5'].map((digit) => request(`code${digit}`, digit.repeat(4)));
  world.desire(...five, request('sixth', '6666'));
  world.work();
  expect(world.code('sixth')).toMatchObject({ status: 'setting', slot: null });
  expect(world.code('sixth')?.errors).toMatchObject([{ code: 'no_space_for_access_code_on_device' }]);
  world.desire(...five.slice(1), request('sixth', '6666'));
  world.work();
  expect(world.code('sixth')).toMatchObject({ status: 'set', errors: [] });
});

describe('somebody else at the lock', () => {
  test('who changes our code is undone and reported once', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.now += HOUR_MS;
    world.told();
    world.pins.set(1, '6666');
    world.hear({ kind: 'slot_changed', slot: 1 });
    expect(world.code('a')?.status).toBe('set');
    world.worked();
    world.work();
    expect(world.worked()).toEqual(['read_slot 1', 'set_pin 1']);
    expect(world.pins.get(1)).toBe('1234');
    expect(world.told()).toEqual([
      'access_code.modified_external_to_seam a',
      'access_code.changed a',
      'access_code.set_on_device a',
    ]);
    expect(world.code('a')?.errors).toEqual([]);
  });

  test('who empties our slot of a masking lock is undone', () => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    world.desire(request('a', '1234'));
    world.work();
    world.now += HOUR_MS;
    world.pins.delete(1);
    world.hear({ kind: 'slot_cleared', slot: 1 });
    world.work();
    expect(world.pins.get(1)).toBe('1234');
    expect(world.told()).toContain('access_code.deleted_external_to_seam a');
  });

  test('may do so where the code allows it: a warning, and the slot is left alone until the end', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', { allowExternalModification: true }));
    world.work();
    world.now += HOUR_MS;
    world.pins.set(1, '6666');
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.work();
    expect(world.pins.get(1)).toBe('6666');
    expect(world.code('a')?.warnings).toMatchObject([{ code: 'code_modified_external_to_seam' }]);
    world.desire();
    world.work();
    expect(world.pins.size).toBe(0);
  });

  test('whose own slot is never written, however often it changes', () => {
    const world = new CoreWorld(PLAIN);
    for (const slot of [1, 2, 3]) world.pins.set(slot, `900${slot}`);
    world.desire(request('a', '1234'), request('b', '2345'), request('c', '3456'));
    world.work();
    world.pins.set(2, '9999');
    world.hear({ kind: 'slot_changed', slot: 2 });
    world.work();
    expect(world.pins).toEqual(
      new Map([
        [1, '9001'],
        [2, '9999'],
        [3, '9003'],
        [4, '1234'],
        [5, '2345'],
      ]),
    );
    expect(world.code('c')?.errors).toMatchObject([{ code: 'no_space_for_access_code_on_device' }]);
  });

  test('or the echo of our own write costs at most one read', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.told();
    world.worked();
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.work();
    expect(world.worked()).toEqual(['read_slot 1']);
    expect(world.told()).toEqual([]);
  });
});

test('an admin slot is never used', () => {
  const world = new CoreWorld({ ...PLAIN, adminSlots: [1, 3] });
  world.desire(request('a', '1234'), request('b', '2345'), request('c', '3456'), request('d', '4567'));
  world.work();
  expect(new Set(world.pins.keys())).toEqual(new Set([2, 4, 5]));
});

test('a slot that cannot even be read is never written', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.nextOutcome = { kind: 'refused', reason: 'slot_out_of_range', message: 'no such slot' };
  world.work();
  expect([...world.pins.keys()]).toEqual([2]);
});

test('an unlock names the code of its slot, and nobody where the slot is not ours', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.work();
  world.told();
  world.hear({ kind: 'unlocked', method: 'keycode', slot: 1 });
  world.hear({ kind: 'unlocked', method: 'keycode', slot: 4 });
  expect(world.told()).toEqual(['lock.unlocked a', 'lock.unlocked']);
});

test('a clock that may be wrong switches nothing on, and off what has certainly ended', () => {
  const world = new CoreWorld(PLAIN);
  const startsAt = world.now + HOUR_MS;
  world.desire(request('a', '1234', { startsAt, endsAt: startsAt + HOUR_MS }));
  const uncertain = (earliest: number, latest: number) =>
    plan(world.state, POLICY, { earliest, latest }).operations.map(({ operation }) => operation.kind);
  expect(uncertain(world.now, startsAt + 48 * HOUR_MS)).toEqual([]);
  world.passTo(startsAt);
  expect(world.pins.size).toBe(1);
  expect(uncertain(startsAt, startsAt + 48 * HOUR_MS)).toEqual([]);
  world.now = startsAt + HOUR_MS;
  world.work();
  expect(world.pins.size).toBe(0);
});

test('a PIN never shows in anything that is printed', () => {
  const secret = pin('0425');
  expect(`${String(secret)} ${JSON.stringify({ secret })}`).not.toContain('0425');
  expect(secret.reveal()).toBe('0425');
});

test('a slot that is kept for a code is not given to another, though it is still empty', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.step();
  world.nextOutcome = { kind: 'refused', reason: 'refused', message: 'not now' };
  world.step();
  expect(world.code('a')).toMatchObject({ slot: 1, status: 'setting' });
  world.desire(request('a', '1234'), request('b', '5678'));
  world.work();
  expect(world.code('b')?.slot).toBe(2);
});

describe('a battery', () => {
  test('that is low is told once, and again only after it was good', () => {
    const world = new CoreWorld(PLAIN);
    world.told();
    world.hear({ kind: 'battery', level: 0.2, low: false });
    world.hear({ kind: 'battery', level: 0.19, low: true });
    expect(world.told()).toEqual(['device.battery_status_changed', 'device.low_battery']);
    world.hear({ kind: 'battery', level: 1, low: false });
    world.hear({ kind: 'battery', level: 0.05, low: false });
    expect(world.told()).toEqual([
      'device.battery_status_changed',
      'device.battery_status_changed',
      'device.low_battery',
    ]);
  });

  test('that warns without a level warns once', () => {
    const world = new CoreWorld(PLAIN);
    world.told();
    world.hear({ kind: 'battery', level: null, low: true });
    world.hear({ kind: 'battery', level: null, low: true });
    expect(world.told()).toEqual(['device.low_battery']);
  });
});

test('a lock that was reset gets its time, schedules and codes again, and its empty slots are not read', () => {
  const world = new CoreWorld(SCHEDULING);
  const startsAt = world.now + HOUR_MS;
  world.desire(
    request('stay', '1234', { startsAt, endsAt: startsAt + 48 * HOUR_MS }),
    request('owner', '5678'),
  );
  world.work();
  world.now += HOUR_MS;
  world.worked();
  world.pins.clear();
  world.schedules.clear();
  world.hear({ kind: 'slot_cleared', slot: null });
  world.work();
  expect(world.pins).toEqual(
    new Map([
      [1, '5678'],
      [2, '1234'],
    ]),
  );
  expect(world.schedules.size).toBe(1);
  expect(world.worked()).toContain('set_clock');
  expect(world.state.lock.clockSet?.at).toBe(world.now);
});

test('two codes that swap their PINs end with both, though the power goes while one gives way', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1111'), request('b', '2222'));
  world.work();
  world.desire(request('a', '2222'), request('b', '1111'));
  const [planned] = plan(world.state, POLICY, world.reading).operations;
  if (planned?.operation.kind !== 'clear_slot') throw new Error('neither code gives way');
  const { operation } = planned;
  world.state = forget(begin(world.state, planned, POLICY, world.reading), operation.kind, operation.slot);
  world.worked();
  world.work();
  expect(world.worked()[0]).toBe(`read_slot ${operation.slot}`);
  expect(world.pins).toEqual(
    new Map([
      [1, '2222'],
      [2, '1111'],
    ]),
  );
});
