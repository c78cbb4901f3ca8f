import { describe, expect, test } from 'vitest';
import { forget } from '../../src/core/settle/begin.ts';
import { identifierOf } from '../../src/core/identifier.ts';
import type { Outcome } from '../../src/core/operation.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { adopt, deleteUnmanaged, handBack, unmanagedCodes } from '../../src/core/request/unmanaged.ts';
import { CoreWorld, PLAIN, request, SCHEDULING } from '../support/core-world.ts';

const UNKNOWN: Outcome = { kind: 'unknown', message: 'report lost' };
const DISABLING = { ...PLAIN, disabledCodes: true };
const PLAINLY = { name: 'cleaner', allowExternalModification: false };

/** Somebody programs a PIN at the lock, and the lock tells that its slot changed. */
function program(world: CoreWorld, slot: number, digits: string): void {
  world.pins.set(slot, digits);
  world.hear({ kind: 'slot_changed', slot });
  world.work();
}

/** A lock on which somebody programmed one PIN, and the id that the hub gave it. */
function withForeign(slot = 3, digits = '9999', world = new CoreWorld(PLAIN)) {
  program(world, slot, digits);
  const [found] = unmanagedCodes(world.state);
  if (found === undefined) throw new Error('not listed');
  world.told();
  world.worked();
  return { world, id: found.accessCodeId };
}

function digitsOf(world: CoreWorld) {
  return unmanagedCodes(world.state).map(({ slot, pin }) => [slot, pin?.reveal() ?? null]);
}

function remove(world: CoreWorld, id: string): void {
  world.take(deleteUnmanaged(world.state, id, 'local', world.reading));
}

function take(world: CoreWorld, id: string) {
  const adoption = adopt(world.state, id, PLAINLY, 'cloud', world.reading);
  world.take(adoption.step);
  return adoption;
}

describe('a code that the hub did not put on the lock', () => {
  test('is listed with its PIN and told once, however often it is read', () => {
    const world = new CoreWorld(PLAIN);
    program(world, 3, '9999');
    const [found] = unmanagedCodes(world.state);
    expect(found).toMatchObject({
      slot: 3,
      status: 'set',
      since: world.now,
      cannotBeManaged: false,
      removingSince: null,
    });
    expect(digitsOf(world)).toEqual([[3, '9999']]);
    world.now += HOUR_MS;
    program(world, 3, '9999');
    expect(world.told()).toEqual(['device.added', `access_code.unmanaged.created ${found?.accessCodeId}`]);
    expect(unmanagedCodes(world.state)).toEqual([found]);
  });

  test('is listed without its PIN where the lock masks, and cannot be managed there', () => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    program(world, 3, '9999');
    expect(unmanagedCodes(world.state)).toMatchObject([{ slot: 3, pin: null, cannotBeManaged: true }]);
  });

  test('is unset while it is disabled on the lock', () => {
    const world = new CoreWorld(DISABLING);
    world.disabled.add(3);
    program(world, 3, '9999');
    expect(unmanagedCodes(world.state)).toMatchObject([{ slot: 3, status: 'unset' }]);
  });

  test('is found in what the interview of a new lock read', () => {
    const { state, now } = withForeign(3, '9999').world;
    const world = new CoreWorld(PLAIN);
    const [row] = state.slots;
    if (row?.content.kind !== 'pin') throw new Error('not read');
    world.now = now;
    const { radio, address, model, secure } = world.state.lock;
    if (radio === null || address === null || model === null) throw new Error('not met');
    world.hear({
      kind: 'found',
      description: { radio, address, model, secure, capabilities: PLAIN, batteryLevel: 1, locked: true },
      snapshot: [{ slot: 3, content: row.content }],
    });
    expect(digitsOf(world)).toEqual([[3, '9999']]);
  });

  test('is no access code in a slot of an admin, nor in one that the lock does not show', () => {
    const world = new CoreWorld({ ...PLAIN, adminSlots: [5] });
    program(world, 5, '9999');
    world.nextOutcome = { kind: 'refused', reason: 'slot_out_of_range', message: 'no such slot' };
    program(world, 4, '8888');
    expect(digitsOf(world)).toEqual([]);
    expect(world.told()).toEqual(['device.added']);
  });

  test('is gone when its slot is empty, told once', () => {
    const { world, id } = withForeign();
    world.pins.delete(3);
    for (let report = 0; report < 2; report += 1) {
      world.hear({ kind: 'slot_cleared', slot: 3 });
      world.work();
    }
    expect(world.told()).toEqual([`access_code.unmanaged.removed ${id}`]);
    expect(digitsOf(world)).toEqual([]);
  });

  test('is another code when it has another PIN', () => {
    const { world, id } = withForeign();
    world.now += MINUTE_MS;
    program(world, 3, '7777');
    const [found] = unmanagedCodes(world.state);
    expect(found?.accessCodeId).not.toBe(id);
    expect(world.told()).toEqual([
      `access_code.unmanaged.removed ${id}`,
      `access_code.unmanaged.created ${found?.accessCodeId}`,
    ]);
  });

  test('stays the same code behind its mask, whatever the lock tells of it', () => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    const { id } = withForeign(3, '9999', world);
    world.now += HOUR_MS;
    program(world, 3, '7777');
    expect(unmanagedCodes(world.state)).toMatchObject([{ accessCodeId: id }]);
    expect(world.told()).toEqual([]);
  });

  test('is not what somebody put over a code of ours', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', { allowExternalModification: true }));
    world.work();
    program(world, 1, '9999');
    expect(digitsOf(world)).toEqual([]);
    expect(world.code('a')?.slot).toBe(1);
  });
});

describe('deleting a foreign code', () => {
  test('clears its slot at once when it was just read, and tells that it is removed', () => {
    const { world, id } = withForeign();
    remove(world, id);
    expect(unmanagedCodes(world.state)).toMatchObject([{ accessCodeId: id, removingSince: world.now }]);
    world.work();
    expect(world.worked()).toEqual(['clear_slot 3']);
    expect(world.pins.size).toBe(0);
    expect(world.told()).toEqual([`access_code.unmanaged.removed ${id}`]);
    expect(world.state.codes).toEqual([]);
    expect(world.state.slots).toMatchObject([{ slot: 3, owner: null, unmanaged: null }]);
  });

  test('leaves all other codes alone', () => {
    const { world, id } = withForeign();
    world.desire(request('a', '1234'));
    world.work();
    remove(world, id);
    world.work();
    expect(world.code('a')?.status).toBe('set');
    expect([...world.pins.values()]).toEqual(['1234']);
  });

  test.each<[string, (world: CoreWorld) => void]>([
    ['nobody has looked lately', (world) => (world.now += MINUTE_MS + 1)],
    ['the clock was set back since', (world) => (world.now -= DAY_MS)],
    ['the lock has told of an edit since', (world) => world.hear({ kind: 'slot_changed', slot: 3 })],
    [
      'it is known from an interview of unknown age',
      (world) => {
        const slots = world.state.slots.map((row) => ({ ...row, provenAt: null }));
        world.state = { ...world.state, slots };
      },
    ],
  ])('reads the slot first when %s', (_, happens) => {
    const { world, id } = withForeign();
    happens(world);
    remove(world, id);
    world.work();
    expect(world.worked()).toEqual(['read_slot 3', 'clear_slot 3']);
  });

  test('goes on behind a mask of which no edit was told', () => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    const { id } = withForeign(3, '9999', world);
    world.now += HOUR_MS;
    remove(world, id);
    world.work();
    expect(world.worked()).toEqual(['read_slot 3', 'clear_slot 3']);
    expect(world.told()).toEqual([`access_code.unmanaged.removed ${id}`]);
  });

  test('is dropped when somebody has put another PIN there since', () => {
    const { world, id } = withForeign();
    world.now += HOUR_MS;
    world.pins.set(3, '7777');
    remove(world, id);
    world.work();
    expect(world.worked()).toEqual(['read_slot 3']);
    expect(digitsOf(world)).toEqual([[3, '7777']]);
    expect(world.told()).toEqual([
      `access_code.unmanaged.removed ${id}`,
      expect.stringMatching(/^access_code\.unmanaged\.created/),
    ]);
    expect(world.state.codes).toEqual([]);
  });

  test('is dropped when a masking lock tells of an edit before it is done', () => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    const { id } = withForeign(3, '9999', world);
    world.now += HOUR_MS;
    remove(world, id);
    world.hear({ kind: 'slot_changed', slot: 3 });
    world.work();
    expect(world.worked()).toEqual(['read_slot 3']);
    expect(world.pins.get(3)).toBe('9999');
  });

  test('goes on after its result was lost', () => {
    const { world, id } = withForeign();
    remove(world, id);
    world.nextOutcome = UNKNOWN;
    world.step();
    world.now += 10 * SECOND_MS;
    world.work();
    expect(world.worked()).toEqual(['clear_slot 3', 'read_slot 3', 'clear_slot 3']);
    expect(world.told()).toEqual([`access_code.unmanaged.removed ${id}`]);
  });

  test('leaves a PIN that came into the slot while nobody knew what became of the removal', () => {
    const { world, id } = withForeign();
    remove(world, id);
    world.state = forget(world.state, 'clear_slot', 3);
    world.pins.set(3, '7777');
    world.now += DAY_MS;
    world.work();
    expect(world.worked()).toEqual(['read_slot 3']);
    expect(digitsOf(world)).toEqual([[3, '7777']]);
  });

  test('of an unknown id, or twice, changes nothing', () => {
    const { world, id } = withForeign();
    expect(deleteUnmanaged(world.state, 'nobody', 'local', world.reading).state).toBe(world.state);
    remove(world, id);
    expect(deleteUnmanaged(world.state, id, 'local', world.reading).state).toBe(world.state);
  });
});

describe('adopting a foreign code', () => {
  test('makes it an ongoing code of ours without a word to the lock', () => {
    const { world, id } = withForeign();
    expect(take(world, id).kind).toBe('adopted');
    world.passTo(world.now + DAY_MS);
    expect(world.worked()).toEqual([]);
    expect(world.code(id)).toMatchObject({
      name: 'cleaner',
      origin: 'cloud',
      status: 'set',
      slot: 3,
      startsAt: null,
      endsAt: null,
      everOnDevice: true,
    });
    expect(world.told()).toEqual([`access_code.unmanaged.converted_to_managed ${id}`]);
    expect(digitsOf(world)).toEqual([]);
  });

  test('lets it be deleted like any code', () => {
    const { world, id } = withForeign();
    take(world, id);
    world.told();
    world.desire();
    world.work();
    expect(world.pins.size).toBe(0);
    expect(world.told().slice(-2)).toEqual([
      `access_code.removed_from_device ${id}`,
      `access_code.deleted ${id}`,
    ]);
  });

  test('has it put back when somebody removes it', () => {
    const { world, id } = withForeign();
    take(world, id);
    world.pins.delete(3);
    world.hear({ kind: 'slot_cleared', slot: 3 });
    world.work();
    expect(world.pins.get(3)).toBe('9999');
  });

  test('enables one that was disabled', () => {
    const world = new CoreWorld(DISABLING);
    world.disabled.add(3);
    const { id } = withForeign(3, '9999', world);
    take(world, id);
    expect(world.code(id)?.status).toBe('setting');
    world.work();
    expect(world.disabled.size).toBe(0);
    expect(world.code(id)?.status).toBe('set');
  });

  test('is refused where its PIN is masked, with an event that says so', () => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    const { id } = withForeign(3, '9999', world);
    expect(take(world, id)).toMatchObject({ kind: 'refused', reason: 'cannot_be_managed' });
    expect(world.events).toMatchObject([
      {
        event_type: 'access_code.unmanaged.failed_to_convert_to_managed',
        access_code_id: id,
        details: { access_code_errors: [{ error_code: 'cannot_be_managed' }] },
      },
    ]);
    expect(unmanagedCodes(world.state)).toMatchObject([{ accessCodeId: id }]);
  });

  test('is refused while it is being deleted, and where the lock keeps it within a schedule', () => {
    const { world, id } = withForeign();
    remove(world, id);
    expect(take(world, id)).toMatchObject({ kind: 'refused', reason: 'cannot_be_managed' });

    const scheduling = new CoreWorld(SCHEDULING);
    scheduling.schedules.set(3, { start: '2026-01-01T08:00', stop: '2026-12-31T17:00' });
    const limited = withForeign(3, '9999', scheduling);
    expect(take(scheduling, limited.id)).toMatchObject({ kind: 'refused', reason: 'cannot_be_managed' });
  });

  test('of an unknown id is refused without an event', () => {
    const { world } = withForeign();
    expect(take(world, 'nobody')).toMatchObject({ kind: 'refused', reason: 'access_code_not_found' });
    expect(world.told()).toEqual([]);
  });
});

describe('handing a code back', () => {
  test('leaves it on the lock under its id, even after its end', () => {
    const world = new CoreWorld(PLAIN);
    const endsAt = world.now + DAY_MS;
    world.desire(request('a', '1234', { startsAt: world.now, endsAt }));
    world.work();
    world.told();
    world.worked();
    const given = handBack(world.state, 'a', world.reading);
    if (given.kind === 'refused') throw new Error(given.message);
    world.take(given.step);
    world.passTo(endsAt + DAY_MS);
    expect(world.worked()).toEqual([]);
    expect(world.pins.get(1)).toBe('1234');
    expect(unmanagedCodes(world.state)).toMatchObject([{ accessCodeId: 'a', slot: 1, status: 'set' }]);
    expect(world.told()).toEqual(['access_code.changed a', 'access_code.unmanaged.created a']);
    expect(take(world, 'a').kind).toBe('adopted');
    expect(world.code('a')).toMatchObject({ status: 'set', slot: 1, endsAt: null });
  });

  test('keeps its PIN on a masking lock until somebody edits it there: then it is another code', () => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    world.desire(request('a', '1234'));
    world.work();
    const given = handBack(world.state, 'a', world.reading);
    if (given.kind === 'refused') throw new Error(given.message);
    world.take(given.step);
    world.now += HOUR_MS;
    world.told();
    world.hear({ kind: 'slot_changed', slot: 1, unsure: true });
    world.work();
    expect(digitsOf(world)).toEqual([[1, '1234']]);
    program(world, 1, '9999');
    expect(digitsOf(world)).toEqual([[1, null]]);
    expect(world.told()).toEqual([
      'access_code.unmanaged.removed a',
      expect.stringMatching(/^access_code\.unmanaged\.created/),
    ]);
  });

  test('is refused for a code that is not on the lock, is being deleted or is not ours', () => {
    const world = new CoreWorld(PLAIN);
    const startsAt = world.now + DAY_MS;
    world.desire(request('later', '1234', { startsAt, endsAt: startsAt + DAY_MS }), request('a', '5678'));
    world.work();
    const answer = (id: string) => handBack(world.state, id, world.reading);
    expect(answer('later')).toMatchObject({ kind: 'refused', reason: 'access_code_not_on_device' });
    expect(answer('nobody')).toMatchObject({ kind: 'refused', reason: 'access_code_not_found' });
    world.desire();
    expect(answer('a')).toMatchObject({ kind: 'refused', reason: 'access_code_not_found' });
  });

  test('is refused while a write of the code is under way', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.desire(request('a', '5678'));
    world.nextOutcome = UNKNOWN;
    world.step();
    expect(handBack(world.state, 'a', world.reading).kind).toBe('refused');
  });
});

describe('an id made from a text', () => {
  test('has the shape of a UUID of the version for such ids, and is the same every time', () => {
    const id = identifierOf('lock 3 1772452800000');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(identifierOf('lock 3 1772452800000')).toBe(id);
  });

  test('differs between neighbours in every one of its parts, and never repeats', () => {
    const ids = new Set<string>();
    const parts = [new Set<string>(), new Set<string>(), new Set<string>()];
    for (let slot = 0; slot < 100; slot += 1) {
      for (let instant = 0; instant < 200; instant += 1) {
        const id = identifierOf(`lock ${slot} ${1772452800000 + instant * SECOND_MS}`);
        ids.add(id);
        parts.forEach((seen, index) =>
          seen.add([id.slice(0, 8), id.slice(24, 32), id.slice(28)][index] ?? ''),
        );
      }
    }
    expect(ids.size).toBe(20_000);
    // 20,000 values of 32 bits hardly ever meet by chance.
    for (const seen of parts) expect(seen.size).toBeGreaterThan(19_995);
  });
});
