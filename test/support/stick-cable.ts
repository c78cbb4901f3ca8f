import net from 'node:net';
import { once } from 'node:events';

const BABBLE_EVERY_MS = 10;

/** The way to a stick, over TCP, which can fall silent: connections stay, and nothing comes through them any more. */
export class StickCable {
  /** How often somebody has opened the port. */
  openings = 0;
  /** What the stick says in place of these bytes, which may be none: then it would be silent. */
  garbled: (bytes: Buffer) => Buffer = (bytes) => bytes;
  #isSilent = false;
  readonly #server: net.Server;
  readonly #open = new Set<net.Socket>();

  private constructor(stick: URL) {
    this.#server = net.createServer((hub) => {
      this.openings += 1;
      const radio = net.connect(Number(stick.port), stick.hostname);
      this.#join(hub, radio, (bytes) => bytes);
      this.#join(radio, hub, (bytes) => this.garbled(bytes));
      // A stick that babbles says something without being asked.
      const babbling = setInterval(() => {
        const said = this.garbled(Buffer.alloc(0));
        if (said.length > 0 && hub.writable) hub.write(said);
      }, BABBLE_EVERY_MS);
      hub.on('close', () => clearInterval(babbling));
    });
  }

  /** `stick` is its `tcp://` address. */
  static async lay(stick: string): Promise<StickCable> {
    const cable = new StickCable(new URL(stick));
    cable.#server.listen(0, '127.0.0.1');
    await once(cable.#server, 'listening');
    return cable;
  }

  /** Where the hub finds it. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The cable is not laid.');
    return `tcp://127.0.0.1:${address.port}`;
  }

  set silent(isSilent: boolean) {
    this.#isSilent = isSilent;
  }

  end(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  #join(from: net.Socket, to: net.Socket, said: (bytes: Buffer) => Buffer): void {
    this.#open.add(from);
    from.on('data', (bytes) => {
      if (!this.#isSilent) to.write(said(bytes));
    });
    // Who was cut off comes again.
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#open.delete(from);
      to.destroy();
    });
  }
}
