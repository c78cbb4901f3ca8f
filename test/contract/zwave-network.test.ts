import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startRigWithLocks } from './zwave-rig.ts';

/** Node tells here of every client socket it opens, whoever opens it. */
const CLIENT_SOCKETS = 'net.client.socket';

it('asks nothing of the internet: no telemetry, no downloads, no names looked up', async () => {
  const asked = new Set<string>();
  const onSocket = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    socket.on('lookup', (_error, _address, _family, host) => asked.add(host));
    socket.on('connectionAttempt', (address) => asked.add(address));
  };
  subscribe(CLIENT_SOCKETS, onSocket);
  onTestFinished(() => {
    unsubscribe(CLIENT_SOCKETS, onSocket);
  });
  const rig = await startRigWithLocks();
  await rig.stop();
  await rig.house.stop();
  expect([...asked]).toEqual(['127.0.0.1']);
});
