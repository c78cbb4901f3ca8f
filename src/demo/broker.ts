import { once } from 'node:events';
import net from 'node:net';
import { Aedes } from 'aedes';

const HOST = '127.0.0.1';
const USUAL_PORT = 1883;

export type UpListener = (topic: string, payload: string) => void;

/** The internet of the demo: an MQTT broker on loopback that can be cut off and comes back with nothing remembered. */
export interface DemoBroker {
  readonly port: number;
  /** Delivers to whoever has subscribed; resolves when the broker has taken it. */
  publish(topic: string, payload: string): Promise<void>;
  /** The link breaks: every connection ends at once and nobody listens any more. */
  cut(): Promise<void>;
  /** Listens again on the same port, with an empty memory. */
  restore(): Promise<void>;
}

interface Broker {
  readonly aedes: Aedes;
  readonly server: net.Server;
  readonly sockets: Set<net.Socket>;
}

/**
 * Starts the broker. Without a port it takes 1883, or any free one when that is taken; a given port (0: any) must be
 * free, otherwise this rejects. `onUp` hears what clients publish.
 */
export async function startBroker(port: number | undefined, onUp: UpListener): Promise<DemoBroker> {
  let live = await (port === undefined
    ? listen(USUAL_PORT, onUp).catch(() => listen(0, onUp))
    : listen(port, onUp));
  const address = live.server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port: taken,
    publish: (topic, payload) =>
      new Promise((resolve, reject) => {
        live.aedes.publish(
          { cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false },
          (error?: Error) => (error ? reject(error) : resolve()),
        );
      }),
    cut: () => close(live),
    restore: async () => {
      live = await listen(taken, onUp);
    },
  };
}

async function listen(port: number, onUp: UpListener): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  aedes.on('publish', (packet, client) => {
    if (client !== null) onUp(packet.topic, packet.payload.toString());
  });
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  server.listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    aedes.close();
    throw error;
  }
  return { aedes, server, sockets };
}

async function close(broker: Broker): Promise<void> {
  if (!broker.server.listening) return;
  const closed = once(broker.server, 'close');
  broker.server.close();
  for (const socket of broker.sockets) socket.destroy();
  await closed;
  await new Promise<void>((resolve) => {
    broker.aedes.close(() => resolve());
  });
}
