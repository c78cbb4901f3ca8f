import { expect, test } from 'vitest';
import { explain } from '../../src/core/plan/explain.ts';
import { unmetLock } from '../../src/core/lock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, POLICY, request, SCHEDULING } from '../support/core-world.ts';

function why(world: CoreWorld, accessCodeId: string) {
  return explain(world.state, POLICY, world.reading).codes.get(accessCodeId);
}

function whySlot(world: CoreWorld, slot: number) {
  return explain(world.state, POLICY, world.reading).slots.get(slot);
}

test('a code tells what it waits for, from the day it is asked for to its end', () => {
  const world = new CoreWorld(SCHEDULING);
  const startsAt = world.now + 5 * DAY_MS;
  const endsAt = startsAt + DAY_MS;
  const preloadAt = startsAt - 3 * DAY_MS;
  world.desire(request('a', '1234', { startsAt, endsAt }));
  expect(why(world, 'a')).toEqual({
    reason: 'waits_for_its_time',
    message: 'It goes on the lock at 2026-03-04T12:00:00.000Z.',
    at: preloadAt,
  });
  world.now = preloadAt;
  expect(why(world, 'a')).toMatchObject({ reason: 'content_unknown', at: null });
  world.step();
  expect(why(world, 'a')).toMatchObject({ reason: 'lock_clock_not_set' });
  world.step();
  expect(why(world, 'a')?.message).toBe('The schedule of slot 1 is written next: it should be on the lock.');
  world.work();
  expect(why(world, 'a')).toMatchObject({ reason: 'on_lock', at: startsAt });
  expect(whySlot(world, 1)).toMatchObject({ reason: 'kept_for_code', message: 'It is kept for a.' });
  world.passTo(startsAt);
  expect(why(world, 'a')).toEqual({
    reason: 'on_lock',
    message: 'It is on the lock, until 2026-03-08T12:00:00.000Z.',
    at: endsAt,
  });
  world.now = endsAt;
  world.nextOutcome = { kind: 'unreachable', message: 'no answer' };
  world.step();
  expect(why(world, 'a')).toMatchObject({ reason: 'retry_later', at: world.code('a')?.retryAt });
  world.now = world.code('a')?.retryAt ?? 0;
  expect(why(world, 'a')).toMatchObject({ reason: 'lock_unreachable' });
});

test('a code tells who is in its way', () => {
  const world = new CoreWorld({ ...PLAIN, lastSlot: 2 });
  world.pins.set(1, '1111');
  world.desire(request('a', '2222'));
  world.work();
  expect(whySlot(world, 1)).toMatchObject({ reason: 'not_managed' });
  world.desire(request('a', '2222'), request('b', '3333'));
  world.work();
  expect(why(world, 'b')).toMatchObject({ reason: 'no_space', at: null });
  expect(why(world, 'b')?.message).toMatch(/2 slots/);
});

test('an armed code says so', () => {
  const world = new CoreWorld({ ...PLAIN, disabledCodes: true });
  const startsAt = world.now + DAY_MS;
  world.desire(request('a', '1234', { startsAt, endsAt: startsAt + DAY_MS }));
  world.work();
  expect(why(world, 'a')).toMatchObject({ reason: 'armed', at: startsAt - 30 * MINUTE_MS });
});

test('a clock that may have reached a window, or not, is a reason to do nothing', () => {
  const world = new CoreWorld(PLAIN);
  const startsAt = world.now + HOUR_MS;
  world.desire(request('a', '1234', { startsAt, endsAt: startsAt + DAY_MS }));
  const now = { earliest: world.now, latest: startsAt };
  expect(explain(world.state, POLICY, now).codes.get('a')).toMatchObject({ reason: 'hub_clock_uncertain' });
});

test('a lock that nobody met, and a request that was refused', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '123456789'), request('b', '1234'));
  expect(why(world, 'a')).toMatchObject({ reason: 'rejected' });
  const unmet = { ...world.state, lock: unmetLock('lock') };
  expect(explain(unmet, POLICY, world.reading).codes.get('b')).toMatchObject({ reason: 'lock_not_met' });
});
