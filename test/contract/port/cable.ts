import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The cable between a hub and its stick, which anybody can pull out. */
export class Cable {
  readonly url: string;
  readonly #port: number;
  readonly #stick: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | null;

  private constructor(server: Server, stick: string) {
    this.#server = server;
    this.#stick = new URL(stick);
    this.#port = (server.address() as AddressInfo).port;
    this.url = `tcp://127.0.0.1:${this.#port}`;
    this.#carry(server);
  }

  /** @param stick `tcp://host:port` */
  static async to(stick: string): Promise<Cable> {
    return new Cable(await listening(0), stick);
  }

  unplug(): void {
    this.#server?.close();
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
  }

  async plug(): Promise<void> {
    if (this.#server !== null) return;
    this.#server = await listening(this.#port);
    this.#carry(this.#server);
  }

  #carry(server: Server): void {
    server.on('connection', (near) => {
      const far = connect({ port: Number(this.#stick.port), host: this.#stick.hostname, noDelay: true });
      near.pipe(far).pipe(near);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => undefined);
        one.once('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
    });
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer({ noDelay: true }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
