import { describe, expect, test } from 'vitest';
import { HOUR_MS, SECOND_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, request } from '../support/core-world.ts';

/** A masking lock with a code, of which nobody knows yet whether it reports what is written over the air. */
function maskingLock(): CoreWorld {
  const world = new CoreWorld(PLAIN);
  world.masks = true;
  world.desire(request('a', '1234'));
  world.work();
  world.now += HOUR_MS;
  world.told();
  world.worked();
  return world;
}

/** The code gets another PIN an hour later; `echoes`: the lock reports that. */
function write(world: CoreWorld, digits: string, echoes: boolean): void {
  world.now += HOUR_MS;
  world.desire(request('a', digits));
  world.work();
  if (echoes) echo(world);
}

/** The lock reports our own writes, each once, until there is nothing left to report. */
function echo(world: CoreWorld): void {
  for (let round = 0; round < 9; round += 1) {
    const writes = world.worked().filter((operation) => operation === 'set_pin 1').length;
    if (writes === 0) return;
    world.now += SECOND_MS;
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.work();
  }
  throw new Error('Each report leads to another write');
}

/** Somebody programs slot 1 a moment after we wrote there, and the lock says so. */
function edit(world: CoreWorld, afterMs: number): void {
  world.now += afterMs;
  world.pins.set(1, '9999');
  world.hear({ kind: 'slot_changed', slot: 1 });
  world.work();
}

function external(world: CoreWorld): readonly string[] {
  return world.told().filter((event) => event.includes('external'));
}

describe('an edit right after our own write to a masking lock', () => {
  test('is told and put back on a lock that never reports our writes', () => {
    const world = maskingLock();
    for (const digits of ['2345', '3456', '4567']) write(world, digits, false);
    world.told();
    edit(world, 2 * SECOND_MS);
    expect(external(world)).toEqual(['access_code.modified_external_to_seam a']);
    expect(world.pins.get(1)).toBe('4567');
    // And once more, right after it was put back.
    edit(world, SECOND_MS);
    expect(world.pins.get(1)).toBe('4567');
  });

  test('is put back, as a repeated write, before anybody knows what the lock reports', () => {
    const world = maskingLock();
    write(world, '2345', false);
    edit(world, 2 * SECOND_MS);
    expect(world.pins.get(1)).toBe('2345');
    expect(world.state.lock.repeatedWrites).not.toEqual([]);
    expect(external(world)).toEqual([]);
  });

  test('is put back when it comes while the first write is under way, which shows that the lock masks', () => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    world.desire(request('a', '1234'));
    world.step();
    world.meanwhile = () => {
      world.pins.set(1, '9999');
      world.hear({ kind: 'slot_changed', slot: 1 });
    };
    world.step();
    expect(world.state.lock.masksPins).toBe(true);
    expect(world.pins.get(1)).toBe('9999');
    world.work();
    expect(world.pins.get(1)).toBe('1234');
    expect(external(world)).toEqual([]);
  });

  test('is put back when it comes while the write is under way', () => {
    const world = maskingLock();
    world.desire(request('a', '2345'));
    world.step();
    world.meanwhile = () => {
      world.pins.set(1, '9999');
      world.hear({ kind: 'slot_changed', slot: 1 });
    };
    world.step();
    expect(world.worked()).toEqual(['clear_slot 1', 'set_pin 1']);
    expect(world.pins.get(1)).toBe('9999');
    world.work();
    expect(world.pins.get(1)).toBe('2345');
  });

  test.each(['slot_changed', 'slot_cleared'] as const)(
    'is put back when the lock says that a slot was emptied (%s)',
    (kind) => {
      const world = maskingLock();
      write(world, '2345', false);
      world.now += SECOND_MS;
      world.pins.delete(1);
      world.hear({ kind, slot: 1 });
      world.passTo(world.now + 20 * SECOND_MS);
      expect(world.pins.get(1)).toBe('2345');
    },
  );
});

test('a PIN that was put back counts as ours, also where the document has another one by then', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.work();
  world.pins.delete(1);
  world.hear({ kind: 'slot_cleared', slot: 1 });
  world.step();
  expect(world.code('a')?.externallyModified).toBe(true);
  world.meanwhile = () => {
    world.desire(request('a', '5678'));
    world.desire(request('a', '5678', { allowExternalModification: true }));
  };
  world.step();
  expect(world.pins.get(1)).toBe('1234');
  world.work();
  expect(world.pins.get(1)).toBe('5678');
  expect(world.code('a')).toMatchObject({ status: 'set', externallyModified: false });
});

describe('a masking lock that reports our writes', () => {
  test('gets a code three times at most until that is known, and no edit is told', () => {
    const world = maskingLock();
    write(world, '2345', true);
    const repeated = world.state.lock.repeatedWrites;
    // Emptied and written, twice.
    expect(repeated).toHaveLength(4);
    write(world, '3456', true);
    write(world, '4567', true);
    expect(world.state.lock.repeatedWrites).toEqual(repeated);
    expect(external(world)).toEqual([]);
    expect(world.pins.get(1)).toBe('4567');
  });

  test('may lose one of its reports', () => {
    const world = maskingLock();
    write(world, '2345', true);
    write(world, '3456', false);
    world.worked();
    write(world, '4567', true);
    expect(external(world)).toEqual([]);
    expect(world.pins.get(1)).toBe('4567');
  });

  test('may not say which slot', () => {
    const world = maskingLock();
    world.desire(request('a', '1234'), request('b', '8642'));
    world.work();
    echo(world);
    write(world, '2345', true);
    world.desire(request('a', '3456'), request('b', '8642'));
    world.work();
    world.worked();
    world.told();
    world.now += SECOND_MS;
    world.hear({ kind: 'slot_changed', slot: null });
    world.work();
    expect(external(world)).toEqual([]);
    expect(world.worked().filter((operation) => operation.startsWith('set_pin'))).toEqual([]);
  });

  test('tells of an edit later than that', () => {
    const world = maskingLock();
    write(world, '2345', true);
    world.told();
    edit(world, 6 * SECOND_MS);
    expect(external(world)).toEqual(['access_code.modified_external_to_seam a']);
    expect(world.pins.get(1)).toBe('2345');
  });
});

test('a write of which nobody knows what became is no sign that the lock keeps silent', () => {
  const world = maskingLock();
  world.desire(request('a', '2345'));
  world.step();
  world.nextOutcome = { kind: 'unknown', message: 'no answer' };
  world.step();
  expect(world.worked()).toEqual(['clear_slot 1', 'set_pin 1']);
  expect(world.state.lock.echo).toEqual({ streak: 0, awaited: null });
});
