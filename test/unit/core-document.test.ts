import { describe, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { CoreWorld, pin, PLAIN, request, SCHEDULING } from '../support/core-world.ts';

const START = Date.parse('2026-03-10T15:00:00Z');
const END = Date.parse('2026-03-12T15:00:00Z');

describe('versions of a document', () => {
  test.each([
    [1, 1, 'accepted'],
    [1, 2, 'accepted'],
    [2, 1, 'accepted'],
    [1, 1, 'duplicate'],
    [1, 0, 'stale'],
  ] as const)('generation %i version %i is %s', (generation, version, verdict) => {
    const world = new CoreWorld(PLAIN);
    if (verdict !== 'accepted') {
      world.take(world.offer({ version: 1, codes: [] }).step);
    }
    const before = world.state;
    const document = { generation, version, codes: [request('a', '1234')] };
    const acceptance = world.offer(document);
    expect(acceptance.verdict).toBe(verdict);
    if (verdict !== 'accepted') expect(acceptance.step).toEqual({ state: before, events: [] });
  });

  test('a new generation wins over any version of the old one, and is not applied before it is', () => {
    const world = new CoreWorld(PLAIN);
    const take = (generation: number, version: number) =>
      world.offer({ generation, version, codes: [request('a', '1234')] });
    world.take(take(1, 900).step);
    world.work();
    expect(world.state.lock).toMatchObject({ versionReceived: 900, versionApplied: 900 });
    world.take(take(2, 3).step);
    expect(world.state.lock).toMatchObject({ generation: 2, versionReceived: 3, versionApplied: 3 });
    expect(take(1, 901).verdict).toBe('stale');
  });

  test('is applied only when nothing of it is pending', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('now', '1234'), request('later', '5678', { startsAt: START, endsAt: END }));
    expect(world.state.lock).toMatchObject({ versionReceived: 1, versionApplied: 0 });
    world.work();
    expect(world.state.lock.versionApplied).toBe(1);
  });
});

describe('one invalid code', () => {
  const invalid = {
    kind: 'invalid',
    accessCodeId: 'bad',
    name: 'Bad',
    code: 'invalid_input',
    message: 'code: too short',
  } as const;

  test('is reported, and the rest of the document goes on', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(invalid, request('good', '1234'));
    world.work();
    expect(world.code('good')?.status).toBe('set');
    expect(world.code('bad')).toMatchObject({ status: 'unset', slot: null });
    expect(world.code('bad')?.errors).toMatchObject([{ code: 'invalid_input', message: 'code: too short' }]);
    expect(world.state.lock.versionApplied).toBe(1);
  });

  test('is no work to wait for, even when what was accepted of it before can’t be done', () => {
    const world = new CoreWorld(PLAIN);
    world.pins.set(1, '1234');
    world.desire(request('bad', '1234'));
    world.work();
    expect(world.state.lock).toMatchObject({ versionReceived: 1, versionApplied: 0 });
    world.desire(invalid);
    world.work();
    expect(world.state.lock).toMatchObject({ versionReceived: 2, versionApplied: 2 });
  });

  test('leaves in force what was accepted of it before', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('bad', '1234'));
    world.work();
    world.desire(invalid);
    world.work();
    expect([...world.pins.values()]).toEqual(['1234']);
    expect(world.code('bad')).toMatchObject({ status: 'set' });
    expect(world.code('bad')?.errors).toMatchObject([{ code: 'invalid_input' }]);
    world.desire(request('bad', '1234'));
    expect(world.code('bad')?.errors).toEqual([]);
  });

  test.each([
    ['ends before it starts', { startsAt: END, endsAt: START }, 'invalid_input'],
    ['ends without a start', { endsAt: END }, 'invalid_input'],
    ['has ended', { startsAt: START - 3000 * HOUR_MS, endsAt: START - 2000 * HOUR_MS }, 'invalid_input'],
    ['has a PIN longer than the lock takes', { pin: pin('123456789') }, 'code_constraints_violated'],
  ])('that %s is refused', (_why, more, error) => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', more));
    world.passTo(END);
    expect(world.code('a')?.errors).toMatchObject([{ code: error }]);
    expect(world.pins.size).toBe(0);
  });
});

describe('the same PIN twice on one lock', () => {
  test('is refused while the times on the lock overlap, lead included', () => {
    const world = new CoreWorld(PLAIN);
    const first = request('first', '1234', { startsAt: START, endsAt: END });
    const touching = { startsAt: END + 29 * MINUTE_MS, endsAt: END + HOUR_MS };
    world.desire(first, request('second', '1234', touching));
    expect(world.code('first')?.rejected).toBeNull();
    expect(world.code('second')?.rejected).toMatchObject({ code: 'duplicate_access_code' });
    expect(JSON.stringify(world.state.codes)).not.toContain('1234');
  });

  test('is taken when one leaves before the other comes', () => {
    const world = new CoreWorld(PLAIN);
    const next = { startsAt: END + 30 * MINUTE_MS, endsAt: END + 9 * HOUR_MS };
    world.desire(request('first', '1234', { startsAt: START, endsAt: END }), request('second', '1234', next));
    world.passTo(END + HOUR_MS);
    expect(world.code('second')?.status).toBe('set');
    expect([...world.pins.values()]).toEqual(['1234']);
  });

  test('is refused when a slot that is not ours has it', () => {
    const world = new CoreWorld(PLAIN);
    world.pins.set(1, '1234');
    world.desire(request('a', '7777'));
    world.work();
    world.desire(request('a', '7777'), request('b', '1234'));
    expect(world.code('b')?.rejected).toMatchObject({ code: 'duplicate_access_code' });
  });

  test('gives a code that does not change the right of way, whatever the order', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1111'), request('b', '2222'));
    world.work();
    world.desire(request('a', '2222'), request('b', '2222'));
    world.work();
    expect(world.code('b')?.status).toBe('set');
    expect(world.code('a')?.rejected).toMatchObject({ code: 'duplicate_access_code' });
    expect([...world.pins.values()].toSorted()).toEqual(['1111', '2222']);
  });
});

test('a code made on the hub survives every document, and no document takes it over', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('here', '1234'));
  world.state = { ...world.state, codes: world.state.codes.map((code) => ({ ...code, origin: 'local' })) };
  world.desire(request('here', '9876'));
  world.desire();
  world.work();
  expect([...world.pins.values()]).toEqual(['1234']);
  expect(world.code('here')?.origin).toBe('local');
  expect(world.told()).toContain('hub.message_rejected here');
});

test('a document sent again with an ended code in it neither revives nor repeats it', () => {
  const world = new CoreWorld(SCHEDULING);
  const stay = request('a', '1234', { startsAt: START, endsAt: END });
  world.desire(stay);
  world.passTo(START);
  world.now = END;
  world.take(world.offer({ version: 50, codes: [stay] }).step);
  const { removingSince } = world.code('a') ?? {};
  expect(removingSince).toBe(END);
  world.now = END + 1000;
  world.take(world.offer({ version: 51, codes: [stay] }).step);
  expect(world.code('a')?.removingSince).toBe(END);
  world.told();
  world.work();
  expect(world.told()).toEqual(['access_code.removed_from_device a', 'access_code.deleted a']);
});

test('a window moved into the past ends a code that is on the lock', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234', { startsAt: START, endsAt: END }));
  world.passTo(START + HOUR_MS);
  expect(world.pins.size).toBe(1);
  world.desire(request('a', '1234', { startsAt: START, endsAt: START + MINUTE_MS }));
  world.work();
  expect(world.pins.size).toBe(0);
  expect(world.code('a')).toBeUndefined();
});

/** A window so many hours ahead. */
function ahead(world: CoreWorld, from: number, till: number) {
  return { startsAt: world.now + from * HOUR_MS, endsAt: world.now + till * HOUR_MS };
}

describe('requests for one PIN at different times', () => {
  test('that were refused keep nobody out, and the one that comes first wins', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(
      request('first', '5555', ahead(world, 10, 12)),
      request('overlapping', '5555', ahead(world, 11, 15)),
      request('afterwards', '5555', ahead(world, 12.5, 14)),
    );
    expect(world.state.codes.filter(({ rejected }) => rejected !== null)).toHaveLength(1);
    expect(world.code('overlapping')?.rejected?.message).toContain('"first"');
  });

  test('one that can’t change keeps its old PIN, and who wanted that is refused', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1111'), request('b', '2222'), request('c', '3333'));
    world.desire(request('a', '3333'), request('b', '1111'), request('c', '3333'));
    expect(world.code('a')).toMatchObject({ rejected: { code: 'duplicate_access_code' } });
    expect(world.code('a')?.pin?.reveal()).toBe('1111');
    expect(world.code('b')?.pin?.reveal()).toBe('2222');
    expect(world.code('b')?.rejected?.message).toContain('"a"');
  });
});
