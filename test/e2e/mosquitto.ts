import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { startProgram, type Program } from './program.ts';

const START_WITHIN_MS = 10_000;

/** A real broker on loopback that can be stopped and started again, and keeps sessions over that as real ones do. */
export class Mosquitto {
  readonly port: number;
  readonly #file: string;
  #program: Program | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#file = path.join(folder, 'mosquitto.conf');
    const kept = path.join(folder, 'mosquitto');
    mkdirSync(kept);
    const lines = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'set_tcp_nodelay true',
      'persistence true',
      `persistence_location ${kept}/`,
      'log_dest stderr',
      // Started by root it would change to a user who can't read the folder of the test.
      `user ${os.userInfo().username}`,
    ];
    writeFileSync(this.#file, `${lines.join('\n')}\n`);
  }

  static async start(folder: string): Promise<Mosquitto> {
    const broker = new Mosquitto(await freePort(), folder);
    await broker.start();
    return broker;
  }

  async start(): Promise<void> {
    const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
    this.#program = startProgram('mosquitto', ['-c', this.#file], { env: { PATH } });
    await this.#program.line((line) => line.includes('running'), START_WITHIN_MS);
  }

  async stop(): Promise<void> {
    await this.#program?.end('SIGTERM');
    this.#program = undefined;
  }

  /** Publishes as a person would: with `mosquitto_pub`. */
  async publish(topic: string, payload: string): Promise<void> {
    const args = ['-p', String(this.port), '-q', '1', '-t', topic, '-m', payload];
    const code = await startProgram('mosquitto_pub', args).ended();
    if (code !== 0) throw new Error(`mosquitto_pub ended with ${code}`);
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('No free port');
  return address.port;
}
