import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** The cable between a hub and a stick that listens on TCP: it can be pulled, and put back. */
export class Cable {
  readonly #server = createServer({ noDelay: true }, (near) => this.#join(near));
  /** The stick's end of each line, by the hub's. */
  readonly #lines = new Map<Socket, Socket>();
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

  /** Pulls it: what is under way is lost, and who opens it finds nothing. */
  pull(): void {
    this.isPlugged = false;
    for (const near of this.#lines.keys()) near.destroy();
  }

  /** The hub at its end is dead: nothing of it gets through, and it does not notice. */
  silence(): void {
    for (const [near, far] of this.#lines) {
      near.unpipe(far);
      far.unpipe(near);
      far.destroy();
      near.resume();
    }
  }

  async close(): Promise<void> {
    this.pull();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    near.on('error', () => undefined);
    if (!this.isPlugged) {
      near.destroy();
      return;
    }
    const far = connect({ host: this.#stick.hostname, port: Number(this.#stick.port), noDelay: true });
    far.on('error', () => undefined);
    this.#lines.set(near, far);
    near.on('close', () => {
      this.#lines.delete(near);
      far.destroy();
    });
    near.pipe(far);
    far.pipe(near);
  }
}
