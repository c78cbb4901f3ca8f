import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { encodeLine, LineParser, type LineFrame } from '../../drivers/sim/zigbee/unpi.ts';

/** What is to go on instead of a frame: nothing, itself, or others. */
type Pass = (frame: LineFrame, from: 'host' | 'stick') => readonly LineFrame[];

const unchanged: Pass = (frame) => [frame];

/** The cable between a hub and a Zigbee stick: it can be pulled, it can go dead, and frames can be changed on it. */
export class ZigbeeLine {
  /** How often a hub has plugged in. */
  attempts = 0;
  pass: Pass = unchanged;
  readonly #server: Server;
  readonly #stick: URL;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #isDead = false;

  /** @param stick `tcp://host:port` */
  constructor(stick: string) {
    this.#stick = new URL(stick);
    this.#server = createServer({ noDelay: true }, (host) => this.#join(host));
  }

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Pulls the stick. Whoever tries to reach it finds nothing. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From now on everything vanishes, and the line stays open. */
  die(): void {
    this.#isDead = true;
  }

  mend(): void {
    this.#isCut = false;
    this.#isDead = false;
    this.pass = unchanged;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(host: Socket): void {
    this.attempts += 1;
    if (this.#isCut) {
      host.destroy();
      return;
    }
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
    for (const next of this.pass(frame, side)) if (!to.destroyed && !this.#isCut) to.write(encodeLine(next));
  }
}
