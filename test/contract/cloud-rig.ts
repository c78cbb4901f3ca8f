import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Aedes, type AedesOptions } from 'aedes';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import type { ZodType } from 'zod';
import { startCloud, type Cloud, type CloudOptions } from '../../src/cloud/cloud.ts';
import { resultSchema, type Result } from '../../src/cloud/messages/command.ts';
import { healthSchema, type Health } from '../../src/cloud/messages/health.ts';
import {
  eventBatchSchema,
  helloSchema,
  reportedSchema,
  statusSchema,
  type EventBatch,
  type Hello,
  type Reported,
  type Status,
} from '../../src/cloud/messages/up.ts';
import { SystemClock } from '../../src/clock.ts';
import type { DomainEvent } from '../../src/core/event.ts';
import { openDatabase } from '../../src/reference-cloud/database.ts';
import { Sink } from '../../src/reference-cloud/sink.ts';
import type { Allowances, Violation } from '../../src/reference-cloud/violation.ts';
import { DEFAULT_POLICY, unmetLock, type LockState, type Policy } from '../../src/core/lock.ts';
import { HubKey } from '../../src/store/key.ts';
import { openStore, type StoreOptions } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { troubleWith } from '../support/contract.ts';

/** What a test itself says, to hear when it is through the broker. */
export const ECHO = 'up/echo';

const POLL_MS = 10;
const UNTIL_MS = 15_000;

export const POLICY: Policy = { ...DEFAULT_POLICY, timezone: 'Europe/Berlin' };

/** Everything a test leaves behind is undone by `end`, last opened first. */
export class Scene {
  readonly #undo: (() => unknown)[] = [];
  readonly dir: string = mkdtempSync(path.join(os.tmpdir(), 'lockhub-cloud-'));

  atEnd(undo: () => unknown): void {
    this.#undo.push(undo);
  }

  file(name: string, text: string): string {
    const file = path.join(this.dir, name);
    writeFileSync(file, text);
    return file;
  }

  async end(): Promise<void> {
    const failures: unknown[] = [];
    for (const undo of this.#undo.reverse()) {
      try {
        await undo();
      } catch (error) {
        failures.push(error);
      }
    }
    rmSync(this.dir, { recursive: true });
    if (failures.length > 0) throw failures[0];
  }
}

/** Waits until `condition` gives something truthy, and returns it. */
export async function until<T>(what: string, condition: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + UNTIL_MS;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${UNTIL_MS} ms in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export interface Broker {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A real mosquitto; `lines` go into its configuration below the listener. One that comes back has the port it had. */
export async function startMosquitto(
  scene: Scene,
  lines: readonly string[] = [],
  samePort?: number,
): Promise<Broker> {
  const port = samePort ?? (await freePort());
  const config = [`listener ${port} 127.0.0.1`, 'persistence false', 'set_tcp_nodelay true', ...lines];
  if (!lines.some((line) => line.startsWith('allow_anonymous'))) config.push('allow_anonymous true');
  const file = scene.file(`mosquitto-${port}.conf`, `${config.join('\n')}\n`);
  // Started by root, mosquitto drops to a user of its own, who has to reach its files.
  chmodSync(scene.dir, 0o755);
  const child = spawn('/usr/sbin/mosquitto', ['-c', file], { stdio: 'ignore' });
  const stop = () => ended(child, 'SIGTERM');
  scene.atEnd(stop);
  await until('mosquitto listens', () => answers(port));
  return { port, url: `mqtt://127.0.0.1:${port}`, stop };
}

export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** The broker of the demo: it speaks MQTT 3.1.1 only. */
export async function startAedes(scene: Scene, options: AedesOptions = {}): Promise<Broker> {
  const aedes = await Aedes.createBroker(options);
  const server = createServer((socket) => {
    aedes.handle(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    server.close();
  };
  scene.atEnd(stop);
  const { port } = server.address() as AddressInfo;
  return { port, url: `mqtt://127.0.0.1:${port}`, stop };
}

/** The internet between hub and broker, which can be cut. */
export class Internet {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isUp = true;
  #last: { near: Socket; far: Socket } | undefined;

  private constructor(server: Server, target: number) {
    this.#server = server;
    server.on('connection', (near) => {
      if (!this.#isUp) return void near.destroy();
      const far = connectTcp(target, '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
      this.#last = { near, far };
    });
  }

  static async to(scene: Scene, broker: Broker): Promise<Internet> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const internet = new Internet(server, broker.port);
    scene.atEnd(() => {
      internet.cut();
      server.close();
    });
    return internet;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#isUp = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isUp = true;
  }

  /** Nothing that the broker says to the newest connection arrives, until `letAnswers`. */
  holdAnswers(): void {
    this.#last?.far.unpipe(this.#last.near);
  }

  letAnswers(): void {
    this.#last?.far.pipe(this.#last.near);
  }
}

export interface Received {
  /** Below `lockhub/v1/{hub_id}/`. */
  readonly topic: string;
  readonly text: string;
  readonly retain: boolean;
}

/** The tests cut connections, begin to listen in the middle, and fill outboxes; they don't change the order. */
const ALLOWED: Allowances = {
  loss: true,
  doubling: true,
  reordering: false,
  fullOutbox: true,
  lateStart: true,
};

/** The other end: hears all that the hub says, checks it by the contract and sends what a cloud would. */
export class Backend {
  readonly heard: Received[] = [];
  /** How the hub broke the contract. */
  readonly #violations: Violation[] = [];
  #isOneHub = true;
  #isForgetful = false;
  readonly #sink: Sink;
  readonly #client: MqttClient;
  readonly #root: string;

  private constructor(client: MqttClient, hubId: string) {
    this.#client = client;
    this.#root = `lockhub/v1/${hubId}/`;
    this.#sink = new Sink(openDatabase(':memory:'), hubId, ALLOWED);
    client.on('message', (topic, payload, { retain }) => {
      const name = topic.slice(this.#root.length);
      this.heard.push({ topic: name, text: payload.toString(), retain });
      if (name !== ECHO) this.#violations.push(...this.#sink.take(name, payload).violations);
    });
  }

  static async at(
    scene: Scene,
    { url }: Pick<Broker, 'url'>,
    hubId: string,
    options: IClientOptions = {},
  ): Promise<Backend> {
    const client = await mqtt.connectAsync(url, { reconnectPeriod: 50, ...options });
    const backend = new Backend(client, hubId);
    scene.atEnd(async () => {
      await client.endAsync(true);
      backend.#check();
    });
    await client.subscribeAsync(`lockhub/v1/${hubId}/up/#`, { qos: 1 });
    return backend;
  }

  /** From now on two hubs have this name, and what they say can't fit together. */
  expectsTwoHubs(): void {
    this.#check();
    this.#isOneHub = false;
  }

  /** Somebody at random has the hub forget locks, whose documents then begin anew. */
  expectsForgetting(): void {
    this.#isForgetful = true;
  }

  #check(): void {
    const [violation] = this.#isOneHub
      ? this.#violations.filter(({ kind }) => !this.#isForgetful || kind !== 'version_back')
      : [];
    if (violation !== undefined) throw new Error(`${violation.kind}: ${violation.message}`);
    for (const { topic, text } of this.heard) {
      const trouble = topic === ECHO ? undefined : troubleWith(topic, text);
      if (trouble !== undefined) throw new Error(`Outside the contract: ${trouble}`);
    }
  }

  statuses(): Status[] {
    return this.#on('up/status', statusSchema);
  }

  hellos(): Hello[] {
    return this.#on('up/hello', helloSchema);
  }

  reports(deviceId: string): Reported[] {
    return this.#on(`up/reported/${deviceId}`, reportedSchema);
  }

  batches(): EventBatch[] {
    return this.#on('up/event', eventBatchSchema);
  }

  events(): EventBatch['events'] {
    return this.batches().flatMap((batch) => batch.events);
  }

  results(): Result[] {
    return this.#on('up/result', resultSchema);
  }

  /** The newest result of a command. */
  result(commandId: string): Result | undefined {
    return this.results().findLast((result) => result.command_id === commandId);
  }

  healths(): Health[] {
    return this.#on('up/health', healthSchema);
  }

  /** What was heard on one topic, each message checked by its schema. */
  #on<T>(topic: string, schema: ZodType<T>): T[] {
    const messages = this.heard.filter((message) => message.topic === topic);
    return messages.map((message) => schema.parse(JSON.parse(message.text)));
  }

  async send(topic: string, payload: unknown, retain = false): Promise<void> {
    const bytes = payload instanceof Uint8Array ? Buffer.from(payload) : JSON.stringify(payload);
    await this.#client.publishAsync(this.#root + topic, bytes, { qos: 1, retain });
  }
}

export interface Hub {
  readonly hubId: string;
  readonly store: Store;
  readonly cloud: Cloud;
  readonly woken: string[];
  /** Log lines at level trace, parsed. */
  readonly log: Record<string, unknown>[];
  stop(): Promise<void>;
}

export function openHubStore(dir: string, bounds: NonNullable<StoreOptions['bounds']> = {}): Store {
  const key = HubKey.parse('5a'.repeat(32));
  if (key === undefined) throw new Error('not a key');
  return openStore({ file: path.join(dir, 'hub.db'), key, bounds });
}

/** What a hub without radios says of its machine. */
export const NO_MACHINE = {
  wakeRadios: () => undefined,
  radios: () => [{ radio: 'zwave', state: 'ready', message: 'open' }],
  disk: () => ({ freeBytes: 1_000_000, totalBytes: 2_000_000, room: 'ample' }),
} satisfies Partial<CloudOptions>;

/** A hub without radios: the real store and the real link. Retries come fast. */
export function startHub(scene: Scene, options: Pick<CloudOptions, 'url'> & Partial<CloudOptions>): Hub {
  const store = options.store ?? openHubStore(scene.dir);
  const log: Record<string, unknown>[] = [];
  const woken: string[] = [];
  const hubId = options.hubId ?? 'hub-1';
  const cloud = startCloud({
    hubId,
    bootId: randomUUID(),
    version: '0.0.0-test',
    clock: new SystemClock(),
    policy: POLICY,
    plainCodes: true,
    wake: (deviceId) => woken.push(deviceId),
    ...NO_MACHINE,
    log: pino({ level: 'trace' }, { write: (line: string) => void log.push(JSON.parse(line)) }),
    random: () => 0,
    draw: (below) => randomInt(below),
    ...options,
    store,
  });
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await cloud.stop();
    store.close();
  };
  scene.atEnd(stop);
  return { hubId, store, cloud, woken, log, stop };
}

/** A lock as it is after its interview. */
export function interviewed(deviceId: string): LockState {
  const capabilities = {
    firstSlot: 1,
    lastSlot: 30,
    adminSlots: [],
    pinLength: { min: 4, max: 8 },
    constraints: [],
    nativeScheduling: null,
    weekDaySchedules: 0,
    disabledCodes: false,
    checksum: false,
    offline: null,
  };
  const lock = { ...unmetLock(deviceId), radio: 'zwave', address: 5, model: 'test', online: true } as const;
  return { lock: { ...lock, capabilities }, codes: [], slots: [] };
}

/** One of many events, which its slot tells from the others. */
export function unlocked(slot: number): DomainEvent {
  const lock = '3f1c2b4a-9d8e-4f70-8a1b-5c6d7e8f9012';
  const details = { method: 'keycode', slot };
  return { event_type: 'lock.unlocked', occurredAt: 1_800_000_000_000, device_id: lock, details };
}

/** An entry of a desired document. */
export function entry(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { access_code_id: randomUUID(), name: 'Guest', code: '493817', ...fields };
}

/** A hub in a process of its own (`cloud-child.ts`), so that it can be killed. */
export function spawnHub(scene: Scene, url: string, mode: 'run' | 'die-after-commit'): ChildProcess {
  const program = path.join(import.meta.dirname, 'cloud-child.ts');
  const child = spawn(process.execPath, [program, scene.dir, url, mode], { stdio: 'inherit' });
  scene.atEnd(() => ended(child, 'SIGKILL'));
  return child;
}
