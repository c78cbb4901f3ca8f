import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, request } from '../support/core-world.ts';

/** A lock with code `a` on it, and nothing left to tell. */
function withCode(...[id, digits, more]: Parameters<typeof request>): CoreWorld {
  const world = new CoreWorld(PLAIN);
  world.desire(request(id, digits, more));
  world.work();
  world.events.length = 0;
  return world;
}

function detailsOf(world: CoreWorld, type: string): readonly unknown[] {
  return world.events.filter(({ event_type }) => event_type === type).map(({ details }) => details);
}

describe('what a document changes is told', () => {
  test('of a name, with the property', () => {
    const world = withCode('a', '1234', { name: 'Ann' });
    world.desire(request('a', '1234', { name: 'Bob' }));
    expect(detailsOf(world, 'access_code.changed')[0]).toEqual({
      changed_properties: [{ property: 'name' }],
    });
  });

  test('of a start alone, with both ends of the window as they were and are to be', () => {
    const world = new CoreWorld(PLAIN);
    const startsAt = world.now - HOUR_MS;
    const code = request('a', '1234', { name: 'Ann', startsAt });
    world.desire(code);
    world.work();
    world.events.length = 0;
    world.desire(request('a', '1234', { name: 'Ann', startsAt: startsAt + 1000 }));
    expect(detailsOf(world, 'access_code.mutations_requested')).toEqual([
      {
        requested_mutations: [
          {
            mutation_code: 'updating_time_frame',
            from: { starts_at: '2026-03-02T11:00:00.000Z', ends_at: null },
            to: { starts_at: '2026-03-02T11:00:01.000Z', ends_at: null },
          },
        ],
      },
    ]);
    expect(detailsOf(world, 'access_code.changed')[0]).toEqual({
      changed_properties: [{ property: 'starts_at' }],
    });
  });

  test('of nothing, when it says the same again', () => {
    const world = withCode('a', '1234');
    world.desire(request('a', '1234'));
    expect(world.events).toEqual([]);
  });
});

/** A lock with a code on it that was made on the hub. */
function withLocal(): CoreWorld {
  const world = withCode('here', '1234');
  world.state = { ...world.state, codes: world.state.codes.map((code) => ({ ...code, origin: 'local' })) };
  return world;
}

describe('a document and a code that was made on the hub', () => {
  test('that it names stays as it is, and that is told with the reason', () => {
    const world = withLocal();
    world.desire(request('here', '9876'));
    expect(world.events).toMatchObject([
      {
        event_type: 'hub.message_rejected',
        access_code_id: 'here',
        details: { reason: 'access_code_is_local', count: 1 },
      },
    ]);
    expect(world.code('here')?.pin?.reveal()).toBe('1234');
  });

  test('that it does not name have nothing to do with each other', () => {
    const world = withLocal();
    world.desire();
    expect(world.events).toEqual([]);
    expect(world.code('here')).toMatchObject({ removingSince: null });
  });

  test('that it buries while it is being deleted anyway agree', () => {
    const world = withLocal();
    world.state = {
      ...world.state,
      codes: world.state.codes.map((code) => ({ ...code, removingSince: world.now })),
    };
    world.desireAndBury([], ['here']);
    expect(detailsOf(world, 'hub.message_rejected')).toEqual([]);
  });
});

describe('the version of a document', () => {
  test('is not applied yet when another generation of documents begins', () => {
    const world = withCode('a', '1234');
    expect(world.state.lock).toMatchObject({ generation: 1, versionReceived: 1, versionApplied: 1 });
    world.take(world.offer({ generation: 2, version: 1, codes: [request('b', '5678')] }).step);
    expect(world.state.lock).toMatchObject({ generation: 2, versionReceived: 1, versionApplied: 0 });
    world.work();
    expect(world.state.lock.versionApplied).toBe(1);
  });

  test('leaves the pool off when only a code that goes had asked for it', () => {
    const world = new CoreWorld({ ...PLAIN, lastSlot: 30 });
    const stay = { startsAt: world.now - HOUR_MS, endsAt: world.now + HOUR_MS };
    world.desire(request('a', '1234', { ...stay, useBackupPool: true }));
    world.state = { ...world.state, lock: { ...world.state.lock, poolEnabled: false } };
    world.desire(request('b', '5678', stay));
    expect(world.state.lock.poolEnabled).toBe(false);
    world.desire(request('b', '5678', stay), request('c', '8765', { ...stay, useBackupPool: true }));
    expect(world.state.lock.poolEnabled).toBe(true);
  });
});
