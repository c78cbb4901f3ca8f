import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { startDirectHub, type DirectHub } from '../support/direct-hub.ts';
import { until } from './cloud-rig.ts';

/** The hub lets so many in at once. */
const CONNECTIONS_MAX = 500;
/** A request may take 10 s, and the hub looks every 5 s. */
const PATIENCE_MAX_MS = 20_000;
const DRIP_EVERY_MS = 500;
const FLOOD = 3000;

interface Scene extends DirectHub {
  readonly url: string;
  readonly key: string;
  readonly deviceId: string;
}

/** A hub that has met its one lock. */
async function startScene(): Promise<Scene> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockhub-floods-'));
  const direct = startDirectHub({
    folder,
    seed: 1,
    lockCount: 1,
    slots: 30,
    haste: 20,
    log: pino({ level: 'silent' }),
  });
  onTestFinished(async () => {
    await direct.hub.stop();
    rmSync(folder, { recursive: true });
  });
  const { url } = await direct.http.listening;
  const key = direct.http.replaceKey('test', ['write', 'pins']);
  const deviceId = await until('the lock is met', async () => {
    const { devices } = (await (await ask(url, key, '/devices/list')).json()) as {
      devices: { device_id: string }[];
    };
    return devices[0]?.device_id;
  });
  return { ...direct, url, key, deviceId };
}

function ask(url: string, key: string, route: string, body: unknown = {}): Promise<Response> {
  return fetch(`${url}${route}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** What the lock itself holds. */
function pinsOn({ locks }: Scene): readonly string[] {
  return locks.flatMap(({ codes }) =>
    codes.slotsInUse().flatMap((slot) => codes.read(slot)?.pin.reveal() ?? []),
  );
}

/** One connection of somebody who means no good. */
class Slow {
  readonly socket: net.Socket;
  heard = '';
  isClosed = false;

  constructor(url: string) {
    this.socket = net.connect(Number(new URL(url).port), '127.0.0.1');
    this.socket.on('data', (chunk) => (this.heard += chunk.toString()));
    this.socket.on('error', () => undefined);
    this.socket.once('close', () => (this.isClosed = true));
    onTestFinished(() => void this.socket.destroy());
  }

  drip(text: string): void {
    if (!this.isClosed) this.socket.write(text);
  }
}

test(
  'who sends a request drop by drop is cut off in time, a thousand at once are not let in, and locks are served',
  { timeout: 120_000 },
  async () => {
    const scene = await startScene();
    // It is there before the flood, as the connection of a page would be.
    const asked = ask(scene.url, scene.key, '/access_codes/create', {
      device_id: scene.deviceId,
      code: '4711',
    });
    expect((await asked).status).toBe(200);
    const slow = Array.from({ length: 2 * CONNECTIONS_MAX }, () => new Slow(scene.url));
    await until('no more than the limit are let in', () => {
      const open = slow.filter(({ isClosed }) => !isClosed).length;
      return open <= CONNECTIONS_MAX && open > CONNECTIONS_MAX / 2;
    });
    const startedMs = performance.now();
    slow.forEach((one, index) =>
      one.drip(
        index % 2 === 0
          ? 'GET /devices/list HTTP/1.1\r\nhost: localhost\r\n'
          : `POST /devices/list HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${scene.key}\r\n` +
              'content-type: application/json\r\ncontent-length: 100\r\n\r\n{',
      ),
    );
    const dripping = setInterval(
      () => slow.forEach((one, index) => one.drip(index % 2 === 0 ? 'x: y\r\n' : ' ')),
      DRIP_EVERY_MS,
    );
    try {
      // Nobody of them is done yet, and the code is on the lock all the same.
      await until('the code is on the lock', () => pinsOn(scene).includes('4711'));
      while (slow.some(({ isClosed }) => !isClosed)) {
        expect(performance.now() - startedMs).toBeLessThan(PATIENCE_MAX_MS);
        await new Promise((resolve) => setTimeout(resolve, DRIP_EVERY_MS));
      }
    } finally {
      clearInterval(dripping);
    }
    const told = new Set(slow.map(({ heard }) => heard.split(' ')[1] ?? 'nothing'));
    expect([...told].toSorted()).toEqual(['408', 'nothing']);
    expect((await ask(scene.url, scene.key, '/devices/list')).status).toBe(200);
  },
);

test('a flood of connections that come and go costs no code and no later request', async () => {
  const scene = await startScene();
  const { url, key, deviceId } = scene;
  let ended = 0;
  let opened = 0;
  const open = (): void => {
    opened += 1;
    const one = new Slow(url);
    one.socket.once('connect', () => one.drip('GET / HTTP/1.1\r\n\r\n'.slice(0, opened % 18)));
    one.socket.once('connect', () => setImmediate(() => one.socket.destroy()));
    one.socket.once('close', () => {
      ended += 1;
      if (opened < FLOOD) open();
    });
  };
  Array.from({ length: 50 }, open);
  const codes = ['4711', '4712', '4713'];
  for (const code of codes) {
    expect((await ask(url, key, '/access_codes/create', { device_id: deviceId, code })).status).toBe(200);
  }
  await until('the flood is over', () => ended >= FLOOD);
  await until('the codes are on the lock', () => codes.every((code) => pinsOn(scene).includes(code)));
  expect((await ask(url, key, '/devices/list')).status).toBe(200);
});
