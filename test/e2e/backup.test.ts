import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash, randomUUID } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import type { DesiredCode } from '../../src/demo/backend.ts';
import { checkBackup } from '../../src/backup/read-file.ts';
import { ended, send } from './command.ts';
import { letIn } from './let-in.ts';
import { LOCKHUB, startProgram } from './program.ts';
import { until, World } from './world.ts';

const HELD_WITHIN_MS = 60 * SECOND_MS;
/** Of the goal of ten minutes: what a machine that is busy with other tests needs. */
const BACK_WITHIN_MS = 3 * MINUTE_MS;
/** Canaries: digits that stand nowhere else. */
const PINS = ['480215', '480226', '480237', '480248'] as const;
const HOUSE = JSON.stringify({
  locks: [
    { id: 'plain', model: 'uc-v2', address: 2 },
    { id: 'masked', model: 'uc-v1-masked', address: 3 },
    { id: 'credential', model: 'u3c', address: 4 },
    { id: 'zigbee', model: 'dl-plain', address: '0x000d6ffffe000010' },
  ],
});
const IDS = ['plain', 'masked', 'credential', 'zigbee'] as const;

let world: World;
let outside: string;
let api: string;
let apiKey: string;

beforeAll(async () => {
  outside = mkdtempSync(path.join(os.tmpdir(), 'lockhub-outside-'));
  const port = await freePort();
  api = `http://127.0.0.1:${port}`;
  world = await World.build({
    house: HOUSE,
    radio: 'both',
    config: { http: { listen: `127.0.0.1:${port}` } },
  });
});

afterAll(async () => {
  await world.end();
  rmSync(outside, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function isZigbeeUp(line: string): boolean {
  return /"zigbee".*the radio is up/.test(line);
}

function ongoing(name: string, code: string): DesiredCode {
  return { access_code_id: randomUUID(), name, code };
}

async function page(route: string, init: { method?: string; body?: string } = {}): Promise<Response> {
  return fetch(`${api}/page/${route}`, {
    ...init,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
  });
}

async function post(route: string): Promise<unknown> {
  const answer = await page(route, {
    method: 'POST',
    body: '{}',
  });
  expect(`${route} ${answer.status}`).toBe(`${route} 200`);
  return z.object({ page: z.unknown() }).parse(await answer.json()).page;
}

/** Every lock was met by the hub that runs now, and has nothing left to do. */
async function allAnswer(since: number): Promise<void> {
  for (const id of IDS) {
    const deviceId = await world.deviceId(id);
    await until(`${id} answers`, BACK_WITHIN_MS, () => {
      const fresh = world.upward.slice(since).some((line) => line.includes(`/up/reported/${deviceId} `));
      const report = world.backend.reported.get(deviceId);
      return fresh && report?.device.online === true ? true : undefined;
    });
  }
}

async function framesOf(): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries((await world.locks()).map(({ id, frames }) => [id, frames.received]));
}

test('a new hub with new sticks has all locks from a backup, and writes no code', async () => {
  await world.startHub();
  apiKey = (await world.lockhub('key', 'create', '--name', 'test', '--scope', 'admin')).trim();
  await world.hubs.at(-1)?.line(isZigbeeUp, HELD_WITHIN_MS);
  await letIn(world);
  const kept = new Map(IDS.map((id) => [id, ongoing('Kept', PINS[0])]));
  for (const [id, code] of kept) await world.desire(id, [code]);
  for (const id of IDS) await world.holds(id, [PINS[0]], HELD_WITHIN_MS);
  await until('every code is told', HELD_WITHIN_MS, () => {
    const set = world.backend.events.filter(({ event_type: type }) => type === 'access_code.set_on_device');
    return set.length >= IDS.length ? true : undefined;
  });

  const [recoveryKey = ''] = (await world.lockhub('recovery-key')).split('\n');
  const { name } = z.object({ name: z.string() }).parse(await post('backups/make'));
  const download = await page(`backups/file?name=${encodeURIComponent(name)}`);
  const file = path.join(outside, name);
  writeFileSync(file, Buffer.from(await download.arrayBuffer()));
  expect(PINS.filter((pin) => readFileSync(file).includes(pin))).toEqual([]);

  // What the cloud changes after the backup is on the locks, and the restored hub has to hear of it.
  const wanted = new Map<string, DesiredCode[]>([...kept].map(([id, code]) => [id, [code]]));
  wanted.set('plain', [
    { ...ongoing('Kept', PINS[2]), access_code_id: kept.get('plain')?.access_code_id ?? '' },
  ]);
  for (const id of IDS) if (id !== 'masked') wanted.get(id)?.push(ongoing('Since', PINS[1]));
  for (const [id, codes] of wanted) await world.desire(id, codes);
  for (const [id, codes] of wanted)
    await world.holds(
      id,
      codes.map(({ code }) => code ?? ''),
      HELD_WITHIN_MS,
    );
  expect(await world.endHub()).toBe(0);
  const before = await world.locks();
  world.moveHub();
  await world.control('/stick', { radio: 'zwave' });
  await world.control('/stick', { radio: 'zigbee' });
  const keyFile = path.join(outside, 'key');
  writeFileSync(keyFile, recoveryKey);
  const walked = await world.lockhub('replace', file, '--key-file', keyFile, '--yes');
  expect(walked).toContain('Restored e2e-hub');
  expect(walked).toContain('What is left');
  // Begun once more, it restores nothing twice.
  const again = await world.lockhub('replace', file, '--key-file', keyFile, '--yes');
  expect(again).toContain('restored here already');
  expect(again).not.toContain('Restored e2e-hub');
  // No lock has answered before the hub runs.
  const config = path.join(path.dirname(world.dataDir), 'lockhub.yaml');
  const early = startProgram(LOCKHUB, ['replace', '--wait-minutes', '0', '--config', config]);
  expect(await early.ended()).toBe(1);
  expect(early.stderr.join()).toContain('have not answered');

  const since = world.upward.length;
  const startedAt = performance.now();
  await world.startHub();
  await allAnswer(since);
  // Whatever would be written anew is written by then: the look at every slot is over, with frames to each lock.
  const frames = await framesOf();
  for (const { id, frames: had } of before) {
    await until(`${id} was looked at`, HELD_WITHIN_MS, async () =>
      ((await framesOf())[id] ?? 0) > had.received ? true : undefined,
    );
  }
  const checked = await world.lockhub('replace');
  expect(checked).toContain('4 of 4 locks have answered.');
  expect(checked).toContain('No code was written or erased');
  expect(performance.now() - startedAt).toBeLessThan(10 * MINUTE_MS);
  expect(Object.keys(frames).toSorted()).toEqual([...IDS].toSorted());

  // A code that comes now is written behind all that the restored hub had to do, and beside the old ones.
  for (const [id, codes] of wanted) await world.desire(id, [...codes, ongoing('New', PINS[3])]);
  for (const [id, codes] of wanted) {
    await world.holds(id, [...codes.map(({ code }) => code ?? ''), PINS[3]], HELD_WITHIN_MS);
  }
  for (const lock of before) {
    const { writes, slots } = await world.lock(lock.id);
    const held = slots.filter(({ pin }) => pin !== null && pin !== PINS[3]).map(({ slot }) => slot);
    expect(held).toHaveLength(wanted.get(lock.id)?.length ?? 0);
    for (const slot of held)
      expect(`${lock.id} ${slot} ${writes[slot]}`).toBe(`${lock.id} ${slot} ${lock.writes[slot]}`);
    for (const { code } of wanted.get(lock.id) ?? [])
      expect(await world.opens(lock.id, code ?? '')).toBe(true);
    const report = world.backend.reported.get(await world.deviceId(lock.id));
    expect(report?.codes.map(({ status }) => status)).toEqual(report?.codes.map(() => 'set'));
  }
  world.expectNoTrace(PINS);
});

test('the cloud has a backup put where it wants, and a place that refuses it is told without its address', async () => {
  const answers = [503, 200, 403];
  const taken: Buffer[] = [];
  const place = createHttpServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const status = answers.shift() ?? 500;
      const body = Buffer.concat(pieces);
      expect(request.method).toBe('PUT');
      expect(Number(request.headers['content-length'])).toBe(body.length);
      if (status === 200) taken.push(body);
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => place.once('listening', resolve));
  const { port } = place.address() as AddressInfo;
  try {
    const params = { upload_url: `http://127.0.0.1:${port}/hub?signature=5ecret` };
    const result = await ended(world, await send(world, 'make_backup', params));
    expect(result).toMatchObject({ state: 'succeeded', result: { uploaded: true } });
    const file = path.join(outside, 'from-cloud');
    writeFileSync(file, taken[0] ?? '');
    expect(await checkBackup(file)).toMatchObject({ hub_id: 'e2e-hub', reason: 'on_demand' });
    const sha256 = createHash('sha256')
      .update(taken[0] ?? '')
      .digest('hex');
    expect(result).toMatchObject({ result: { sha256, size_bytes: taken[0]?.length } });
    const refused = await ended(world, await send(world, 'make_backup', params));
    expect(refused).toMatchObject({ state: 'failed', error: { code: 'upload_failed' } });
    expect(JSON.stringify(refused)).not.toContain('5ecret');
    expect(world.hubs.at(-1)?.stderr.join('')).not.toContain('5ecret');
    const wrong = await ended(world, await send(world, 'make_backup', { upload_url: 'file:///etc/passwd' }));
    expect(wrong).toMatchObject({ state: 'failed', error: { code: 'invalid_input' } });
    const events = world.backend.events.filter(({ event_type: type }) => type === 'hub.backup_made');
    expect(events.length).toBeGreaterThanOrEqual(2);
  } finally {
    place.close();
  }
});

test('what is no backup of this hub is refused in words, and changes nothing', async () => {
  const config = path.join(path.dirname(world.dataDir), 'lockhub.yaml');
  const refused = async (...args: readonly string[]): Promise<string> => {
    const run = startProgram(LOCKHUB, ['restore', ...args, '--config', config]);
    expect(await run.ended()).toBe(1);
    expect(run.stderr).toHaveLength(1);
    return run.stderr.join('\n');
  };
  const [file = ''] = (await world.lockhub('backup', '--to', outside)).split('\n');
  expect(await refused(file)).toContain('Another hub is running');
  expect(await world.endHub()).toBe(0);
  const database = readFileSync(path.join(world.dataDir, 'lockhub.db'));
  const bytes = readFileSync(file);
  writeFileSync(path.join(outside, 'cut'), bytes.subarray(0, bytes.length / 2));
  expect(await refused(path.join(outside, 'cut'))).toMatch(/damaged or not complete/);
  expect(await refused(config)).toMatch(/no backup of lockhub/);
  expect(await refused(path.join(outside, 'none'))).toMatch(/ENOENT/);
  writeFileSync(path.join(outside, 'wrong'), 'not a key');
  expect(await refused(file, '--key-file', path.join(outside, 'wrong'))).toMatch(/no recovery key/);
  expect(readFileSync(path.join(world.dataDir, 'lockhub.db')).equals(database)).toBe(true);
});
