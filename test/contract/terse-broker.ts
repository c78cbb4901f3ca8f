import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { FrameReader } from '../support/mqtt-frames.ts';
import type { Scene } from './cloud-rig.ts';

const CONNECT = 1;
const SUBSCRIBE = 8;
const PUBLISH = 3;
const CONNACK = Buffer.from([0x20, 3, 0, 0, 0]);

/**
 * The bytes of a broker that speaks MQTT 5 and ends each connection with a reason code at the first message: none of
 * the brokers here says why it hangs up.
 */
export async function startTerseBroker(scene: Scene, goodbye: Buffer): Promise<string> {
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
