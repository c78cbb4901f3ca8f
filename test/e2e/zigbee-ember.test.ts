import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LOCKHUB, startProgram } from './program.ts';

/** Cancel, then a reset frame of ASH with its checksum and its end (EZSP-UART, 3.2.1 and 3.3). */
const RESET = Buffer.from([0x1a, 0xc0, 0x38, 0xbc, 0x7e]);
const START_WITHIN_MS = 20_000;
/** The library resets a silent stick five times, 5 s each. */
const GIVES_UP_WITHIN_MS = 40_000;
const RETRY_WITHIN_MS = 10_000;
const STOP_WITHIN_MS = 5_000;
const TEST_MS = 100_000;

/** A stick that takes everything and says nothing. */
async function silentStick() {
  const heard: Buffer[] = [];
  const server = createServer((socket) => {
    const index = heard.push(Buffer.alloc(0)) - 1;
    socket.on('data', (bytes) => {
      heard[index] = Buffer.concat([heard[index] ?? Buffer.alloc(0), bytes]);
    });
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, heard };
}

it(
  'an ember stick is reset by its own protocol; one that stays silent is told to be down, is tried again, and holds up nothing',
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-ember-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const stick = await silentStick();
    const config = path.join(folder, 'lockhub.yaml');
    const radio = `{kind: zigbee, port: "tcp://127.0.0.1:${stick.port}", adapter: ember}`;
    writeFileSync(
      config,
      `hub_id: h\nsite: {timezone: Europe/Berlin}\nclock: {trust_system: true}\ndata_dir: hub\nradios: [${radio}]\n`,
    );
    const hub = startProgram(LOCKHUB, ['run', '--config', config], { cwd: folder });
    onTestFinished(() => void hub.child.kill('SIGKILL'));
    await hub.line((line) => line.includes('hub started'), START_WITHIN_MS);
    await expect.poll(() => stick.heard.length, { timeout: START_WITHIN_MS }).toBe(1);
    await expect.poll(() => stick.heard[0]?.includes(RESET), { timeout: START_WITHIN_MS }).toBe(true);
    const down = await hub.line(
      (line) => line.includes('"down"') && line.includes('zigbee'),
      GIVES_UP_WITHIN_MS,
    );
    expect(down).toMatch(/no stick that speaks ember has started at tcp/);
    await expect.poll(() => stick.heard[1]?.includes(RESET), { timeout: RETRY_WITHIN_MS }).toBe(true);
    const sentMs = performance.now();
    expect(await hub.end('SIGTERM')).toBe(0);
    expect(performance.now() - sentMs).toBeLessThan(STOP_WITHIN_MS);
    expect(hub.stderr).toEqual([]);
  },
  TEST_MS,
);
