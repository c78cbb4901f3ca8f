import { describe, expect, test } from 'vitest';
import type { AccessCodeRequest } from '../../src/core/access-code.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { deleteUnmanaged, unmanagedCodes } from '../../src/core/request/unmanaged.ts';
import { CoreWorld, pin, PLAIN, request } from '../support/core-world.ts';

const DAY_LATER = Date.parse('2026-03-03T12:00:00Z');
const TWO_DAYS_LATER = Date.parse('2026-03-04T12:00:00Z');

/** A lock with a code in slot 1 that somebody programmed there. */
function lockWithFound(masks = false): { readonly world: CoreWorld; readonly found: string } {
  const world = new CoreWorld(PLAIN);
  world.masks = masks;
  world.pins.set(1, '1234');
  world.hear({ kind: 'slot_changed', slot: 1 });
  world.work();
  const [code] = unmanagedCodes(world.state);
  if (code === undefined) throw new Error('nothing was found');
  world.told();
  world.worked();
  return { world, found: code.accessCodeId };
}

describe('a code that was found on the lock', () => {
  test('becomes ours when a document names its id, with its own PIN and without a word to the lock', () => {
    const { world, found } = lockWithFound();
    world.desire(request(found, '0000', { pin: null, name: 'Cleaner' }));
    world.work();
    expect(world.worked()).toEqual([]);
    expect(world.code(found)).toMatchObject({ name: 'Cleaner', origin: 'cloud', slot: 1, status: 'set' });
    expect(world.code(found)?.pin?.reveal()).toBe('1234');
    expect(world.told()).toEqual([`access_code.unmanaged.converted_to_managed ${found}`]);
    expect(unmanagedCodes(world.state)).toEqual([]);
  });

  test('gets the PIN and the times of the document right after it became ours', () => {
    const { world, found } = lockWithFound();
    const window = { startsAt: world.now, endsAt: DAY_LATER };
    world.desire(request(found, '9876', window));
    expect(world.code(found)?.edits).toMatchObject({ code: {}, timeFrame: { startsAt: null, endsAt: null } });
    expect(world.told().slice(0, 2)).toEqual([
      `access_code.unmanaged.converted_to_managed ${found}`,
      `access_code.mutations_requested ${found}`,
    ]);
    world.work();
    expect([...world.pins.entries()]).toEqual([[1, '9876']]);
    world.passTo(TWO_DAYS_LATER);
    expect(world.pins.size).toBe(0);
  });

  test('can not become ours where its PIN is hidden, which is told once', () => {
    const { world, found } = lockWithFound(true);
    const failed = `access_code.unmanaged.failed_to_convert_to_managed ${found}`;
    world.desire(request(found, '1234'));
    expect(world.code(found)?.rejected?.code).toBe('invalid_input');
    expect(world.told()).toContain(failed);
    world.desire(request(found, '1234'));
    expect(world.told()).not.toContain(failed);
    world.work();
    expect([...world.pins.values()]).toEqual(['1234']);
    expect(unmanagedCodes(world.state)).toHaveLength(1);
    world.desire();
    expect(world.state.codes).toEqual([]);
  });

  test('leaves the lock when a document buries it', () => {
    const { world, found } = lockWithFound();
    world.desireAndBury([], [found]);
    world.work();
    expect(world.pins.size).toBe(0);
    expect(world.told()).toContain(`access_code.unmanaged.removed ${found}`);
    world.desireAndBury([], [found]);
    expect(world.told()).toEqual([]);
  });

  test('counts as buried only when it is off the lock, which nothing else is told of', () => {
    const { world, found } = lockWithFound();
    world.desireAndBury([], [found]);
    expect(world.state.lock).toMatchObject({ versionReceived: 1, versionApplied: 0 });
    for (let attempt = 0; attempt < 4; attempt += 1) {
      world.nextOutcome = { kind: 'refused', reason: 'refused', message: 'busy' };
      world.step();
      world.now += HOUR_MS;
    }
    world.work();
    expect(world.told()).toEqual([`access_code.unmanaged.removed ${found}`]);
    expect(world.state.lock.versionApplied).toBe(1);
  });

  test('has the place of the request that was refused before, among the codes', () => {
    const { world, found } = lockWithFound(true);
    world.desire(request('a', '5678'), request(found, '1234'), request('b', '8765'));
    const order = world.state.codes.map((code) => code.accessCodeId);
    world.desire(request(found, '1234'), request('b', '8765'), request('a', '5678'), request('c', '4321'));
    expect(world.state.codes.map((code) => code.accessCodeId)).toEqual([...order, 'c']);
    world.masks = false;
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.work();
    world.desire(request(found, '1234'), request('b', '8765'), request('a', '5678'), request('c', '4321'));
    expect(world.code(found)?.rejected).toBeNull();
    expect(world.state.codes.map((code) => code.accessCodeId)).toEqual([...order, 'c']);
  });

  test('stays, and becomes ours, when a newer document names what an older one buried', () => {
    const { world, found } = lockWithFound();
    world.desireAndBury([], [found]);
    world.desire(request(found, '1234'));
    expect(world.told()).toEqual([`access_code.unmanaged.converted_to_managed ${found}`]);
    world.work();
    expect([...world.pins.values()]).toEqual(['1234']);
    expect(world.code(found)).toMatchObject({ origin: 'cloud', status: 'set' });
  });

  test('stays with a reason when it is named after all and its PIN is hidden', () => {
    const { world, found } = lockWithFound(true);
    world.desireAndBury([], [found]);
    world.desire(request(found, '1234'));
    expect(world.told()).toEqual([`access_code.unmanaged.failed_to_convert_to_managed ${found}`]);
    expect(world.code(found)?.rejected?.code).toBe('invalid_input');
    world.work();
    expect(world.pins.size).toBe(1);
    world.take(deleteUnmanaged(world.state, found, 'local', world.reading));
    expect(world.state.codes).toMatchObject([{ accessCodeId: found, rejected: null, status: 'removing' }]);
    world.work();
    expect(world.pins.size).toBe(0);
  });

  test('does not become ours while somebody may have put another PIN there', () => {
    const { world, found } = lockWithFound();
    world.pins.set(1, '9999');
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.desire(request(found, '1234'));
    expect(world.code(found)?.rejected?.message).toContain('nobody has looked since');
    world.work();
    expect([...world.pins.values()]).toEqual(['9999']);
  });

  test.each<[string, Partial<AccessCodeRequest>]>([
    ['it ends before it starts', { startsAt: DAY_LATER, endsAt: DAY_LATER - HOUR_MS }],
    ['its window is over', { startsAt: DAY_LATER - 50 * HOUR_MS, endsAt: DAY_LATER - 49 * HOUR_MS }],
    ['it has the PIN of another code', { pin: pin('5678') }],
    ['its PIN is too long for the lock', { pin: pin('123456789') }],
  ])('does not become ours by a request that is refused: %s', (_why, more) => {
    const { world, found } = lockWithFound();
    const other = request('b', '5678');
    world.desire(other);
    world.work();
    world.desire(other, request(found, '1234', more));
    expect(world.code(found)?.rejected).not.toBeNull();
    expect(world.told()).toContain(`access_code.unmanaged.failed_to_convert_to_managed ${found}`);
    world.desire(other);
    world.work();
    expect([...world.pins.values()].toSorted()).toEqual(['1234', '5678']);
    expect(unmanagedCodes(world.state)).toMatchObject([{ accessCodeId: found }]);
  });

  test('does not become ours beside a code of ours with its PIN, unless that one goes with the same document', () => {
    const world = new CoreWorld(PLAIN);
    const later = { startsAt: world.now + 2 * HOUR_MS, endsAt: world.now + 4 * HOUR_MS };
    const waiting = request('a', '1234', later);
    world.desire(waiting);
    world.pins.set(1, '1234');
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.work();
    const found = unmanagedCodes(world.state)[0]?.accessCodeId ?? '';
    world.desire(waiting, request(found, '1234'));
    expect(world.code(found)?.rejected).toEqual({
      code: 'duplicate_access_code',
      message:
        'code: access code "a" (a), from 2026-03-02T14:00:00.000Z to 2026-03-02T16:00:00.000Z, has the same PIN then.',
    });
    world.desire(request(found, '1234'));
    expect(world.code(found)).toMatchObject({ rejected: null, status: 'set' });
  });

  test('does not become ours beside a code of the hub with its PIN, and the refusal says why', () => {
    const world = new CoreWorld(PLAIN);
    const later = { startsAt: world.now + 2 * HOUR_MS, endsAt: world.now + 4 * HOUR_MS };
    world.desire(request('here', '1234', later));
    world.state = { ...world.state, codes: world.state.codes.map((code) => ({ ...code, origin: 'local' })) };
    world.pins.set(1, '1234');
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.work();
    const found = unmanagedCodes(world.state)[0]?.accessCodeId ?? '';
    world.events.length = 0;
    world.desire(request(found, '1234'));
    expect(world.code(found)?.rejected?.code).toBe('duplicate_access_code');
    expect(world.events[0]).toMatchObject({
      event_type: 'access_code.unmanaged.failed_to_convert_to_managed',
      details: { access_code_errors: [{ error_code: 'duplicate_access_code' }] },
    });
  });

  test('that hides its PIN is refused with a reason in the event', () => {
    const { world, found } = lockWithFound(true);
    world.desire(request(found, '1234'));
    expect(world.events[0]).toMatchObject({
      access_code_id: found,
      details: {
        access_code_errors: [
          { error_code: 'cannot_be_managed', message: 'The lock does not show the PIN of this code.' },
        ],
      },
    });
  });

  test('stays where a document says nothing of it', () => {
    const { world } = lockWithFound();
    world.desire(request('a', '5678'));
    world.desire();
    world.work();
    expect([...world.pins.values()]).toEqual(['1234']);
  });

  test('keeps its PIN from others', () => {
    const { world, found } = lockWithFound();
    world.desire(request('a', '1234'));
    expect(world.code('a')?.rejected).toEqual({
      code: 'duplicate_access_code',
      message: `code: code ${found} in slot 1, which this hub does not manage, has the same PIN.`,
    });
  });
});

describe('a tombstone', () => {
  test('wins over an entry of the same document', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.desireAndBury([request('a', '1234'), request('b', '5678')], ['a', 'b', 'unknown']);
    world.work();
    expect(world.state.codes).toEqual([]);
    expect(world.pins.size).toBe(0);
  });

  test('deletes no code that was made on the hub', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('here', '1234'));
    world.state = { ...world.state, codes: world.state.codes.map((code) => ({ ...code, origin: 'local' })) };
    world.told();
    world.desireAndBury([], ['here']);
    world.work();
    expect([...world.pins.values()]).toEqual(['1234']);
    expect(world.told()).toContain('hub.message_rejected here');
  });
});
