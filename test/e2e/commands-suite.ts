import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SECOND_MS } from '../../src/core/time.ts';
import { ended, results, send } from './command.ts';
import type { WorldRadio } from './house.ts';
import { until, type World } from './world.ts';
import { startWorld } from './worlds.ts';

const newLockSchema = z.object({ id: z.string(), label: z.object({ qr: z.string() }) });

/** The lock moves its bolt and says so. */
const MOVED_WITHIN_MS = 10 * SECOND_MS;
const MET_WITHIN_MS = 40 * SECOND_MS;
/** An open network and the interview of what joined in its last moment. */
const LET_IN_WITHIN_MS = 150 * SECOND_MS;
/** What a self-test does, in this order. */
const STEPS = ['reach', 'find_slot', 'write', 'read_back', 'remove', 'prove_empty'] as const;

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
  if (radio === 'zigbee') describe('a Zigbee network', network);
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

/** Sends a command about the network and waits for its end. */
async function asked(type: string, params: object): Promise<object> {
  return ended(world, await send(world, type, params), LET_IN_WITHIN_MS);
}

function network(): void {
  test('tests a lock and the way to it, and leaves on it what it had', async () => {
    const device_id = await world.deviceId(first);
    const { slots } = await world.lock(first);
    expect(await asked('self_test', { device_id })).toMatchObject({
      state: 'succeeded',
      result: { steps: STEPS.map((step) => ({ step, ok: true })) },
    });
    expect((await world.lock(first)).slots).toEqual(slots);
    const link = await asked('check_link', { device_id });
    expect(link).toMatchObject({ state: 'succeeded', result: { rating: expect.any(Number) } });
  });

  test('closes when it is told to, and opens again', async () => {
    const pairing = await send(world, 'start_pairing', { radio: 'zigbee', duration_seconds: 60 });
    await until('it is open', MOVED_WITHIN_MS, () =>
      results(world, pairing).some(({ state }) => state === 'running') ? true : undefined,
    );
    expect(await asked('stop_pairing', { radio: 'zigbee' })).toMatchObject({ state: 'succeeded' });
    expect(await ended(world, pairing)).toMatchObject({ state: 'succeeded', result: { stopped: true } });
  });

  test('lets a lock out, and in again as the same one', async () => {
    const device_id = await world.deviceId(first);
    expect(await asked('remove_device', { device_id })).toMatchObject({ state: 'succeeded' });
    expect(await world.control(`/locks/${first}`)).toMatchObject({ joined: false });
    // What is taken out by mistake can be had back.
    expect(world.backend.events).toContainEqual(
      expect.objectContaining({ event_type: 'hub.backup_made', reason: 'before_risk' }),
    );
    await world.control(`/locks/${first}/join`, {});
    expect(await asked('start_pairing', { radio: 'zigbee', duration_seconds: 60 })).toMatchObject({
      state: 'succeeded',
      result: { device_ids: [device_id] },
    });
  });

  test('lets a lock in that takes the place of one that is broken, with its codes', async () => {
    const device_id = await world.deviceId(another);
    const code = { access_code_id: randomUUID(), name: 'Owner', code: '80706050' };
    await world.desire(another, [code]);
    await world.holds(another, [code.code], MET_WITHIN_MS);
    const { id, label } = newLockSchema.parse(
      await world.control('/join', { radio: 'zigbee', model: 'dl-install-code' }),
    );
    const place = { device_id, duration_seconds: 60, qr: label.qr };
    expect(await asked('replace_device', place)).toMatchObject({
      state: 'failed',
      error: { code: 'device_online' },
    });
    await world.control(`/locks/${another}/fault`, { kind: 'unreachable' });
    expect(await asked('replace_device', place)).toMatchObject({
      state: 'succeeded',
      result: { device_ids: [device_id] },
    });
    await world.holds(id, [code.code], MET_WITHIN_MS);
    expect(await world.deviceId(id)).toBe(device_id);
  });
}
