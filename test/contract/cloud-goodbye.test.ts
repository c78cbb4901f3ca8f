import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FrameReader } from '../support/mqtt-frames.ts';
import { Scene, startHub, until } from './cloud-rig.ts';

const CONNECT = 1;
const SUBSCRIBE = 8;
const PUBLISH = 3;
const CONNACK = Buffer.from([0x20, 3, 0, 0, 0]);

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.end());

/**
 * The bytes of a broker that speaks MQTT 5 and ends each connection with a reason code at the first message: none of
 * the brokers here says why it hangs up.
 */
async function startTerseBroker(goodbye: Buffer): Promise<string> {
  const server = createServer((socket) => {
    const reader = new FrameReader();
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      for (const { type, bytes: packet } of reader.push(bytes)) {
        if (type === CONNECT) socket.write(CONNACK);
        if (type === SUBSCRIBE) socket.write(Buffer.from([0x90, 4, packet[2] ?? 0, packet[3] ?? 0, 0, 1]));
        if (type === PUBLISH) socket.end(goodbye);
      }
    });
  }).listen(0, '127.0.0.1');
  scene.atEnd(() => server.close());
  await once(server, 'listening');
  return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  [142, '', 'refused', /^another client took the connection over with our client id lockhub-hub-1: is there/],
  [152, 'pay\n first', 'refused', /^the broker ended the connection: administrative action "pay first"/],
  [135, '', 'refused', /^the broker ended the connection: not authorized \(code 135\)$/],
  [139, '', 'waiting', /^the broker ended the connection: server shutting down \(code 139\)$/],
] as const)(
  'a goodbye with code %i %j is told in words, and counts as %s',
  async (code, words, status, said) => {
    const text = Buffer.from(words);
    const reason = words === '' ? [] : [0x1f, 0, text.length, ...text];
    const body = [code, reason.length, ...reason];
    const hub = startHub(scene, { url: await startTerseBroker(Buffer.from([0xe0, body.length, ...body])) });
    await until('it is told', () => said.test(hub.cloud.state().lastFailure ?? ''));
    if (status === 'refused') expect(hub.cloud.state().status).toBe('refused');
    else expect(hub.cloud.state().status).not.toBe('refused');
  },
);
