import { describe, expect, test } from 'vitest';
import { displayStatus, pendingMutations } from '../../src/core/problems/mutations.ts';
import { withCode } from '../../src/core/with.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, POLICY, request, SCHEDULING } from '../support/core-world.ts';

function pending(world: CoreWorld, id: string) {
  const code = world.code(id);
  return code && pendingMutations(code, world.state, POLICY, world.reading);
}

const kinds = (world: CoreWorld, id: string) => pending(world, id)?.map(({ kind }) => kind);

/** Events about edits since the last call, with what they tell. */
function edits(world: CoreWorld) {
  return world.events
    .splice(0)
    .filter(({ event_type }) => /name_changed|code_changed|time_frame_changed/.test(event_type))
    .map(({ event_type, details }) => [event_type, details?.['from'], details?.['to']]);
}

describe('what is pending', () => {
  test('of an ongoing code is its creation, until it is on the lock', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234'));
    expect(kinds(world, 'anna')).toEqual(['creating']);
    world.work();
    expect(kinds(world, 'anna')).toEqual([]);
  });

  test('of a later code is deferred until it goes on the lock', () => {
    const world = new CoreWorld(SCHEDULING);
    const startsAt = world.now + 10 * DAY_MS;
    world.desire(request('guest', '1234', { startsAt, endsAt: startsAt + DAY_MS }));
    expect(pending(world, 'guest')).toMatchObject([
      { kind: 'deferring_creation', since: world.now, scheduledAt: startsAt - POLICY.nativePreloadMs },
    ]);
    world.now = startsAt - POLICY.nativePreloadMs;
    expect(kinds(world, 'guest')).toEqual(['creating']);
    world.passTo(world.now + HOUR_MS);
    expect(kinds(world, 'guest')).toEqual([]);
  });

  test('of a code that moves beyond its horizon is its creation again', () => {
    const world = new CoreWorld(PLAIN);
    const startsAt = world.now + HOUR_MS;
    const guest = request('guest', '1234', { startsAt, endsAt: startsAt + DAY_MS });
    world.desire(guest);
    world.passTo(startsAt);
    expect(kinds(world, 'guest')).toEqual([]);
    const week = 7 * DAY_MS;
    world.desire(request('guest', '1234', { startsAt: startsAt + week, endsAt: startsAt + week + DAY_MS }));
    world.work();
    expect(kinds(world, 'guest')).toEqual(['deferring_creation']);
  });

  test('of a deleted code is nothing but its deletion', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234'));
    world.work();
    world.desire(request('anna', '5678'));
    world.desire();
    expect(pending(world, 'anna')).toMatchObject([{ kind: 'deleting', since: world.now }]);
  });

  test('of a request that was refused is nothing', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234', { startsAt: 5, endsAt: 4 }));
    expect(kinds(world, 'anna')).toEqual([]);
    expect(displayStatus(world.code('anna')!, 'unset', world.reading)).toBe('Rejected');
  });
});

describe('an edit', () => {
  test('of the PIN is pending until the lock has it, and told without either PIN', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234'));
    world.work();
    edits(world);
    world.desire(request('anna', '5678'));
    expect(pending(world, 'anna')).toMatchObject([{ kind: 'updating_code', since: world.now }]);
    expect(edits(world)).toEqual([]);
    world.work();
    expect(kinds(world, 'anna')).toEqual([]);
    expect(JSON.stringify(world.events)).not.toMatch(/1234|5678/);
    expect(edits(world)).toEqual([['access_code.code_changed', undefined, undefined]]);
  });

  test('of the time frame shows both while it is pending, and is told with both', () => {
    const world = new CoreWorld(SCHEDULING);
    const startsAt = Date.parse('2026-03-03T10:00:00Z');
    const until = (endsAt: number) => request('guest', '1234', { startsAt, endsAt });
    world.desire(until(startsAt + DAY_MS));
    world.work();
    edits(world);
    world.desire(until(startsAt + 2 * DAY_MS));
    expect(pending(world, 'guest')).toMatchObject([
      {
        kind: 'updating_time_frame',
        from: { startsAt, endsAt: startsAt + DAY_MS },
        to: { startsAt, endsAt: startsAt + 2 * DAY_MS },
      },
    ]);
    world.work();
    expect(kinds(world, 'guest')).toEqual([]);
    expect(edits(world)).toEqual([
      [
        'access_code.time_frame_changed',
        { starts_at: '2026-03-03T10:00:00.000Z', ends_at: '2026-03-04T10:00:00.000Z' },
        { starts_at: '2026-03-03T10:00:00.000Z', ends_at: '2026-03-05T10:00:00.000Z' },
      ],
    ]);
  });

  test('of the name is done at once, because no lock keeps names', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234', { name: 'Anna' }));
    world.work();
    edits(world);
    world.desire(request('anna', '1234', { name: 'Anna B.' }));
    expect(kinds(world, 'anna')).toEqual([]);
    expect(edits(world)).toEqual([['access_code.name_changed', { name: 'Anna' }, { name: 'Anna B.' }]]);
    expect(world.worked().filter((operation) => operation.startsWith('set_pin'))).toHaveLength(1);
  });
});

test('a label for people follows from status and what is pending', () => {
  const world = new CoreWorld(PLAIN);
  const endsAt = world.now + DAY_MS;
  world.desire(request('anna', '1234', { startsAt: world.now - HOUR_MS, endsAt }));
  const label = (status: Parameters<typeof displayStatus>[1], change = {}) => {
    const state = withCode(world.state, 'anna', (code) => ({ ...code, ...change }));
    return displayStatus(state.codes[0]!, status, world.reading);
  };
  expect(label('setting')).toBe('Issuing');
  expect(label('setting', { everOnDevice: true })).toBe('Updating');
  expect(label('set')).toBe('Active');
  expect(label('set', { edits: { code: { since: 0 } } })).toBe('Updating');
  expect(label('unset')).toBe('Scheduled');
  expect(label('unset', { externallyModified: true })).toBe('Changed at the lock');
  expect(label('removing')).toBe('Removing');
  expect(label('unknown')).toBe('Unknown');
  world.now = endsAt;
  expect(label('removing')).toBe('Expired');
});
