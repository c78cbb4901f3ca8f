import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { request } from '../support/core-world.ts';
import { loopWorld } from '../support/loop-world.ts';

describe('when the wall clock steps', () => {
  test('back by a week, what was put on too early comes off', async () => {
    const hub = await loopWorld();
    hub.clock.offsetMs = 7 * DAY_MS;
    await hub.pass(MINUTE_MS);
    const startsAt = hub.time.now + 7 * DAY_MS - HOUR_MS;
    hub.desire(request('a', '1234', { startsAt, endsAt: startsAt + 5 * HOUR_MS }));
    await hub.pass(MINUTE_MS);
    expect(hub.pins.size).toBe(1);
    hub.clock.offsetMs = 0;
    await hub.pass(2 * HOUR_MS);
    expect(hub.pins.size).toBe(0);
  });

  test('back by a day while a lock is lost, it is served soon after its return', async () => {
    const hub = await loopWorld();
    hub.isThere = false;
    hub.desire(request('a', '1234'));
    await hub.pass(5 * MINUTE_MS);
    hub.clock.offsetMs = -DAY_MS;
    hub.isThere = true;
    await hub.pass(200 * SECOND_MS);
    expect([...hub.pins.values()]).toEqual(['1234']);
  });

  test('forward during an operation, the lock still has only that one', async () => {
    const hub = await loopWorld();
    let running = 0;
    let most = 0;
    hub.execute = async (operation) => {
      running += 1;
      most = Math.max(most, running);
      await hub.time.sleep(5 * SECOND_MS);
      running -= 1;
      return hub.lock(operation);
    };
    hub.desire(request('a', '1234'), request('b', '5678'));
    await hub.pass(2 * SECOND_MS);
    hub.clock.offsetMs = HOUR_MS;
    await hub.pass(MINUTE_MS);
    expect(most).toBe(1);
    expect(hub.pins.size).toBe(2);
  });

  test('back while a driver hangs, its deadline still comes', async () => {
    const hub = await loopWorld();
    let calls = 0;
    hub.execute = () => {
      calls += 1;
      return new Promise(() => {});
    };
    hub.desire(request('a', '1234'));
    await hub.pass(2 * SECOND_MS);
    hub.clock.offsetMs = -DAY_MS;
    await hub.pass(10 * MINUTE_MS);
    expect(calls).toBeGreaterThan(1);
  });
});

test('a lock that answers pings and no question costs few operations and events', async () => {
  const hub = await loopWorld();
  let calls = 0;
  hub.execute = async () => {
    calls += 1;
    await hub.time.sleep(4 * SECOND_MS);
    return { kind: 'unreachable', message: 'no answer' };
  };
  hub.desire(request('a', '1234'));
  const head = hub.store.outbox.head();
  await hub.pass(HOUR_MS);
  expect(calls).toBeLessThan(60);
  expect(hub.store.outbox.head() - head).toBeLessThan(120);
});
