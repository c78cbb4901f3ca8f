import { randomUUID } from 'node:crypto';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE_MS, HOUR_MS, SECOND_MS } from '../../src/core/time.ts';
import type { DesiredCode } from '../../src/demo/backend.ts';
import { timeBound } from '../../src/demo/locks.ts';
import type { WorldRadio } from './house.ts';
import { ROOT, until, type World } from './world.ts';
import { startWorld } from './worlds.ts';

/** The pinned times: a document is on the lock within 5 s, a code on time within 10 s. */
const DESIRED_WITHIN_MS = 5 * SECOND_MS;
const ON_TIME_WITHIN_MS = 10 * SECOND_MS;
/** Starting the radio library and meeting all locks. */
const MET_WITHIN_MS = 30 * SECOND_MS;
/** The link pauses at random, and no longer than the outage of half a minute has lasted. */
const RECONNECT_WITHIN_MS = 70 * SECOND_MS;

let world: World;
/** Locks of the house: one that keeps schedules itself, two that don't, and any other. */
let native: string;
let plain: string;
let second: string;
let fourth: string;

/** What part 1 promises, on the locks of one radio: the same documents, the same results. */
export function hubSuite(radio: WorldRadio): void {
  beforeAll(async () => {
    world = await startWorld(radio);
    const able = await world.byAbility();
    [native = '', fourth = able.plain[2] ?? ''] = able.native;
    [plain = '', second = ''] = able.plain;
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(world.lastWords());
  });
  afterAll(() => world.end());
  describe('a code from the cloud', codeFromTheCloud);
  restarts();
  windows();
  outages();
  strangers();
}

/** PINs of 8 digits, so that a trace of one is no accident. */
const PINS = ['90817263', '91726354', '92635445', '93544536', '94453627', '95362718'] as const;

function ongoing(name: string, code: string): DesiredCode {
  return { access_code_id: randomUUID(), name, code };
}

function codeFromTheCloud(): void {
  const code = ongoing('Owner', PINS[0]);

  test('published with mosquitto_pub it is on the lock, opens, and the cloud knows', async () => {
    const deviceId = await world.deviceId(plain);
    const document = { v: 1, device_id: deviceId, generation: 1, version: 1, codes: [code], tombstones: [] };
    await world.broker.publish(`${ROOT}/down/desired/${deviceId}`, JSON.stringify(document));
    await world.holds(plain, [PINS[0]], DESIRED_WITHIN_MS);
    const reported = await until('it is reported as set', DESIRED_WITHIN_MS, () =>
      world.backend.reported.get(deviceId)?.codes.find((entry) => entry.status === 'set'),
    );
    const [slot] = (await world.lock(plain)).slots.filter((row) => row.pin === PINS[0]);
    expect(reported).toMatchObject({
      access_code_id: code.access_code_id,
      slot: slot?.slot,
      on_lock: 'active',
    });
    await world.event('access_code.set_on_device', code, DESIRED_WITHIN_MS);
    expect(await world.opens(plain, PINS[0])).toBe(true);
    await world.event('lock.unlocked', code, DESIRED_WITHIN_MS);
  });

  test('a document without it takes it away, and the keypad refuses it', async () => {
    const deviceId = await world.deviceId(plain);
    const document = { v: 1, device_id: deviceId, generation: 1, version: 2, codes: [], tombstones: [] };
    await world.broker.publish(`${ROOT}/down/desired/${deviceId}`, JSON.stringify(document));
    await world.holds(plain, [], DESIRED_WITHIN_MS);
    expect(await world.opens(plain, PINS[0])).toBe(false);
    await world.event('access_code.deleted', code, DESIRED_WITHIN_MS);
  });
}

function restarts(): void {
  test('a clean restart writes no code, and losing what the radio library remembers costs none', async () => {
    const ids = (await world.locks()).map((lock) => lock.id);
    expect(ids.length).toBeGreaterThanOrEqual(4);
    const kept = new Map(ids.map((id) => [id, ongoing('Kept', PINS[1])]));
    for (const [id, code] of kept) await world.desire(id, [code]);
    for (const id of ids) await world.holds(id, [PINS[1]], 3 * DESIRED_WITHIN_MS);
    expect(await world.endHub()).toBe(0);
    const before = await world.locks();

    const database = new Database(path.join(world.dataDir, 'lockhub.db'));
    expect(database.prepare('DELETE FROM radio_storage').run().changes).toBeGreaterThan(0);
    database.close();
    await world.startHub();
    // A new code can only be written once the lock was met anew.
    for (const [id, code] of kept) await world.desire(id, [code, ongoing('New', PINS[2])]);
    for (const id of ids) await world.holds(id, [PINS[1], PINS[2]], MET_WITHIN_MS);
    for (const lock of before) {
      const { writes, slots } = await world.lock(lock.id);
      const slot = slots.find((row) => row.pin === PINS[1])?.slot ?? 0;
      expect(writes[slot]).toBe(lock.writes[slot]);
    }

    expect(await world.endHub()).toBe(0);
    const atRest = await world.locks();
    await world.startHub();
    const code = ongoing('Newer', PINS[3]);
    await world.desire(plain, [code]);
    await world.event('access_code.set_on_device', code, MET_WITHIN_MS);
    for (const lock of atRest.filter(({ id }) => id !== plain)) {
      expect((await world.lock(lock.id)).writes).toEqual(lock.writes);
    }
  });
}

function windows(): void {
  test('a native code opens from its start to its end by the clock of the lock, with the hub stopped', async () => {
    const startsAt = (Math.floor(Date.now() / MINUTE_MS) + 24 * 60) * MINUTE_MS;
    const code = timeBound('Tomorrow', PINS[4], startsAt, startsAt + HOUR_MS);
    await world.desire(native, [code]);
    await world.event('access_code.scheduled_on_device', code, 2 * DESIRED_WITHIN_MS);
    expect(await world.endHub()).toBe(0);
    expect(await world.pins(native)).toEqual([PINS[4]]);
    const opensAt = async (instant: number): Promise<boolean> => {
      await world.control(`/locks/${native}/clock`, {
        offset_seconds: Math.round((instant - Date.now()) / SECOND_MS),
      });
      return world.opens(native, PINS[4]);
    };
    expect(await opensAt(startsAt - 10 * SECOND_MS)).toBe(false);
    expect(await opensAt(startsAt + 10 * SECOND_MS)).toBe(true);
    expect(await opensAt(startsAt + HOUR_MS - 10 * SECOND_MS)).toBe(true);
    expect(await opensAt(startsAt + HOUR_MS + 10 * SECOND_MS)).toBe(false);
    await world.control(`/locks/${native}/clock`, { offset_seconds: 0 });
    await world.startHub();
  });
}

function outages(): void {
  test('a lock that keeps it waiting does not keep the hub from stopping', async () => {
    await world.control(`/locks/${second}/fault`, { kind: 'slow', delay_ms: 20_000 });
    const { received } = (await world.lock(second)).frames;
    const code = ongoing('Late', PINS[5]);
    await world.desire(second, [code]);
    await until('the lock was asked', MET_WITHIN_MS, async () =>
      (await world.lock(second)).frames.received > received ? true : undefined,
    );
    const startedMs = performance.now();
    expect(await world.endHub()).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(5 * SECOND_MS);
    await world.control(`/locks/${second}/fault`, { kind: 'none' });
    await world.startHub();
    await world.event('access_code.set_on_device', code, MET_WITHIN_MS);
    await world.desire(second, []);
    await world.holds(second, [], MET_WITHIN_MS);
  });

  test('with the broker stopped a code starts and ends on time, and all is told afterwards, once and in order', async () => {
    const startsAt = Date.now() + 10 * SECOND_MS;
    const code = { ...timeBound('Guest', PINS[5], startsAt, startsAt + 15 * SECOND_MS), strict_start: true };
    await world.desire(second, [code]);
    await world.event('access_code.created', code, DESIRED_WITHIN_MS);
    await world.broker.stop();
    expect(await world.opens(second, PINS[5])).toBe(false);
    expect(Date.now()).toBeLessThan(startsAt);
    await world.holds(second, [PINS[5]], startsAt + ON_TIME_WITHIN_MS - Date.now());
    // A strict start is early by no more than the lock's own measured time to be programmed.
    expect(Date.now()).toBeGreaterThanOrEqual(startsAt - SECOND_MS);
    expect(await world.opens(second, PINS[5])).toBe(true);
    const endsAt = startsAt + 15 * SECOND_MS;
    await world.holds(second, [], endsAt + ON_TIME_WITHIN_MS - Date.now());
    expect(Date.now()).toBeGreaterThanOrEqual(endsAt);
    expect(await world.opens(second, PINS[5])).toBe(false);
    await world.broker.start();
    await world.event('access_code.deleted', code, RECONNECT_WITHIN_MS);
    const types = world.backend.events
      .filter((event) => event['access_code_id'] === code.access_code_id)
      .map((event) => event.event_type)
      .filter((type) => type !== 'access_code.changed');
    // The guest may be faster than the lock's answer to the hub.
    expect(types.filter((type) => type !== 'lock.unlocked')).toEqual([
      'access_code.created',
      'access_code.set_on_device',
      'access_code.removed_from_device',
      'access_code.deleted',
    ]);
    expect([1, 2]).toContain(types.indexOf('lock.unlocked'));
    expect(types).toHaveLength(5);
  });
}

function strangers(): void {
  test('20,000 malformed messages leave it running, and a valid document still works', async () => {
    const deviceId = await world.deviceId(fourth);
    const hub = world.hubs.at(-1);
    await world.flood(
      [
        [`${ROOT}/down/desired/${deviceId}`, '{'],
        [
          `${ROOT}/down/desired/${deviceId}`,
          JSON.stringify({ v: 1, generation: -1, version: 'x', codes: {} }),
        ],
        [`${ROOT}/down/desired/${deviceId}`, JSON.stringify({ v: 99, codes: [] })],
        [`${ROOT}/down/desired/not-an-id`, JSON.stringify({ v: 1, generation: 1, version: 1, codes: [] })],
        [`${ROOT}/down/ack`, JSON.stringify({ v: 1, epoch: 7, seq: -1 })],
        [`${ROOT}/down/nonsense`, Buffer.from([0xff, 0xfe, 0x00])],
        [`${ROOT}/down/command`, ''],
      ],
      20_000,
    );
    const code = ongoing('After', PINS[0]);
    await world.desire(fourth, [code]);
    await world.event('access_code.set_on_device', code, MET_WITHIN_MS);
    expect(hub?.child.exitCode).toBeNull();
  });

  test('no PIN is in a file of the hub, in its log at level trace, or in a message upward', () => {
    const logged = world.hubs.flatMap((hub) => hub.stdout);
    expect(logged.some((line) => line.includes('"level":"trace"') || line.includes('"level":"debug"'))).toBe(
      true,
    );
    world.expectNoTrace(PINS);
    expect(world.backend.troubles).toEqual([]);
  });
}
