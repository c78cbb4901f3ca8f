import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SECOND_MS } from '../../src/core/time.ts';
import { ended, results, send } from './command.ts';
import type { WorldRadio } from './house.ts';
import { until, type World } from './world.ts';
import { startWorld } from './worlds.ts';

/** The lock moves its bolt and says so. */
const MOVED_WITHIN_MS = 10 * SECOND_MS;
const MET_WITHIN_MS = 40 * SECOND_MS;

let world: World;

let first: string;
let another: string;

/** Commands that any MQTT client sends, at the locks of one radio. */
export function commandsSuite(radio: WorldRadio): void {
  beforeAll(async () => {
    world = await startWorld(radio);
    [first = '', another = ''] = (await world.locks()).map(({ id }) => id);
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(world.lastWords());
  });
  afterAll(() => world.end());
  describe('a door', door);
}

async function bolt(id: string): Promise<string> {
  return (await world.lock(id)).bolt;
}

function door(): void {
  test('is unlocked and locked by a command that any MQTT client sends, and the cloud hears who moved it', async () => {
    const deviceId = await world.deviceId(first);
    for (const [type, to] of [
      ['unlock_door', 'unlocked'],
      ['lock_door', 'locked'],
    ] as const) {
      const result = await ended(world, await send(world, type, { device_id: deviceId }));
      expect(result).toMatchObject({ state: 'succeeded', result: { locked: to === 'locked' } });
      expect(await bolt(first)).toBe(to);
      await until(`it is told to be ${to}`, MOVED_WITHIN_MS, () =>
        world.backend.events.find(
          (event) => event.event_type === `lock.${to}` && event.device_id === deviceId,
        ),
      );
    }
  });

  test('is not moved again by the same command, also after the hub was killed', async () => {
    const deviceId = await world.deviceId(first);
    const commandId = await send(world, 'unlock_door', { device_id: deviceId });
    await ended(world, commandId);
    await ended(world, await send(world, 'lock_door', { device_id: deviceId }));
    await world.endHub('SIGKILL');
    const told = results(world, commandId).length;
    await send(world, 'unlock_door', { device_id: deviceId }, commandId);
    await world.startHub();
    await until('it is answered again', MET_WITHIN_MS, () =>
      results(world, commandId).length > told ? true : undefined,
    );
    expect(results(world, commandId).at(-1)?.state).toBe('succeeded');
    expect(await bolt(first)).toBe('locked');
  });

  test('that jams is told to be jammed; one that is away, to be offline', async () => {
    const deviceId = await world.deviceId(another);
    await ended(world, await send(world, 'unlock_door', { device_id: deviceId }));
    await world.control(`/locks/${another}/jam`, { active: true });
    expect(
      await ended(world, await send(world, 'lock_door', { device_id: deviceId }), MET_WITHIN_MS),
    ).toMatchObject({
      state: 'failed',
      error: { code: 'jammed' },
    });
    await world.control(`/locks/${another}/jam`, { active: false });
    await world.control(`/locks/${another}/fault`, { kind: 'unreachable' });
    expect(
      await ended(world, await send(world, 'unlock_door', { device_id: deviceId }), MET_WITHIN_MS),
    ).toMatchObject({
      state: 'failed',
      error: { code: 'device_offline' },
    });
    await world.control(`/locks/${another}/fault`, { kind: 'none' });
  });
}
