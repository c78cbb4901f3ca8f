import { randomUUID } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import type { DesiredCode } from '../../src/demo/backend.ts';
import { readLast, readTrial } from '../../src/update/trial.ts';
import { InstalledHub, migration, NEVER_PROVES, type Change } from './installed-hub.ts';
import { Units } from './units.ts';
import { until, World } from './world.ts';

const OLD = '1.0.0';
/** Enough for a hub that works on a busy machine, and not too long to wait for one that does not. */
const PROVE_WITHIN_MS = 30 * SECOND_MS;
const SOON_MS = 60 * SECOND_MS;
const ENDS_WITHIN_MS = 2 * MINUTE_MS;
const TEST_TIMEOUT_MS = 6 * MINUTE_MS;

let world: World;
let hub: InstalledHub;
let units: Units;
let kept: DesiredCode;
let codes: readonly DesiredCode[];

beforeAll(async () => {
  world = await World.build({ config: { http: false } });
  hub = new InstalledHub(world, OLD);
  units = new Units(hub.root, world.configFile);
  units.boot(PROVE_WITHIN_MS);
  kept = code('40404040');
  codes = [kept];
  await world.desire('front-door', codes);
  await world.holds('front-door', [kept.code], SOON_MS);
}, TEST_TIMEOUT_MS);
afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.error(units.hubs.at(-1)?.stdout.slice(-30).join('\n'));
});
afterAll(async () => {
  await units.end();
  await world.end();
});

function code(pin: string, times: Partial<DesiredCode> = {}): DesiredCode {
  return { access_code_id: randomUUID(), name: pin, code: pin, ...times };
}

async function writes(): Promise<unknown> {
  return (await world.lock('front-door')).writes;
}

/** The hub still does what it is there for, and has written nothing to the lock without need. */
async function serves(version: string, pin: string, before: unknown): Promise<void> {
  expect(hub.version).toBe(version);
  expect(await writes()).toEqual(before);
  const fresh = code(pin);
  await world.desire('front-door', [...codes, fresh]);
  await world.holds(
    'front-door',
    [...codes, fresh].map((each) => each.code),
    SOON_MS,
  );
  codes = [...codes, fresh];
}

/** Serves an archive; the first connection is cut in the middle. */
async function serve(
  file: string,
): Promise<{ readonly server: Server; readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const { size } = statSync(file);
  const server = createServer((request, response) => {
    const range = request.headers.range ?? 'bytes=0-';
    asked.push(range);
    const start = Number(/\d+/.exec(range)?.[0] ?? 0);
    response.writeHead(206, { 'content-range': `bytes ${start}-${size - 1}/${size}` });
    const end = asked.length === 1 ? Math.floor(size / 2) : size - 1;
    const isCut = asked.length === 1;
    createReadStream(file, { start, end })
      .on('end', () => isCut && response.destroy())
      .pipe(response, { end: !isCut });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.tar.gz`, asked };
}

test(
  'the cloud has a hub change to another version, which waits for a time without codes and costs no write',
  async () => {
    const soon = new Date(Date.now() + 60 * MINUTE_MS).toISOString();
    await world.desire('front-door', [kept, code('50505050', { starts_at: soon })]);
    await world.holds('front-door', [kept.code], SOON_MS);
    const file = hub.archive('1.1.0');
    const { server, url, asked } = await serve(file);
    const signature = readFileSync(`${file}.minisig`, 'utf8');
    const id = await world.backend.command('update', { url, signature }, TEST_TIMEOUT_MS);
    await until('it is unpacked', SOON_MS, () => (hub.readyVersion === '1.1.0' ? true : undefined));
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.at(-1)).not.toBe('bytes=0-');
    server.close();
    expect(hub.version).toBe(OLD);
    expect(world.backend.results.get(id)?.state).toBe('accepted');
    await world.desire('front-door', codes);
    await until('the trial', SOON_MS, () => readTrial(hub.root) ?? undefined);
    // The old version has ended, and with it what it had to take off.
    const before = await writes();
    const result = await until('its end', ENDS_WITHIN_MS, () => {
      const told = world.backend.results.get(id);
      return told?.state === 'accepted' ? undefined : told;
    });
    expect(result).toMatchObject({ state: 'succeeded', result: { from: OLD, version: '1.1.0' } });
    const event = await until('the event', SOON_MS, () =>
      world.backend.events.find(({ event_type }) => event_type === 'hub.updated'),
    );
    expect(event).toMatchObject({ update_id: id, from: OLD, version: '1.1.0' });
    await serves('1.1.0', '60606060', before);
  },
  TEST_TIMEOUT_MS,
);

/** What is wrong with a version, its number, its changes, and whether the database of before has to be restored. */
type Broken = readonly [string, string, readonly Change[], boolean];
const BROKEN: readonly Broken[] = [
  [
    'migrates the database and never proves itself',
    '1.2.0',
    [migration('CREATE TABLE another (x)'), NEVER_PROVES],
    true,
  ],
  ['crashes at its start', '1.2.1', [['src/main.ts', 'await main();', 'process.exit(1);']], false],
];
/** Each takes as long as a version may take to prove itself. */
const MORE: readonly Broken[] = [
  ['hangs before it is ready', '1.2.2', [['scripts/lockhub', 'set -eu', 'exec sleep 600']], false],
  ['never proves itself', '1.2.3', [NEVER_PROVES], false],
  ['cannot migrate the database', '1.2.4', [migration('INSERT INTO no_such_table VALUES (1)')], false],
];

test.each(process.env['LOCKHUB_TEST_FULL'] === '1' ? [...BROKEN, ...MORE] : BROKEN)(
  'a version that %s is given up for the one before',
  async (_what, version, changes, isRestored) => {
    const from = hub.version ?? '';
    const before = await writes();
    const told = world.backend.events.length;
    const offer = hub.lockhub('update', 'offer', hub.archive(version, changes), '--config', world.configFile);
    expect(await offer.ended()).toBe(0);
    await until('the trial', SOON_MS, () => (readTrial(hub.root)?.to === version ? true : undefined));
    const triedAt = performance.now();
    await until('its end', ENDS_WITHIN_MS, () => (readTrial(hub.root) === null ? true : undefined));
    // Of the five minutes that are allowed, the most is for the proof.
    expect(performance.now() - triedAt).toBeLessThan(PROVE_WITHIN_MS + 20 * SECOND_MS);
    expect(readLast(hub.root)).toMatchObject({
      from,
      to: version,
      outcome: 'back',
      database_restored: isRestored,
    });
    const event = await until('the event', SOON_MS, () =>
      world.backend.events.slice(told).find(({ event_type }) => event_type === 'hub.update_failed'),
    );
    expect(event).toMatchObject({ from, version, database_restored: isRestored });
    await serves(from, `7${version.replaceAll('.', '')}7777`, before);
  },
  TEST_TIMEOUT_MS,
);
