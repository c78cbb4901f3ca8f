import { expect, test } from 'vitest';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import { withLock } from '../../src/core/with.ts';
import { CoreWorld, PLAIN, pin, request } from '../support/core-world.ts';

/** A factory-new lock at the same address. */
const NEW_LOCK: LockEventBody = {
  kind: 'found',
  description: {
    radio: 'zwave',
    address: 2,
    model: 'newer lock',
    capabilities: PLAIN,
    secure: true,
    batteryLevel: 1,
    locked: true,
  },
  snapshot: [{ slot: 1, content: { kind: 'pin', pin: pin('9999'), enabled: true } }],
};

test('a lock that takes the place of another gets each code once, and nothing of its own is overwritten', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'), request('b', '5678'));
  world.work();
  expect([...world.pins.values()].toSorted()).toEqual(['1234', '5678']);
  world.pins.clear();
  world.pins.set(1, '9999');
  const names = { nickname: 'Garage', customMetadata: { floor: '2' } };
  world.take({ state: withLock(world.state, names), events: [] });
  world.hear({ kind: 'replaced' });
  const before = world.done.length;
  world.work();
  expect(world.done.slice(before)).toEqual([]);
  world.hear(NEW_LOCK);
  world.work();
  const written = world.done.slice(before).filter((deed) => deed.includes('set_pin'));
  expect(written).toHaveLength(2);
  expect([...world.pins.values()].toSorted()).toEqual(['1234', '5678', '9999']);
  expect(world.state.codes.map(({ status }) => status)).toEqual(['set', 'set']);
  expect(world.state.lock).toMatchObject({ ...names, model: 'newer lock', versionReceived: 1 });
  const told = world.events.map(({ event_type }) => event_type);
  expect(told.filter((type) => type === 'device.added' || type.endsWith('external_to_seam'))).toEqual([
    'device.added',
  ]);
});

test('what only had to go from the old lock is gone', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.work();
  world.nextOutcome = { kind: 'unreachable', message: 'dead' };
  world.desire();
  world.work();
  world.hear({ kind: 'replaced' });
  expect(world.state.codes).toEqual([]);
});
