import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../contract/cloud-rig.ts';
import { LOCKHUB, startProgram } from './program.ts';
import { until } from './world.ts';

const SOON_MS = 20_000;
/** `SAFE_MODE_MINUTES` are too long for a test; the end is the same. */
const AT_ONCE = ['--retry-minutes', '0'];
const BROKEN = 'hub_id: hub-1\nsite: {timezone: Mars/Olympus}\n';

let folder: string;
let config: string;
let good: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-service-'));
  config = path.join(folder, 'etc', 'lockhub.yaml');
  mkdirSync(path.dirname(config));
  good = `{hub_id: hub-1, site: {timezone: Europe/Berlin}, data_dir: ../data, http: {listen: "127.0.0.1:${await freePort()}"}}`;
  writeFileSync(config, good);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the hub as systemd does, which is told over a socket. */
async function started(...args: readonly string[]) {
  const socket = path.join(folder, 'notify');
  const told = startProgram('socat', ['-u', `UNIX-RECVFROM:${socket},fork`, '-']);
  await until('somebody listens', SOON_MS, () => (existsSync(socket) ? true : undefined));
  const env = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '2000000', STATE_DIRECTORY: folder };
  return { told, hub: startProgram(LOCKHUB, ['run', '--config', config, ...args], { env }) };
}

test('systemd is told that the hub is ready, that it goes on, and that it ends', async () => {
  const { told, hub } = await started();
  await told.line((line) => line.includes('READY=1'), SOON_MS);
  expect(hub.stdout.some((line) => line.includes('the local API listens'))).toBe(true);
  await told.line((line) => line.includes('STATUS=0 locks'), SOON_MS);
  await until('it is fed again and again', SOON_MS, () =>
    told.stdout.filter((line) => line.includes('WATCHDOG=1')).length > 3 ? true : undefined,
  );
  expect(await hub.end('SIGTERM')).toBe(0);
  await told.line((line) => line.includes('STOPPING=1'), SOON_MS);
  await told.end('SIGTERM');
});

test('in safe mode a broken config is replaced by the last good one; its end is a status of its own', async () => {
  const first = await started();
  await first.told.line((line) => line.includes('READY=1'), SOON_MS);
  expect(await first.hub.end('SIGTERM')).toBe(0);
  expect(readFileSync(path.join(folder, 'last-good-config.yaml'), 'utf8')).toBe(good);
  await first.told.end('SIGTERM');
  writeFileSync(config, BROKEN);
  const ordinary = startProgram(LOCKHUB, ['run', '--config', config]);
  expect(await ordinary.ended()).toBe(2);
  const { told, hub } = await started('--safe-mode', ...AT_ONCE);
  expect(await hub.ended()).toBe(75);
  expect(hub.stdout.find((line) => line.includes('SAFE MODE'))).toContain('site.timezone');
  // Relative paths are still those of the config that was named.
  expect(existsSync(path.join(folder, 'data', 'lockhub.db'))).toBe(true);
  await told.end('SIGTERM');
});

test('without a good config safe mode names the mistakes and creates nothing', async () => {
  writeFileSync(config, BROKEN);
  const { told, hub } = await started('--safe-mode', ...AT_ONCE);
  expect(await hub.ended()).toBe(2);
  expect(hub.stderr.join()).toContain('site.timezone');
  expect(existsSync(path.join(folder, 'data'))).toBe(false);
  await told.end('SIGTERM');
});
