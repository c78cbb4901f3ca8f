import { describe, expect, test } from 'vitest';
import type { DomainEvent } from '../../src/core/event.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, request, SCHEDULING } from '../support/core-world.ts';

const START = Date.parse('2026-03-10T15:00:00Z');
const END = Date.parse('2026-03-12T15:00:00Z');
const STAY = { startsAt: START, endsAt: END };

function detailsOf(world: CoreWorld, type: DomainEvent['event_type']): readonly unknown[] {
  return world.events.filter((event) => event.event_type === type).map((event) => event.details);
}

/** A code that is on the lock, and the lock gone since. */
function onLostLock(): CoreWorld {
  const world = new CoreWorld(SCHEDULING);
  world.desire(request('a', '1234', { ...STAY, name: 'Ann' }));
  world.passTo(START + HOUR_MS);
  world.events.length = 0;
  return world;
}

describe('what a change still asks of the lock', () => {
  test('is noted with what the lock holds, and asked for in an event without a PIN', () => {
    const world = onLostLock();
    const since = world.now;
    world.desire(request('a', '5678', { startsAt: START, endsAt: END + DAY_MS, name: 'Ann' }));
    expect(world.code('a')).toMatchObject({
      revision: 2,
      edits: { code: { since }, timeFrame: { ...STAY, since } },
    });
    expect(detailsOf(world, 'access_code.mutations_requested')).toEqual([
      {
        requested_mutations: [
          { mutation_code: 'updating_code' },
          {
            mutation_code: 'updating_time_frame',
            from: { starts_at: '2026-03-10T15:00:00.000Z', ends_at: '2026-03-12T15:00:00.000Z' },
            to: { starts_at: '2026-03-10T15:00:00.000Z', ends_at: '2026-03-13T15:00:00.000Z' },
          },
        ],
      },
    ]);
    expect(detailsOf(world, 'access_code.changed')).toContainEqual({
      changed_properties: [{ property: 'code' }, { property: 'ends_at' }],
    });
    expect(JSON.stringify(world.events)).not.toMatch(/1234|5678/);
  });

  test('is asked for a name too, which no lock keeps', () => {
    const world = onLostLock();
    world.desire(request('a', '1234', { ...STAY, name: 'Bob' }));
    expect(detailsOf(world, 'access_code.mutations_requested')).toEqual([
      {
        requested_mutations: [{ mutation_code: 'updating_name', from: { name: 'Ann' }, to: { name: 'Bob' } }],
      },
    ]);
    expect(world.code('a')?.name).toBe('Bob');
  });

  test('is nothing where only the hub minds: weekly windows and uses are changed, and told', () => {
    const world = onLostLock();
    const weeklyWindows = [{ days: ['tuesday' as const], start: '08:00', stop: '18:00' }];
    const asked = { ...STAY, name: 'Ann', weeklyWindows, maxUses: 3 };
    world.desire(request('a', '1234', asked));
    world.desire(request('a', '1234', { ...asked, weeklyWindows: [...weeklyWindows] }));
    expect(world.code('a')).toMatchObject({ revision: 2, edits: {} });
    expect(detailsOf(world, 'access_code.mutations_requested')).toEqual([]);
    expect(detailsOf(world, 'access_code.changed')).toContainEqual({
      changed_properties: [{ property: 'weekly_windows' }, { property: 'max_uses' }],
    });
    world.desire(request('a', '1234', { ...asked, weeklyWindows: null }));
    expect(world.code('a')?.revision).toBe(3);
  });

  test('remembers what is on the lock through several changes, and nothing once it is asked for again', () => {
    const world = onLostLock();
    const since = world.now;
    const ask = (digits: string, endsAt: number) =>
      world.desire(request('a', digits, { startsAt: START, endsAt, name: 'Ann' }));
    ask('5678', END + DAY_MS);
    world.now += HOUR_MS;
    ask('9876', END + 2 * DAY_MS);
    expect(world.code('a')?.edits).toEqual({ code: { since }, timeFrame: { ...STAY, since } });
    ask('9876', END);
    expect(world.code('a')?.edits).toEqual({ code: { since } });
    ask('1234', END);
    expect(world.code('a')).toMatchObject({ revision: 5, edits: {} });
  });

  test('is kept while a write of the new PIN may be on the lock', () => {
    const world = onLostLock();
    world.desire(request('a', '5678', { ...STAY, name: 'Ann' }));
    world.nextOutcome = { kind: 'unknown', message: 'no answer' };
    world.step();
    world.desire(request('a', '1234', { ...STAY, name: 'Ann' }));
    expect(world.code('a')?.edits.code).toBeDefined();
    world.passTo(world.now + HOUR_MS);
    expect([...world.pins.values()]).toEqual(['1234']);
  });

  test('is nothing for a code that never was on the lock, and for one that was refused', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', STAY));
    world.desire(request('a', '5678', { startsAt: START, endsAt: END + DAY_MS }));
    expect(world.code('a')).toMatchObject({ revision: 2, edits: {} });
    world.passTo(START + HOUR_MS);
    world.desire(request('a', '123456789', { startsAt: START, endsAt: END + DAY_MS }));
    expect(world.code('a')).toMatchObject({
      revision: 2,
      edits: {},
      rejected: { code: 'code_constraints_violated' },
    });
    expect(world.code('a')?.pin?.reveal()).toBe('5678');
  });
});

describe('a conversion', () => {
  test('of an ongoing code to a time-bound one and back keeps slot and PIN', () => {
    const world = new CoreWorld(SCHEDULING);
    world.desire(request('a', '1234'));
    world.work();
    const startsAt = world.now;
    world.desire(request('a', '1234', { startsAt, endsAt: END }));
    expect(world.code('a')?.edits.timeFrame).toMatchObject({ startsAt: null, endsAt: null });
    world.work();
    expect(world.code('a')).toMatchObject({ startsAt, endsAt: END, slot: 1 });
    expect(world.schedules.size).toBe(1);
    world.desire(request('a', '1234'));
    world.work();
    expect(world.code('a')).toMatchObject({ startsAt: null, endsAt: null, slot: 1, status: 'set' });
    expect(world.schedules.size).toBe(0);
    world.passTo(END + DAY_MS);
    expect([...world.pins.values()]).toEqual(['1234']);
  });
});

test('what failed is tried again when the request changes', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.work();
  world.desire(request('a', '5678'));
  world.nextOutcome = { kind: 'refused', reason: 'pin_format', message: 'no' };
  world.work();
  expect(world.code('a')?.refused).not.toBeNull();
  world.desire(request('a', '8765'));
  expect(world.code('a')).toMatchObject({ refused: null, failures: 0, retryAt: null });
  world.work();
  expect([...world.pins.values()]).toEqual(['8765']);
});
