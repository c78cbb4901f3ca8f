import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { resultSchema, type Result } from '../../src/cloud/messages/command.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { ROOT, until, World } from './world.ts';

/** The lock moves its bolt and says so. */
const MOVED_WITHIN_MS = 10 * SECOND_MS;
const MET_WITHIN_MS = 40 * SECOND_MS;

let world: World;

beforeAll(async () => {
  world = await World.build();
  await world.startHub();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.error(world.lastWords());
});
afterAll(() => world.end());

function results(commandId: string): readonly Result[] {
  const topic = `${ROOT}/up/result `;
  return world.upward
    .filter((message) => message.startsWith(topic))
    .map((message) => resultSchema.parse(JSON.parse(message.slice(topic.length))))
    .filter((result) => result.command_id === commandId);
}

async function send(type: string, params: object, commandId: string = randomUUID()): Promise<string> {
  const expires_at = new Date(Date.now() + MINUTE_MS).toISOString();
  const command = { v: 1, command_id: commandId, type, expires_at, params };
  await world.broker.publish(`${ROOT}/down/command`, JSON.stringify(command));
  return commandId;
}

function ended(commandId: string, withinMs = MOVED_WITHIN_MS): Promise<Result> {
  return until(`${commandId} has ended`, withinMs, () =>
    results(commandId).find(({ state }) => state !== 'accepted' && state !== 'running'),
  );
}

async function bolt(id: string): Promise<string> {
  return (await world.lock(id)).bolt;
}

describe('a door', () => {
  test('is unlocked and locked by a command that any MQTT client sends, and the cloud hears who moved it', async () => {
    const deviceId = await world.deviceId('back-door');
    for (const [type, to] of [
      ['unlock_door', 'unlocked'],
      ['lock_door', 'locked'],
    ] as const) {
      const result = await ended(await send(type, { device_id: deviceId }));
      expect(result).toMatchObject({ state: 'succeeded', result: { locked: to === 'locked' } });
      expect(await bolt('back-door')).toBe(to);
      await until(`it is told to be ${to}`, MOVED_WITHIN_MS, () =>
        world.backend.events.find(
          (event) => event.event_type === `lock.${to}` && event.device_id === deviceId,
        ),
      );
    }
  });

  test('is not moved again by the same command, also after the hub was killed', async () => {
    const deviceId = await world.deviceId('back-door');
    const commandId = await send('unlock_door', { device_id: deviceId });
    await ended(commandId);
    await ended(await send('lock_door', { device_id: deviceId }));
    await world.endHub('SIGKILL');
    const told = results(commandId).length;
    await send('unlock_door', { device_id: deviceId }, commandId);
    await world.startHub();
    await until('it is answered again', MET_WITHIN_MS, () =>
      results(commandId).length > told ? true : undefined,
    );
    expect(results(commandId).at(-1)?.state).toBe('succeeded');
    expect(await bolt('back-door')).toBe('locked');
  });

  test('that jams is told to be jammed; one that is away, to be offline', async () => {
    const deviceId = await world.deviceId('front-door');
    await ended(await send('unlock_door', { device_id: deviceId }));
    await world.control('/locks/front-door/jam', { active: true });
    expect(await ended(await send('lock_door', { device_id: deviceId }), MET_WITHIN_MS)).toMatchObject({
      state: 'failed',
      error: { code: 'jammed' },
    });
    await world.control('/locks/front-door/jam', { active: false });
    await world.control('/locks/front-door/fault', { kind: 'unreachable' });
    expect(await ended(await send('unlock_door', { device_id: deviceId }), MET_WITHIN_MS)).toMatchObject({
      state: 'failed',
      error: { code: 'device_offline' },
    });
    await world.control('/locks/front-door/fault', { kind: 'none' });
  });
});
