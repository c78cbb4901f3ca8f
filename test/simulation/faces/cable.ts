import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** The cable between a hub and a stick that listens on TCP: it can be pulled, and put back. */
export class Cable {
  readonly #server = createServer({ noDelay: true }, (near) => this.#join(near));
  readonly #sockets = new Set<Socket>();
  readonly #stick: URL;
  isPlugged = true;

  /** @param stick `tcp://host:port` */
  constructor(stick: string) {
    this.#stick = new URL(stick);
  }

  /** Resolves to the `tcp://host:port` of the hub's end. */
  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What is under way is lost; whoever connects gets through again if the cable is plugged. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    if (!this.isPlugged) {
      near.destroy();
      return;
    }
    const far = connect({ host: this.#stick.hostname, port: Number(this.#stick.port), noDelay: true });
    this.#carry(near, far);
    this.#carry(far, near);
  }

  #carry(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    // A line that is cut in the middle of a frame is what this is for.
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.pipe(to);
  }
}
