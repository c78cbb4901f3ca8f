import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Broker } from '../../src/reference-cloud/broker.ts';
import { ReferenceCloud, type KnownHub } from '../../src/reference-cloud/cloud.ts';
import type { Told } from '../../src/reference-cloud/told.ts';
import { openDatabase, type CloudDatabase } from '../../src/reference-cloud/database.ts';
import type { CloudEvent } from '../../src/reference-cloud/up-message.ts';
import { ANYTHING, type Violation } from '../../src/reference-cloud/violation.ts';
import { LOCKHUB } from '../e2e/program.ts';
import { ended, until, type Scene } from './cloud-rig.ts';

/** Asks again for what was not answered far more often than a cloud would. */
const REMIND_EVERY_MS = 200;

/** A reference cloud on a real broker, in this process. */
export class TestCloud {
  readonly cloud: ReferenceCloud;
  readonly told: Told[] = [];
  /** Topics and payloads as they were sent. */
  readonly sent: { readonly topic: string; readonly payload: string }[] = [];
  readonly #broker: Broker;
  readonly #database: CloudDatabase;
  readonly #reminder: NodeJS.Timeout;
  #isOpen = true;

  constructor(scene: Scene, url: string, options: { readonly db?: string; readonly seal?: boolean } = {}) {
    this.#database = openDatabase(path.join(scene.dir, options.db ?? 'cloud.db'));
    this.cloud = new ReferenceCloud({
      database: this.#database,
      hubId: null,
      publish: (topic, payload) => {
        this.sent.push({ topic, payload });
        return this.#broker.publish(topic, payload);
      },
      tell: (told) => this.told.push(told),
      now: Date.now,
      seal: options.seal ?? false,
      allows: ANYTHING,
    });
    this.#broker = new Broker({
      url,
      login: {},
      clientId: `cloud-${options.db ?? 'cloud.db'}`,
      filters: ['lockhub/v1/+/up/#'],
      receive: (message) => this.cloud.receive(message),
      connected: () => this.cloud.connected(),
      down: () => undefined,
    });
    this.#reminder = setInterval(() => this.cloud.remind(), REMIND_EVERY_MS);
    scene.atEnd(() => this.stop());
  }

  async connected(): Promise<this> {
    await until('the cloud is connected', () => this.#broker.isConnected());
    return this;
  }

  /** The hub, once it has said hello to this cloud. */
  hub(): Promise<KnownHub> {
    return until('the hub is heard', () => this.cloud.hubs().find(({ sink }) => sink.ledger.hello()));
  }

  events(): CloudEvent[] {
    return this.told.flatMap((told) => (told.kind === 'event' ? [told.event] : []));
  }

  violations(): Violation[] {
    return this.told.flatMap((told) => (told.kind === 'violation' ? [told.violation] : []));
  }

  /** The PIN that a command asked for, once it was opened. */
  pin(commandId: string): Promise<string> {
    return until('the PIN is opened', () => {
      for (const told of this.told) if (told.kind === 'pin' && told.commandId === commandId) return told.code;
      return undefined;
    });
  }

  async stop(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#reminder);
    await this.#broker.stop();
    this.#database.close();
  }
}

/** A reference cloud in a process of its own (`reference-cloud-child.ts`), connected, so that it can be killed. */
export async function spawnCloud(
  scene: Scene,
  url: string,
  mode: 'die-before-puback' | 'die-after-puback',
): Promise<ChildProcess> {
  const program = path.join(import.meta.dirname, 'reference-cloud-child.ts');
  const args = [program, path.join(scene.dir, 'cloud.db'), url, mode];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  scene.atEnd(() => ended(child, 'SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

/** The command line as a process, with its standard input in the hands of the test. */
export class TypedCloud {
  readonly child: ChildProcess;
  readonly lines: string[] = [];

  constructor(scene: Scene, args: readonly string[]) {
    this.child = spawn(LOCKHUB, ['cloud', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.child.stdout)
      createInterface({ input: this.child.stdout }).on('line', (line) => this.lines.push(line));
    scene.atEnd(() => ended(this.child, 'SIGKILL'));
  }

  type(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Types a line in `--json` mode and waits for its answer. */
  async answer(line: string): Promise<{ readonly ok: boolean; readonly value: unknown }> {
    const before = this.lines.length;
    this.type(line);
    return until(`${line} is answered`, () =>
      this.lines
        .slice(before)
        .map((text) => JSON.parse(text) as { kind: string; line: string; ok: boolean; value: unknown })
        .find((one) => one.kind === 'answer' && one.line === line),
    );
  }

  /** Ends its input; answers the exit code. */
  async end(): Promise<number | null> {
    this.child.stdin?.end();
    await until('it ends', () => this.child.exitCode !== null || this.child.signalCode !== null);
    return this.child.exitCode;
  }
}
