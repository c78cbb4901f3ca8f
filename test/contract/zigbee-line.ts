import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { encodeLine, LineParser, type LineFrame } from '../../drivers/sim/zigbee/unpi.ts';

/** What is to go on instead of a frame: nothing, itself, or others. */
type Pass = (frame: LineFrame, from: 'host' | 'stick') => readonly LineFrame[];

const unchanged: Pass = (frame) => [frame];

/** The cable between a hub and a Zigbee stick: it can be pulled, it can go dead, and frames can be changed on it. */
export class ZigbeeLine {
  pass: Pass = unchanged;
  readonly #stick: URL;
  readonly #sockets = new Set<Socket>();
  #host: Socket | undefined;
  #server: Server | undefined;
  #port = 0;
  #isDead = false;

  /** @param stick `tcp://host:port` */
  constructor(stick: string) {
    this.#stick = new URL(stick);
  }

  /** Where the stick is to be found from now on, the same whenever it is plugged in. */
  async plug(): Promise<string> {
    this.#isDead = false;
    this.pass = unchanged;
    this.#server ??= createServer({ noDelay: true }, (host) => this.#join(host));
    if (!this.#server.listening) {
      this.#server.listen(this.#port, '127.0.0.1');
      await once(this.#server, 'listening');
      this.#port = (this.#server.address() as AddressInfo).port;
    }
    return `tcp://127.0.0.1:${this.#port}`;
  }

  /** Pulls the stick. Whoever tries to reach it finds nothing. */
  pull(): void {
    this.#server?.close();
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From now on everything vanishes, and the line stays open. */
  die(): void {
    this.#isDead = true;
  }

  /** Says something in the place of the stick. */
  tellHost(...frames: readonly LineFrame[]): void {
    for (const frame of frames) this.#host?.write(encodeLine(frame));
  }

  #join(host: Socket): void {
    this.#host = host;
    const stick = connect({ port: Number(this.#stick.port), host: this.#stick.hostname, noDelay: true });
    for (const [from, to, side] of [
      [host, stick, 'host'],
      [stick, host, 'stick'],
    ] as const) {
      this.#sockets.add(from);
      const parser = new LineParser();
      from.on('data', (bytes: Buffer) => {
        for (const frame of parser.push(bytes)) this.#carry(frame, side, to);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  #carry(frame: LineFrame, side: 'host' | 'stick', to: Socket): void {
    if (this.#isDead) return;
    for (const next of this.pass(frame, side)) if (!to.destroyed) to.write(encodeLine(next));
  }
}
