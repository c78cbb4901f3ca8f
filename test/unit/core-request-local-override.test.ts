import { expect, test } from 'vitest';
import type { AccessCodeRequest } from '../../src/core/access-code.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { unmanagedCodes } from '../../src/core/request/unmanaged.ts';
import { CoreWorld, pin, PLAIN, request } from '../support/core-world.ts';
import { LocalHands } from '../support/local-world.ts';

const STAY = { startsAt: Date.parse('2026-03-10T15:00:00Z'), endsAt: Date.parse('2026-03-12T15:00:00Z') };

/** A lock with one code of the cloud on it, and somebody who may change that here. */
function overriding(more: Partial<AccessCodeRequest> = {}) {
  const world = new CoreWorld(PLAIN);
  world.desire(request('x', '1234', more));
  world.work();
  world.told();
  return { world, hands: new LocalHands(world, true) };
}

function overrides(world: CoreWorld) {
  return world.events
    .splice(0)
    .filter(({ event_type }) => event_type === 'hub.local_override')
    .map(({ access_code_id, details }) => [access_code_id, details?.['change']]);
}

test('a code of the cloud that was changed here stays so until a newer document says what it is', () => {
  const { world, hands } = overriding();
  expect(hands.update('x', { pin: pin('5678'), name: 'here' })).toBeNull();
  expect(overrides(world)).toEqual([['x', 'updated']]);
  world.work();
  expect([...world.pins.values()]).toEqual(['5678']);
  expect(world.code('x')).toMatchObject({ origin: 'cloud', name: 'here' });
  const { versionReceived: version } = world.state.lock;
  const codes = [request('x', '1234')];
  expect(world.offer({ version, codes }).verdict).toBe('duplicate');
  expect(world.offer({ version: version - 1, codes }).verdict).toBe('stale');
  world.desire(...codes);
  world.work();
  expect([...world.pins.values()]).toEqual(['1234']);
  expect(world.code('x')?.name).toBe('x');
});

test('one that was deleted here comes back with a newer document that names it, or goes for good', () => {
  for (const isStillThere of [false, true]) {
    const { world, hands } = overriding();
    expect(hands.delete('x')).toBeNull();
    expect(overrides(world)).toEqual([['x', 'deleted']]);
    if (!isStillThere) {
      world.work();
      expect(world.code('x')).toBeUndefined();
    }
    expect(hands.delete('x')?.type).toBe(isStillThere ? undefined : 'access_code_not_found');
    expect(overrides(world)).toEqual([]);
    world.desire(request('x', '1234'));
    world.work();
    expect([...world.pins.values()]).toEqual(['1234']);
    world.desire();
    world.work();
    expect(world.pins.size).toBe(0);
  }
});

test('one that was given up here is adopted again by a newer document that names it', () => {
  const { world, hands } = overriding();
  expect(hands.handBack('x')).toBeNull();
  expect(overrides(world)).toEqual([['x', 'handed_back']]);
  expect(unmanagedCodes(world.state)).toMatchObject([{ accessCodeId: 'x' }]);
  world.desire(request('x', '1234'));
  expect(world.code('x')).toMatchObject({ origin: 'cloud', status: 'set' });
});

test('a document that leaves the PIN to the hub is content with the one that was chosen here', () => {
  const { world, hands } = overriding({ pin: null });
  hands.update('x', { pin: pin('5678') });
  world.desire(request('x', '0000', { pin: null }));
  world.work();
  expect([...world.pins.values()]).toEqual(['5678']);
});

test('the same rules hold, and what is refused or changes nothing is not told', () => {
  const { world, hands } = overriding(STAY);
  hands.create('a', { pin: pin('5678') });
  expect(hands.update('x', { pin: pin('5678') })).toMatchObject({ type: 'duplicate_access_code' });
  expect(hands.update('x', { endsAt: STAY.startsAt - HOUR_MS })).toMatchObject({ type: 'invalid_input' });
  expect(hands.update('x', { name: 'x' })).toBeNull();
  expect(hands.update('a', { name: 'b' })).toBeNull();
  expect(overrides(world)).toEqual([]);
});

test('a code that the hub refused to the cloud is told to be there once a change here makes it possible', () => {
  const { world, hands } = overriding();
  world.desire(request('x', '1234'), request('y', '1234'));
  expect(world.code('y')).toMatchObject({ pin: null, rejected: { code: 'duplicate_access_code' } });
  world.told();
  expect(hands.update('y', { pin: pin('5678') })).toBeNull();
  expect(world.told()).toContain('access_code.created y');
  world.work();
  expect([...world.pins.values()]).toEqual(['1234', '5678']);
});
