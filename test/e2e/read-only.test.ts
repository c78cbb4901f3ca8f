import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SECOND_MS } from '../../src/core/time.ts';
import type { DesiredCode } from '../../src/demo/backend.ts';
import { startProgram } from './program.ts';
import { World } from './world.ts';

const DISK_MEGABYTES = 32;
const HELD_WITHIN_MS = 60 * SECOND_MS;
const ENDS_IN_MS = 20 * SECOND_MS;
/** The hub looks at its disk every half a minute then. */
const BACK_WITHIN_MS = 90 * SECOND_MS;
const TEST_TIMEOUT_MS = 240 * SECOND_MS;
const HOUSE = JSON.stringify({ locks: [{ id: 'door', model: 'uc-v2', address: 2 }] });

let world: World;
const resident: DesiredCode = { access_code_id: randomUUID(), name: 'resident', code: '480215' };

function guest(): DesiredCode {
  const now = Date.now();
  return {
    access_code_id: randomUUID(),
    name: 'guest',
    code: '480226',
    prefer_native_scheduling: false,
    starts_at: new Date(now - SECOND_MS).toISOString(),
    ends_at: new Date(now + ENDS_IN_MS).toISOString(),
  };
}

beforeEach(async () => {
  world = await World.build({ house: HOUSE, diskMegabytes: DISK_MEGABYTES });
  await world.startHub();
  await world.desire('door', [resident, guest()]);
  await world.holds('door', ['480215', '480226'], HELD_WITHIN_MS);
});

afterEach(async (context) => {
  if (context.task.result?.state === 'fail') console.error(world.lastWords());
  await world.end();
});

test(
  'a hub that starts on a read-only disk takes off what has ended, and is itself again when it can write',
  async () => {
    const copies = memoryCopies();
    expect(await world.endHub()).toBe(0);
    world.disk?.setWritable(false);
    const hub = await world.startHub();
    await hub.line((line) => line.includes('SAFE MODE'), HELD_WITHIN_MS);
    await world.holds('door', ['480215'], HELD_WITHIN_MS);
    world.disk?.setWritable(true);
    const late = { access_code_id: randomUUID(), name: 'late', code: '480237' };
    await world.desire('door', [resident, late]);
    await world.holds('door', ['480215', '480237'], BACK_WITHIN_MS);
    expect(hub.child.exitCode).toBeNull();
    expect(await world.endHub()).toBe(0);
    expect(memoryCopies()).toEqual(copies);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a disk that takes nothing any more under a hub: what ends comes off, and the process goes on',
  async () => {
    const hub = world.hubs.at(-1);
    const limit = (bytes: string): unknown =>
      execFileSync('prlimit', ['--pid', String(hub?.child.pid), `--fsize=${bytes}`]);
    // Every write fails, as on a card that the kernel has made read-only.
    limit('0:unlimited');
    await world.holds('door', ['480215'], HELD_WITHIN_MS);
    expect(hub?.child.exitCode).toBeNull();
    expect(hub?.stdout.filter((line) => line.includes('a bug ended'))).toEqual([]);
    limit('unlimited');
    const late = { access_code_id: randomUUID(), name: 'late', code: '480237' };
    await world.desire('door', [resident, late]);
    await world.holds('door', ['480215', '480237'], BACK_WITHIN_MS);
    await hub?.line((line) => line.includes('the disk has room again'), BACK_WITHIN_MS);
  },
  TEST_TIMEOUT_MS,
);

test.runIf(process.getuid?.() === 0)('a data directory that may not be read is one line and 1', async () => {
  const folder = path.join(world.folder, 'of-somebody-else');
  mkdirSync(folder, { mode: 0o700 });
  const config = path.join(world.folder, 'other.yaml');
  writeFileSync(
    config,
    JSON.stringify({ hub_id: 'h', site: { timezone: 'UTC' }, data_dir: folder, http: false }),
  );
  chmodSync(world.folder, 0o755);
  const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath];
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const hub = startProgram('setpriv', [...asNobody, main, 'run', '--config', config]);
  expect(await hub.ended()).toBe(1);
  expect(hub).toMatchObject({ stdout: [], stderr: [expect.stringContaining(folder)] });
});

function memoryCopies(): readonly string[] {
  return readdirSync('/dev/shm').filter((name) => name.startsWith('lockhub-data-'));
}
