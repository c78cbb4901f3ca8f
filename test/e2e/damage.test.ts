import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SECOND_MS } from '../../src/core/time.ts';
import type { DesiredCode } from '../../src/demo/backend.ts';
import { freePort } from '../contract/cloud-rig.ts';
import { LOCKHUB, startProgram } from './program.ts';
import { until, World } from './world.ts';

const HELD_WITHIN_MS = 60 * SECOND_MS;
const PAGE_BYTES = 4096;
const ENDS_IN_MS = 20 * SECOND_MS;
const TEST_TIMEOUT_MS = 240 * SECOND_MS;
const HOUSE = JSON.stringify({ locks: [{ id: 'door', model: 'uc-v2', address: 2 }] });
const KEPT = '480215';
const NEWER = '480226';
const ENDED = '480237';
const LOCAL = '480248';

let world: World;
let api: string;
let apiKey: string;

beforeAll(async () => {
  const port = await freePort();
  api = `http://127.0.0.1:${port}`;
  world = await World.build({ house: HOUSE, config: { http: { listen: `127.0.0.1:${port}` } } });
  await world.startHub();
  apiKey = (await world.lockhub('key', 'create', '--name', 'test', '--scope', 'admin')).trim();
});

afterEach((context) => {
  if (context.task.result?.state === 'fail') console.error(world.lastWords());
});

afterAll(() => world.end());

const kept = { access_code_id: randomUUID(), name: 'kept', code: KEPT };
const newer = { access_code_id: randomUUID(), name: 'newer', code: NEWER };

function ending(): DesiredCode {
  const now = Date.now();
  return {
    access_code_id: randomUUID(),
    name: 'ended',
    code: ENDED,
    prefer_native_scheduling: false,
    starts_at: new Date(now - SECOND_MS).toISOString(),
    ends_at: new Date(now + ENDS_IN_MS).toISOString(),
  };
}

async function post(route: string, body: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const answer = await fetch(`${api}/${route}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return answer.json();
}

function repairs(): number {
  return world.backend.events.filter(({ event_type: type }) => type === 'hub.database_repaired').length;
}

function database(): string {
  return path.join(world.dataDir, 'lockhub.db');
}

/** Spoils where the first rows of a table are. */
function spoil(table: string): void {
  const look = new Database(database(), { readonly: true });
  const root = Number(look.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table));
  look.close();
  const bytes = readFileSync(database());
  writeFileSync(database(), bytes.fill(0xa5, (root - 1) * PAGE_BYTES, root * PAGE_BYTES));
}

/** The hub has looked at the lock and has nothing left to do there; no slot was written again. */
async function settled(since: number, pins: readonly string[], writes: Readonly<Record<string, number>>) {
  const deviceId = await world.deviceId('door');
  await until('the hub is done', HELD_WITHIN_MS, () => {
    const lines = world.upward.slice(since).filter((line) => line.includes(`/up/reported/${deviceId} `));
    const codes = world.backend.reported.get(deviceId)?.codes ?? [];
    const isDone = codes.length === pins.length && codes.every(({ status }) => status === 'set');
    return lines.length > 0 && isDone ? true : undefined;
  });
  await world.holds('door', pins, HELD_WITHIN_MS);
  const now = await world.lock('door');
  for (const { slot, pin } of now.slots) {
    if (pin !== null && pins.includes(pin))
      expect(`${slot}: ${now.writes[slot]}`).toBe(`${slot}: ${writes[slot]}`);
  }
}

test(
  'a hub whose database was damaged while it was down: what ended is off, the rest stays, and nothing is written twice',
  async () => {
    await world.desire('door', [kept]);
    await world.holds('door', [KEPT], HELD_WITHIN_MS);
    await world.lockhub('backup');
    const ended = ending();
    await world.desire('door', [kept, newer, ended]);
    await world.holds('door', [KEPT, NEWER, ENDED], HELD_WITHIN_MS);
    await world.event('access_code.set_on_device', newer, HELD_WITHIN_MS);
    expect(await world.endHub()).toBe(0);
    const { writes } = await world.lock('door');
    spoil('access_codes');
    await until(
      'the guest has left',
      2 * ENDS_IN_MS,
      () => Date.now() > Date.parse(ended.ends_at ?? '') || undefined,
    );

    const since = world.upward.length;
    const hub = await world.startHub();
    await hub.line((line) => line.includes('THE DATABASE IS DAMAGED'), HELD_WITHIN_MS);
    await world.desire('door', [kept, newer]);
    await settled(since, [KEPT, NEWER], writes);
    await until('it is told', HELD_WITHIN_MS, () => repairs() === 1 || undefined);
    const page = await fetch(`${api}/page/overview`, { headers: { authorization: `Bearer ${apiKey}` } });
    expect(await page.text()).toContain('database_repaired');
    expect(await doctor()).toContain('database_repaired');
    world.expectNoTrace([KEPT, NEWER, ENDED]);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a database that is damaged under a hub: the same process finds out, repairs it and goes on',
  async () => {
    const deviceId = await world.deviceId('door');
    await world.lockhub('backup');
    await post('access_codes/create', { device_id: deviceId, name: 'local', code: LOCAL });
    await world.holds('door', [KEPT, NEWER, LOCAL], HELD_WITHIN_MS);
    const { writes } = await world.lock('door');
    const since = world.upward.length;
    // What is in the log of the database is read from there, until all of it is in the database as well.
    const other = new Database(database());
    other.pragma('wal_checkpoint(PASSIVE)');
    other.close();
    const before = repairs();
    for (const table of ['event_log', 'radio_storage', 'tenures']) spoil(table);
    // The hub may start anew before it has answered.
    await post('page/backups/make', {}).catch(() => undefined);
    const hub = world.hubs.at(-1);
    await hub?.line((line) => line.includes('the hub starts anew and repairs it'), HELD_WITHIN_MS);
    await until('it is told', HELD_WITHIN_MS, () => repairs() > before || undefined);
    await settled(since, [KEPT, NEWER, LOCAL], writes);
    expect(hub?.child.exitCode).toBeNull();
    expect(hub?.stderr).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a database that is lost with its backups: the hub begins anew, leaves the locks alone, and has its codes from the cloud',
  async () => {
    expect(await world.endHub()).toBe(0);
    const { writes } = await world.lock('door');
    writeFileSync(database(), 'noise'.repeat(10_000));
    for (const name of readdirSync(world.dataDir)) {
      if (name === 'backups' || name === 'damaged')
        rmSync(path.join(world.dataDir, name), { recursive: true });
    }
    const since = world.upward.length;
    const before = repairs();
    const hub = await world.startHub();
    await hub.line((line) => line.includes('THE DATABASE IS LOST'), HELD_WITHIN_MS);
    await until('it is told', HELD_WITHIN_MS, () => repairs() > before || undefined);
    await until('what is on the lock is listed', HELD_WITHIN_MS, () => {
      const lines = world.upward.slice(since).filter((line) => line.includes('/up/reported/'));
      return lines.length > 0 || undefined;
    });
    await world.holds('door', [KEPT, NEWER, LOCAL], HELD_WITHIN_MS);
    expect((await world.lock('door')).writes).toEqual(writes);
    expect(await doctor()).toContain('database_emptied');
  },
  TEST_TIMEOUT_MS,
);

async function doctor(): Promise<string> {
  const run = startProgram(LOCKHUB, ['doctor', '--json', '--config', world.configFile]);
  await run.ended();
  return run.stdout.join();
}
